import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, it } from 'vitest';
import { columnOf } from '../../pipeline/columns/column.ts';
import { columnarTable, emptyTable, rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import {
  DeltaTable,
  overwriteDeltaFiles,
  overwriteDeltaTable,
  readDeltaTable,
  writeDataFile,
} from '../../pipeline/delta/table.ts';
import { commitInfoOf, everyType, inFolder, rowsOfEveryType } from './delta_tables.ts';

const schema = { ind: 'bigint', name: 'text' } as const;

function rows(...names: string[]) {
  return tableOfRows(
    schema,
    names.map((name, ind) => ({ ind, name })),
  );
}

async function namesIn(table: DeltaTable, version?: number) {
  const read = await table.read({ columns: ['name'], ...(version === undefined ? {} : { version }) });
  return rowsOf(read).map(({ name }) => name);
}

async function dataFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.parquet')).sort();
}

describe('a Delta table', () => {
  it('reads the rows that were written, of every type', () =>
    fc.assert(
      fc.asyncProperty(rowsOfEveryType, (written) =>
        inFolder(async (folder) => {
          await overwriteDeltaTable(folder, tableOfRows(everyType, written));
          const read = await readDeltaTable(folder);
          expect(read.schema).toEqual(everyType);
          expect(rowsOf(read)).toEqual(written);
        }),
      ),
      { numRuns: 60 },
    ));

  it('has columns but no rows when an empty table is written', () =>
    inFolder(async (folder) => {
      await overwriteDeltaTable(folder, emptyTable(everyType));
      const read = await readDeltaTable(folder);
      expect(read.schema).toEqual(everyType);
      expect(read.length).toBe(0);
    }));

  it('keeps the rows of many row groups in order', () =>
    inFolder(async (folder) => {
      const length = 300_000;
      const numbers = Array.from({ length }, (_, i) => (i % 7 === 0 ? null : i));
      const table = columnarTable(schema, {
        ind: columnOf('bigint', numbers),
        name: columnOf(
          'text',
          numbers.map((i) => (i === null ? null : `name ${i % 1000}`)),
        ),
      });
      await overwriteDeltaTable(folder, table);
      const read = await readDeltaTable(folder);
      expect([...(read.columns.ind ?? [])]).toEqual(numbers);
      expect([...(read.columns.name ?? [])]).toEqual([...(table.columns.name ?? [])]);
    }));

  it('can be read at every version', () =>
    inFolder(async (folder) => {
      const table = await DeltaTable.create(folder, schema);
      await table.append([rows('a'), rows('b')]);
      await table.append([rows('c')]);
      await table.overwrite(rows('d'));
      expect(await namesIn(table, 0)).toEqual([]);
      expect(await namesIn(table, 1)).toEqual(['a', 'b']);
      expect(await namesIn(table, 2)).toEqual(['a', 'b', 'c']);
      expect(await namesIn(table)).toEqual(['d']);
      expect(table.version).toBe(3);
    }));

  it('reads the same through checkpoints, with entries removed before and after them', () =>
    inFolder(async (folder) => {
      const table = await DeltaTable.create(folder, schema);
      const expected: string[] = [];
      for (let commit = 1; commit <= 23; commit += 1) {
        if (commit === 8) {
          await table.overwrite(rows('anew'), { txn: { appId: 'other', version: 5 } });
          expected.splice(0, expected.length, 'anew');
        } else {
          await table.append([rows(`row ${commit}`)], { txn: { appId: 'stream', version: commit } });
          expected.push(`row ${commit}`);
        }
      }
      const log = await readdir(join(folder, '_delta_log'));
      expect(log.filter((name) => name.includes('checkpoint')).sort()).toEqual([
        '00000000000000000010.checkpoint.parquet',
        '00000000000000000020.checkpoint.parquet',
        '_last_checkpoint',
      ]);
      const reopened = await DeltaTable.open(folder);
      expect((await namesIn(reopened)).sort()).toEqual([...expected].sort());
      expect(await reopened.txnVersion('stream')).toBe(23);
      expect(await reopened.txnVersion('other')).toBe(5);
      expect((await namesIn(reopened, 12)).sort()).toEqual(['anew', 'row 10', 'row 11', 'row 12', 'row 9']);
    }));

  it('commits files that were written separately, and removes those that it does not take', () =>
    inFolder(async (folder) => {
      const table = await DeltaTable.create(folder, schema);
      const write = async (...names: string[]) => writeDataFile(folder, rows(...names));
      const files = JSON.parse(JSON.stringify(await Promise.all([write('a', 'b'), write('c')])));
      const txn = { appId: 'batch', version: 1 };
      expect(await table.appendFiles(schema, files, { txn })).toEqual({ version: 1, skipped: false });
      expect(await namesIn(table)).toEqual(['a', 'b', 'c']);

      const again = await write('d');
      expect(await table.appendFiles(schema, [again], { txn })).toEqual({ version: 1, skipped: true });
      const other = await write('e');
      await expect(table.appendFiles({ year: 'int' }, [other])).rejects.toThrow(/do not fit/);
      const late = await write('f');
      await expect(overwriteDeltaFiles(folder, schema, [late], { readVersion: 0 })).rejects.toThrow(
        /Another writer has committed version 1/,
      );
      expect(await dataFiles(folder)).toEqual(files.map(({ path }: { path: string }) => path).sort());

      await overwriteDeltaFiles(folder, schema, [await write('g')], { readVersion: 1 });
      expect(await namesIn(table)).toEqual(['g']);
    }));

  it('has the columns of the table that overwrites it', () =>
    inFolder(async (folder) => {
      await overwriteDeltaTable(folder, rows('a'));
      await overwriteDeltaTable(folder, tableOfRows({ year: 'int' }, [{ year: 2020 }]));
      const read = await readDeltaTable(folder);
      expect(read.schema).toEqual({ year: 'int' });
      expect(rowsOf(read)).toEqual([{ year: 2020 }]);
      expect(rowsOf(await readDeltaTable(folder, { version: 0 }))).toEqual([{ ind: 0, name: 'a' }]);
    }));

  it('records the statistics of a file, with long strings cut to valid bounds', () =>
    inFolder(async (folder) => {
      const written = [
        { name: 'b'.repeat(40), at: Date.parse('0001-01-01T00:00:00Z') },
        { name: null, at: Date.parse('2020-08-28T03:52:47Z') },
      ];
      await overwriteDeltaTable(folder, tableOfRows({ name: 'text', at: 'timestamp' }, written));
      const log = await readFile(join(folder, '_delta_log', `${'0'.repeat(20)}.json`), 'utf8');
      const add = JSON.parse(log.split('\n').find((line) => line.startsWith('{"add"')) ?? '').add;
      expect(JSON.parse(add.stats)).toEqual({
        numRecords: 2,
        minValues: { name: 'b'.repeat(32), at: '0001-01-01T00:00:00.000Z' },
        maxValues: { name: `${'b'.repeat(32)}\u{10FFFF}`, at: '2020-08-28T03:52:47.000Z' },
        nullCount: { name: 1, at: 0 },
      });
    }));

  it('reads the dates that it wrote, and counts them in days like any reader of Delta', () =>
    inFolder(async (folder) => {
      const dates = ['0001-01-01', '1969-12-31', '2020-02-29', '9999-12-31'].map((day) => ({
        day: Date.parse(day),
      }));
      const written = [...dates, { day: null }];
      await overwriteDeltaTable(folder, tableOfRows({ day: 'date' }, written));
      const read = await readDeltaTable(folder);
      expect(read.schema).toEqual({ day: 'date' });
      expect(rowsOf(read)).toEqual(written);
      const log = await readFile(join(folder, '_delta_log', `${'0'.repeat(20)}.json`), 'utf8');
      const add = JSON.parse(log.split('\n').find((line) => line.startsWith('{"add"')) ?? '').add;
      expect(JSON.parse(add.stats)).toMatchObject({
        minValues: { day: '0001-01-01' },
        maxValues: { day: '9999-12-31' },
      });
      const file = await readFile(join(folder, add.path));
      const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
      const rows = await parquetReadObjects({ file: bytes, compressors });
      expect(rows.map(({ day }) => (day instanceof Date ? day.getTime() : day))).toEqual(
        written.map(({ day }) => day),
      );
    }));

  it('keeps the operation and metadata of a commit', () =>
    inFolder(async (folder) => {
      const clock = () => 1_600_000_000_000;
      const table = await DeltaTable.create(folder, schema, { clock });
      await table.append([rows('a')], { operation: 'STREAMING UPDATE', userMetadata: '{"read":1}' });
      expect(await commitInfoOf(table, 1)).toMatchObject({
        timestamp: clock(),
        operation: 'STREAMING UPDATE',
        userMetadata: '{"read":1}',
      });
    }));
});
