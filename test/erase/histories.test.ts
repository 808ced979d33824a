/** Any history of posts, repeats, erasures and returns: the lake is the one of what is left. */
import { appendFileSync, existsSync } from 'node:fs';
import { readFile, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { DeltaTable } from '../../pipeline/delta/table.ts';
import { rowsOfLake } from '../batch/lakes.ts';
import { runInto } from '../batch/run_into.ts';
import { testFolder } from '../support/folder.ts';
import { Choices } from '../support/random.ts';
import { ErasedLake, type Line, randomLines } from './lakes.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

/** More of them with HISTORIES. */
const histories = Number(process.env.HISTORIES ?? 2);

const folder = testFolder('erase');
let world: ErasedLake;
let lakes = 0;
const newWorld = () => {
  lakes += 1;
  world = new ErasedLake(join(folder, `world-${lakes}`));
};
beforeEach(newWorld);

const pinOf = (index: number, text = 'x'): Line => ({
  key: index,
  text: JSON.stringify({ index, category: text, poster_name: `Zoë ${index}`, follower_count: '2k' }),
});
const geoOf = (ind: number): Line => ({ key: ind, text: JSON.stringify({ ind, country: 'Peru' }) });
const userOf = (ind: number): Line => ({
  key: ind,
  text: JSON.stringify({ ind, first_name: 'Ŧhiago', last_name: `Ünal ${ind}`, age: 20 }),
});

async function postAll(...keys: number[]) {
  await world.post(
    'pin',
    keys.map((key) => pinOf(key)),
  );
  await world.post('geo', keys.map(geoOf));
  await world.post('user', keys.map(userOf));
}

const expectLeft = async () => expect(await rowsOfLake(world.lake)).toEqual(await world.expected());

describe(`a lake after erasures (SEED=${seed})`, { timeout: 240_000 }, () => {
  it('is the one of what is left, after each step of random histories', async () => {
    const choices = new Choices(seed);
    for (let history = 0; history < histories; history += 1) {
      newWorld();
      await postAll(1, 2, 3);
      for (let step = 0; step < 6; step += 1) {
        const keys = Array.from({ length: 1 + choices.below(2) }, () => 1 + choices.below(9));
        switch (choices.below(5)) {
          case 0:
            await world.erase(keys, choices.oneIn(2));
            break;
          case 1:
            // Killed right after its commit: the next batch, or the next erasure, goes on.
            await world.commitErasure(keys, choices.oneIn(2));
            break;
          default: {
            const dataset = choices.of('pin', 'geo', 'user');
            await world.post(dataset, randomLines(choices, dataset), choices.oneIn(3));
          }
        }
        await world.batch();
        await expectLeft();
      }
      await world.carryOut();
      await expectLeft();
      // Read as if for the first time: landing files hold nothing that was erased.
      const { landing } = await world.batch();
      expect(landing.files).toBe(0);
    }
  });

  it('has its answers anew when the command ends, and reads no file again', async () => {
    await postAll(1, 2, 3);
    await world.batch();
    const erased = await world.erase([2, 7]);
    await expectLeft();
    expect(erased.tables.filter(({ rows }) => rows > 0)).toEqual(
      ['pin', 'geo', 'user'].map((name) => ({ table: `silver/${name}`, rows: 1, files: 1 })),
    );
    expect(erased.landing.files.map(({ lines, isAll }) => ({ lines, isAll }))).toEqual(
      Array.from({ length: 3 }, () => ({ lines: 1, isAll: false })),
    );
    expect((await world.batch()).landing).toMatchObject({ files: 0, filesBefore: 3 });
    expect(await world.carryOut()).toMatchObject({ landing: { files: [] } });
  });

  it('is put right by the next batch when an erasure was killed after its commit', async () => {
    await postAll(1, 2, 3);
    await world.post('pin', [{ text: '{"index":2,', key: 2 }]);
    await world.batch();
    await world.commitErasure([2], true);
    await world.post('pin', [pinOf(2, 'right')]);
    await world.batch();
    await expectLeft();
    await world.commitErasure([3]);
    await world.batch();
    await expectLeft();
    await world.carryOut();
    await expectLeft();
  });

  it('drops and counts what comes later, for ever or until it is posted anew', async () => {
    await postAll(1, 2, 3);
    await world.batch();
    await world.erase([1]);
    await world.erase([2], true);
    await world.post('pin', [pinOf(1, 'late'), pinOf(2, 'right'), pinOf(3), { text: '{"index":1,', key: 1 }]);
    const { landing } = await world.batch();
    expect(landing.totals.pin).toMatchObject({
      read: 4,
      kept: 1,
      repeated: 1,
      erased: 2,
      quarantined: { malformed_json: 0 },
    });
    await expectLeft();
    await world.erase([2]);
    await expectLeft();
  });

  it('keeps what returned when the files of landing are read anew', async () => {
    await postAll(1, 2);
    await world.erase([1], true);
    await world.post('pin', [pinOf(1, 'right'), pinOf(9)]);
    await world.batch();
    // The file of what returned is written again, and so is newer than the erasure; what came before it is not there any more.
    await world.erase([9]);
    for (const name of ['silver', 'quarantine', 'gold', 'files_read']) {
      await rm(join(world.lake, name), { recursive: true });
    }
    await world.batch();
    await expectLeft();
    // Tables that are made anew are free of what was erased before, so nothing is taken out of them once more.
    await world.batch();
    await expectLeft();
  });

  it('is not written by a batch whose landing files change while it reads them', async () => {
    await postAll(1, 2);
    await world.batch();
    await world.erase([1]);
    const path = await world.post('pin', [pinOf(5)]);
    const before = await rowsOfLake(world.lake);
    const onProgress = (bytes: number) => {
      if (bytes === 0) {
        appendFileSync(join(world.landing, path), 'more\n');
      }
    };
    const reading = runInto(world.lake, world.landing, { onProgress });
    await expect(reading).rejects.toThrow(`${path} was changed or removed while it was read`);
    expect(await rowsOfLake(world.lake)).toEqual(before);
  });

  it('has a raw copy without the lines, from which files that are gone are read anew', async () => {
    await postAll(1, 2, 3);
    await runInto(world.lake, world.landing, { bronze: true });
    const topics = join(world.landing, 'topics');
    await rm(join(topics, 'geo'), { recursive: true });
    const { tables } = await world.erase([2]);
    expect(tables.filter(({ table }) => table.startsWith('bronze/')).map(({ rows }) => rows)).toEqual([
      1, 1, 1,
    ]);
    await world.batch();
    await expectLeft();
    await rm(join(topics, 'pin'), { recursive: true });
    await rm(join(world.lake, 'silver'), { recursive: true });
    expect((await world.batch()).landing).toMatchObject({ filesFromBronze: 2 });
    await expectLeft();
  });

  it('has landing files without the lines, packed ones too, and without those that have no other', async () => {
    const some = await world.post('pin', [pinOf(1), { text: 'rubbish', key: undefined }, pinOf(2)]);
    const packed = await world.post('geo', [geoOf(2), geoOf(1)], true);
    const all = await world.post('user', [userOf(2), userOf(2)]);
    // A link: what it leads to holds the lines.
    const linked = join(folder, 'elsewhere.json');
    await rename(join(world.landing, some), linked);
    await symlink(linked, join(world.landing, some));
    await world.batch();
    await world.erase([2]);
    const read = (path: string) => readFile(join(world.landing, path));
    expect((await read(some)).toString()).toBe(`${pinOf(1).text}\nrubbish\n`);
    expect(gunzipSync(await read(packed)).toString()).toBe(`${geoOf(1).text}\n`);
    expect((await readFile(linked)).toString()).not.toContain('Zoë 2');
    expect(existsSync(join(world.landing, all))).toBe(false);
    await expectLeft();
    // A changed rule reads all files of the record: none of them is gone.
    const record = await DeltaTable.open(join(world.lake, 'files_read'));
    const { columns, length } = await record.read();
    const files = Array.from({ length }, (_, row) => columns.file?.at(row));
    expect(files).not.toContain(all);
    expect(files).toContain(some);
  });
});
