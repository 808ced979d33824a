/** The raw copy of landing files, read in place of those that are gone. */
import { appendFile, cp, readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { rowsOf } from '../../pipeline/columns/table.ts';
import { pin, user } from '../../pipeline/datasets/index.ts';
import { maintainTable } from '../../pipeline/delta/maintain/maintain.ts';
import { DeltaTable, readDeltaTable } from '../../pipeline/delta/table.ts';
import { printedBatch } from '../../pipeline/ui/batch_outputs.ts';
import { testFolder } from '../support/folder.ts';
import { land } from '../support/landing.ts';
import { startProgram } from '../support/process.ts';
import { changedGeo, expectLakeOf, files, landFirst, recordOf, rowsOfLake } from './lakes.ts';
import { runInto } from './run_into.ts';

const folder = testFolder('batch-bronze');
const landing = join(folder, 'landing');
const lake = join(folder, 'lake');
const changed = { datasets: [pin, changedGeo, user] };

/** Odd files of geo: bytes that are not UTF-8, blank lines, marks, carriage returns, no last line end, no line at all, gzip. */
const odd = {
  bytes: 'topics/geo/partition=1/geo+1+0000000000.json',
  packed: 'topics/geo/partition=1/geo+1+0000000010.json.gz',
  empty: 'topics/geo/partition=1/geo+1+0000000020.json.gz',
};
const invalid = Buffer.from([0x22, 0xff, 0xc3, 0x0a]);
const mark = Buffer.from([0xef, 0xbb, 0xbf]);

async function landOdd() {
  const line = Buffer.from('{"ind":7,"country":"Peru","timestamp":"a"}\r\n\n');
  await land(landing, odd.bytes, Buffer.concat([mark, mark, line, invalid, line, Buffer.from('{"ind":8}')]));
  await land(landing, odd.packed, gzipSync(Buffer.concat([line, line, Buffer.from('bad')])));
  await land(landing, odd.empty, gzipSync(''));
}

beforeEach(async () => {
  await landFirst(landing);
  await landOdd();
});

/** The files and lines of a copy, in their order. */
async function copied(dataset: string, at = lake) {
  const rows = rowsOf(await readDeltaTable(join(at, 'bronze', dataset)));
  return rows.map(({ file, start, line, bytes }) => ({ file, start, line, bytes }));
}

/** Silver and quarantine of geo by other rules, from all landing files. */
async function changedFromScratch() {
  const fresh = join(folder, 'fresh');
  await rm(fresh, { recursive: true, force: true });
  await runInto(fresh, landing, changed);
  return rowsOfGeo(fresh);
}
async function rowsOfGeo(at = lake) {
  const tables = ['silver/geo', 'quarantine/geo'].map((table) => readDeltaTable(join(at, table)));
  return (await Promise.all(tables)).map((table) =>
    rowsOf(table)
      .map((row) => JSON.stringify(row))
      .sort(),
  );
}

const goneFiles = (paths: readonly string[]) => Promise.all(paths.map((path) => rm(join(landing, path))));

describe('a raw copy', () => {
  it('has each line of each file once with its place, whatever bytes it has, and a row of each file', async () => {
    await runInto(lake, landing, { bronze: true });
    const text = '{"ind":7,"country":"Peru","timestamp":"a"}\r';
    expect(await copied('geo')).toEqual([
      { file: files.geo0, start: null, line: null, bytes: null },
      { file: files.geo0, start: 0, line: '{"ind":1,"country":"Peru"}', bytes: null },
      { file: files.geo0, start: 27, line: '{"country":"no key"}', bytes: null },
      { file: odd.bytes, start: null, line: null, bytes: null },
      { file: odd.bytes, start: 3, line: `\ufeff${text}`, bytes: null },
      { file: odd.bytes, start: 50, line: '', bytes: null },
      { file: odd.bytes, start: 51, line: null, bytes: Buffer.from([0x22, 0xff, 0xc3]).toString('base64') },
      { file: odd.bytes, start: 55, line: text, bytes: null },
      { file: odd.bytes, start: 99, line: '', bytes: null },
      { file: odd.bytes, start: 100, line: '{"ind":8}', bytes: null },
      { file: odd.packed, start: null, line: null, bytes: null },
      { file: odd.packed, start: 0, line: text, bytes: null },
      { file: odd.packed, start: 44, line: '', bytes: null },
      { file: odd.packed, start: 45, line: text, bytes: null },
      { file: odd.packed, start: 89, line: '', bytes: null },
      { file: odd.packed, start: 90, line: 'bad', bytes: null },
      { file: odd.empty, start: null, line: null, bytes: null },
    ]);
    const [row] = rowsOf(await readDeltaTable(join(lake, 'bronze/geo')));
    expect(row).toMatchObject({ size: 48, modified: expect.any(Number) });
  });

  it('is made only where it was asked for, then of all files that are there, and kept from then on', async () => {
    await runInto(lake, landing);
    expect(await readdir(lake)).not.toContain('bronze');
    await runInto(lake, landing, { bronze: true });
    expect(await copied('pin')).toHaveLength(1 + 3);
    await land(landing, files.pin1, ['{"index":2}', 'more']);
    await runInto(lake, landing);
    expect((await copied('pin')).slice(4)).toMatchObject([
      { file: files.pin1, start: null },
      { file: files.pin1, start: 0 },
      { file: files.pin1, start: 12 },
    ]);
    const { version } = await DeltaTable.open(join(lake, 'bronze/pin'));
    await runInto(lake, landing, { bronze: true });
    expect((await DeltaTable.open(join(lake, 'bronze/pin'))).version).toBe(version);
    await expectLakeOf(lake, landing);
  });

  it('is read in place of files that are gone when a rule has changed, again and again', async () => {
    await runInto(lake, landing, { bronze: true });
    const expected = await changedFromScratch();
    await goneFiles([files.geo0, odd.bytes, odd.empty]);
    const result = await runInto(lake, landing, changed);
    expect(result.landing).toMatchObject({ files: 4, filesFromBronze: 3 });
    expect(printedBatch(result)).toContain('Read from 4 landing files (3 gone, from bronze) in');
    expect(await rowsOfGeo()).toEqual(expected);
    await goneFiles([odd.packed, files.pin0, files.user0]);
    const before = await rowsOfLake(lake, [pin, user]).catch(() => ({}));
    expect((await runInto(lake, landing)).landing).toMatchObject({ files: 4, filesFromBronze: 4 });
    expect(await rowsOfLake(lake, [pin, user]).catch(() => ({}))).toEqual(before);
    expect(await recordOf(lake)).toHaveLength(6);
    await landFirst(landing);
    await landOdd();
    const fresh = join(folder, 'whole');
    await runInto(fresh, landing);
    expect(await rowsOfGeo()).toEqual(await rowsOfGeo(fresh));
  });

  it('holds the last form of a file that was changed, which is the one that is read', async () => {
    await runInto(lake, landing, { bronze: true });
    await land(landing, files.geo0, ['{"ind":5,"timestamp":"now"}', 'worse']);
    await runInto(lake, landing);
    // Both forms lie in one data file now.
    const { removedFiles } = await maintainTable(join(lake, 'bronze/geo'), { isDryRun: false });
    expect(removedFiles).toBe(2);
    const expected = await changedFromScratch();
    await goneFiles([files.geo0]);
    await runInto(lake, landing, changed);
    expect(await rowsOfGeo()).toEqual(expected);
  });

  it('leaves out a file that cannot be read to its end until it can', async () => {
    await land(landing, files.pin1, ['{"index":2}']);
    const broken = `${files.pin1}.gz`;
    await land(landing, broken, Buffer.from('no gzip'));
    await runInto(lake, landing, { bronze: true });
    expect(JSON.stringify(await copied('pin'))).not.toContain(broken);
    await land(landing, broken, gzipSync('{"index":3}\n'));
    await runInto(lake, landing);
    expect((await copied('pin')).filter(({ file }) => file === broken)).toHaveLength(2);
  });

  it('without a file that is gone leaves the change refused, naming it, and nothing is changed', async () => {
    await runInto(lake, landing);
    await goneFiles([files.geo0]);
    await runInto(lake, landing, { bronze: true });
    const before = await rowsOfLake(lake);
    await goneFiles([odd.bytes]);
    await expect(runInto(lake, landing, changed)).rejects.toThrow(
      /A rule of geo has changed, and 1 of the files that were read no longer exist, the first topics\/a\.geo\S+, nor has bronze\/geo their lines: bring them back, or move/,
    );
    expect(await rowsOfLake(lake)).toEqual(before);
  });
});

class Stopped extends Error {}
const stoppedAfter = (step: number) => (written: number) => {
  if (written === step) {
    throw new Stopped();
  }
};

/** The writes of a run that reads files of all datasets: the record, three copies, two layers of three, answers, the record. */
const [copies, layers] = [1 + 3, 1 + 3 + 6];

describe('the retention of a raw copy', () => {
  it('removes whole files that were last changed before it, and what they held is refused again', async () => {
    await utimes(join(landing, odd.bytes), new Date(), new Date(Date.now() - 40 * 86_400_000));
    await runInto(lake, landing, { bronze: true });
    await goneFiles([files.geo0, odd.bytes]);
    await runInto(lake, landing, changed);
    const { output } = await startProgram(
      'pipeline/commands/maintain.ts',
      '--lake',
      lake,
      '--bronze-days',
      '30',
    ).ended;
    expect(output).toMatch(/bronze\/geo: 7 old rows removed/);
    expect((await copied('geo')).map(({ file }) => file)).toEqual(
      [files.geo0, odd.packed, odd.empty].flatMap((file, i) => Array([3, 6, 1][i]).fill(file)),
    );
    await expect(runInto(lake, landing)).rejects.toThrow(/1 of the files .*partition=1\/geo\+1\+0000000000/);
  });
});

describe('a run that keeps a raw copy', () => {
  it('stopped after any table that it writes, and run again, has each line once', async () => {
    const begun = join(folder, 'begun');
    await runInto(begun, landing, { bronze: true });
    await land(landing, files.pin1, ['{"index":2}', 'more']);
    await appendFile(join(landing, files.user0), '{"ind":9}\nbad\n');
    for (const like of [undefined, begun]) {
      const start = async (at: string) => {
        await rm(at, { recursive: true, force: true });
        await (like && cp(like, at, { recursive: true }));
      };
      const whole = join(folder, 'whole');
      await start(whole);
      await runInto(whole, landing, { bronze: true });
      for (const step of [1, 2, copies, layers]) {
        await start(lake);
        const stopped = runInto(lake, landing, { bronze: true, onTable: stoppedAfter(step) });
        await expect(stopped).rejects.toBeInstanceOf(Stopped);
        await runInto(lake, landing, { bronze: true });
        await expectLakeOf(lake, landing);
        for (const dataset of ['pin', 'user']) {
          expect(await copied(dataset)).toEqual(await copied(dataset, whole));
        }
      }
    }
  });

  it('stopped while it reads gone files again, comes to the same, also when the rules change back', async () => {
    const begun = join(folder, 'begun');
    await runInto(begun, landing, { bronze: true });
    const expected = [await changedFromScratch(), await rowsOfGeo(begun)];
    await goneFiles([files.geo0, ...Object.values(odd)]);
    // The record, the copy of geo, two layers of pin and of geo, those of user, the record.
    for (const step of [1, 2, 5, 6, 9]) {
      for (const [i, rules] of [changed, {}].entries()) {
        await rm(lake, { recursive: true, force: true });
        await cp(begun, lake, { recursive: true });
        const stopped = runInto(lake, landing, { ...changed, onTable: stoppedAfter(step) });
        await expect(stopped).rejects.toBeInstanceOf(Stopped);
        await runInto(lake, landing, rules);
        expect(await rowsOfGeo()).toEqual(expected[i]);
      }
    }
  });

  it('beside another copies no line twice', async () => {
    await runInto(lake, landing, { bronze: true });
    await land(landing, files.pin1, ['{"index":2}', 'more']);
    const outcomes = await Promise.allSettled([0, 1].map(() => runInto(lake, landing)));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    await runInto(lake, landing);
    expect((await copied('pin')).filter(({ file }) => file === files.pin1)).toHaveLength(3);
  });
});
