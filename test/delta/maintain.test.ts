import { copyFile, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { maintainTable, tablesBelow } from '../../pipeline/delta/maintain/maintain.ts';
import { DeltaTable, overwriteDeltaTable, readDeltaTable } from '../../pipeline/delta/table.ts';
import { localStore } from '../../pipeline/storage/local.ts';
import { inFolder } from './delta_tables.ts';
import { numbersIn, rows, schema, tableOf, upTo } from './numbered_rows.ts';

const hour = 3600 * 1000;
const day = 24 * hour;

async function parquetIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.parquet'));
}

async function actionsOf(folder: string, version: number) {
  const file = join(folder, '_delta_log', `${String(version).padStart(20, '0')}.json`);
  return (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Makes files as old as so many milliseconds. */
async function age(folder: string, milliseconds: number, which = (_: string) => true): Promise<void> {
  const time = (Date.now() - milliseconds) / 1000;
  for (const name of (await readdir(folder)).filter(which)) {
    await utimes(join(folder, name), time, time);
  }
}

describe('maintaining a Delta table', () => {
  it('merges many files into one, in one commit that changes no row', () =>
    inFolder(async (folder) => {
      await tableOf(folder, 12);
      expect(await maintainTable(folder, { isDryRun: false })).toMatchObject({
        removedFiles: 12,
        addedFiles: 1,
        unneededFiles: 0,
        version: 13,
        liveFiles: 1,
      });
      expect(await numbersIn(folder)).toEqual(upTo(12));
      expect(await numbersIn(folder, 12)).toEqual(upTo(12));
      const [{ commitInfo }, ...actions] = await actionsOf(folder, 13);
      expect(commitInfo).toMatchObject({
        operation: 'OPTIMIZE',
        isBlindAppend: false,
        operationMetrics: { numRemovedFiles: '12', numAddedFiles: '1' },
      });
      const adds = actions.flatMap(({ add }) => add ?? []);
      expect(actions.map(({ add, remove }) => (add ?? remove).dataChange)).toEqual(Array(13).fill(false));
      expect(JSON.parse(adds[0].stats)).toMatchObject({
        numRecords: 12,
        minValues: { number: 1 },
        maxValues: { number: 12 },
      });
      const log = await readdir(join(folder, '_delta_log'));
      expect(log).toContain('00000000000000000013.checkpoint.parquet');
      expect(await maintainTable(folder, { isDryRun: false })).toMatchObject({
        removedFiles: 0,
        version: 13,
      });
    }));

  it('leaves large files alone, and makes several files when one would be too large', () =>
    inFolder(async (folder) => {
      const table = await DeltaTable.create(folder, schema);
      await table.append([rows(...upTo(5000))]);
      for (let number = 5001; number <= 5012; number += 1) {
        await table.append([rows(number)]);
      }
      const done = await maintainTable(folder, { isDryRun: false, fileSize: 3000 });
      expect(done).toMatchObject({ removedFiles: 12, liveFiles: 1 + done.addedFiles });
      expect(done.addedFiles).toBeGreaterThan(1);
      expect((await numbersIn(folder)).sort((a, b) => a - b)).toEqual(upTo(5012));
    }));

  it('continues when others append meanwhile, and leaves out what others have removed', () =>
    inFolder(async (folder) => {
      const table = await tableOf(folder, 3);
      const inner = localStore(folder);
      const meanwhile = [() => table.append([rows(4)]), () => table.append([rows(5)])];
      const storage = {
        ...inner,
        putIfAbsent: async (path: string, bytes: Uint8Array) => {
          await meanwhile.shift()?.();
          return inner.putIfAbsent(path, bytes);
        },
      };
      expect(await maintainTable(folder, { isDryRun: false, storage })).toMatchObject({
        removedFiles: 3,
        version: 6,
        liveFiles: 3,
      });
      expect((await numbersIn(folder)).sort()).toEqual(upTo(5));

      meanwhile.push(() => table.overwrite(rows(9)));
      expect(await maintainTable(folder, { isDryRun: false, storage })).toMatchObject({
        removedFiles: 0,
        version: 7,
        liveFiles: 1,
      });
      expect(await numbersIn(folder)).toEqual([9]);
      expect(await parquetIn(folder)).toHaveLength(7);
    }));

  it('does not conflict with a write that requires unchanged rows', () =>
    inFolder(async (folder) => {
      const table = await tableOf(folder, 3);
      await maintainTable(folder, { isDryRun: false });
      expect(await table.append([rows(4)], { readVersion: 3 })).toMatchObject({ version: 5 });
      await maintainTable(folder, { isDryRun: false });
      const storage = localStore(folder);
      const put = storage.putIfAbsent;
      const compacting = {
        ...storage,
        putIfAbsent: async (path: string, bytes: Uint8Array) => {
          if (path.endsWith('8.json')) {
            await maintainTable(folder, { isDryRun: false });
          }
          return put(path, bytes);
        },
      };
      await table.append([rows(5)]);
      await overwriteDeltaTable(folder, rows(6), { storage: compacting, readVersion: 7 });
      expect(await numbersIn(folder)).toEqual([6]);
      await expect(table.append([rows(7)], { readVersion: 7 })).rejects.toThrow(/Another writer/);
    }));

  it('deletes files that left the table longer ago than the retention', () =>
    inFolder(async (folder) => {
      const table = await tableOf(folder, 2);
      await table.overwrite(rows(3));
      const later = (time: number) => ({ isDryRun: false, clock: () => Date.now() + time });
      expect(await maintainTable(folder, later(6 * day))).toMatchObject({ unneededFiles: 0 });
      expect(await numbersIn(folder, 2)).toEqual([1, 2]);
      const short = { ...later(6 * day), retained: 7 * 24 * hour - 2 * day };
      expect(await maintainTable(folder, short)).toMatchObject({ unneededFiles: 2 });
      await expect(readDeltaTable(folder, { version: 2 })).rejects.toThrow(/no such file/);
      expect(await numbersIn(folder)).toEqual([3]);
    }));

  it('keeps files longer than the table’s own retention when asked to', () =>
    inFolder(async (folder) => {
      const table = await tableOf(folder, 11);
      await table.overwrite(rows(12));
      const clock = () => Date.now() + 8 * day;
      await age(folder, 9 * day);
      expect(await maintainTable(folder, { isDryRun: false, clock, retained: 20 * day })).toMatchObject({
        unneededFiles: 0,
      });
      expect(await numbersIn(folder, 11)).toEqual(upTo(11));
      expect(await maintainTable(folder, { isDryRun: false, clock })).toMatchObject({ unneededFiles: 11 });
    }));

  it('keeps uncommitted files for the retention, an hour at least, and files that are not data files', () =>
    inFolder(async (folder) => {
      await tableOf(folder, 1);
      const [file = ''] = await parquetIn(folder);
      await copyFile(join(folder, file), join(folder, 'part-young.parquet'));
      await copyFile(join(folder, file), join(folder, 'part-old.parquet'));
      await writeFile(join(folder, '_delta_log', '.00000000000000000009.json.killed.tmp'), '{"add"');
      await writeFile(join(folder, 'NOTES.txt'), 'mine');
      await age(folder, 2 * hour, (name) => name !== 'part-young.parquet' && name !== '_delta_log');
      await age(join(folder, '_delta_log'), 2 * hour, (name) => name.endsWith('.tmp'));
      expect(await maintainTable(folder, { isDryRun: false })).toMatchObject({ unneededFiles: 0 });
      expect(await maintainTable(folder, { isDryRun: false, retained: 0 })).toMatchObject({
        unneededFiles: 1,
      });
      expect((await readdir(folder)).sort()).toEqual(
        ['NOTES.txt', '_delta_log', file, 'part-young.parquet'].sort(),
      );
      expect(await readdir(join(folder, '_delta_log'))).not.toContainEqual(expect.stringMatching(/tmp$/));
      expect(await numbersIn(folder)).toEqual([1]);
    }));

  it('removes log entries before a checkpoint when they are older than thirty days', () =>
    inFolder(async (folder) => {
      const log = join(folder, '_delta_log');
      await tableOf(folder, 25);
      await age(log, 31 * day, (name) => Number(name.slice(0, 20)) <= 22);
      expect(await maintainTable(folder, { isDryRun: false })).toMatchObject({ logFiles: 21 });
      expect((await readdir(log)).sort()[0]).toBe('00000000000000000020.checkpoint.parquet');
      expect(await numbersIn(folder)).toEqual(upTo(25));
      expect(await numbersIn(folder, 21)).toEqual(upTo(21));
      await expect(readDeltaTable(folder, { version: 19 })).rejects.toThrow(/cannot be read at that version/);
    }));

  it('removes no log entry for a checkpoint that is damaged', () =>
    inFolder(async (folder) => {
      const log = join(folder, '_delta_log');
      await tableOf(folder, 12);
      await writeFile(join(log, '00000000000000000010.checkpoint.parquet'), 'PAR1 no more');
      await age(log, 31 * day);
      const warnings: string[] = [];
      const options = { isDryRun: false, warn: (message: string) => warnings.push(message) };
      expect(await maintainTable(folder, options)).toMatchObject({ logFiles: 0, version: 13 });
      expect(warnings).toEqual([
        expect.stringMatching(/0010\.checkpoint\.parquet cannot be read.*The log was read without it/),
        expect.stringMatching(/0010\.checkpoint\.parquet cannot be read.*No log entry was removed/),
      ]);
      expect(await numbersIn(folder, 3)).toEqual(upTo(3));
    }));

  it('reports in a dry run what it would do, and does nothing', () =>
    inFolder(async (folder) => {
      const table = await tableOf(folder, 4);
      await table.overwrite(rows(5));
      await table.append([rows(6)]);
      const before = await readdir(folder, { recursive: true });
      const clock = () => Date.now() + 8 * day;
      expect(await maintainTable(folder, { isDryRun: true, clock })).toMatchObject({
        removedFiles: 2,
        addedFiles: 1,
        unneededFiles: 4,
        version: 6,
      });
      expect(await readdir(folder, { recursive: true })).toEqual(before);
    }));

  it('respects the retention properties of the table', () =>
    inFolder(async (folder) => {
      const table = await tableOf(folder, 1);
      await table.overwrite(rows(2));
      const [, { metaData }] = (await actionsOf(folder, 0)).slice(1);
      const configuration = { 'delta.deletedFileRetentionDuration': 'interval 2 hours' };
      const entry = join(folder, '_delta_log', '00000000000000000003.json');
      await writeFile(entry, JSON.stringify({ metaData: { ...metaData, configuration } }));
      const clock = () => Date.now() + 3 * hour;
      expect(await maintainTable(folder, { isDryRun: false, clock })).toMatchObject({ unneededFiles: 1 });
    }));

  it('finds every table below a lake, and does not list landing files', () =>
    inFolder(async (lake) => {
      for (const path of ['silver/pin', 'gold/a', 'stream/silver/pin', 'topics/odd']) {
        await overwriteDeltaTable(join(lake, path), rows(1));
      }
      const found = ['gold/a', 'silver/pin', 'stream/silver/pin'].map((path) => join(lake, path));
      expect(await tablesBelow(lake)).toEqual(found);
      expect(await tablesBelow(join(lake, 'gold', 'a'))).toEqual([join(lake, 'gold', 'a')]);
      await expect(tablesBelow(join(lake, 'none'))).rejects.toThrow(/Could not list .*none/);
    }));
});
