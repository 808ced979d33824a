import { chmod, link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import { DeltaConflictError } from '../../pipeline/delta/error.ts';
import { maintainTable } from '../../pipeline/delta/maintain/maintain.ts';
import { DeltaTable, overwriteDeltaTable, readDeltaTable } from '../../pipeline/delta/table.ts';
import { withFileErrors } from '../../pipeline/storage/error.ts';
import { killAt } from '../support/kill.ts';
import { type NodeProcess, startProgram } from '../support/process.ts';
import { inFolder } from './delta_tables.ts';

const schema = { writer: 'text', number: 'bigint' } as const;

function row(writer: string, number: number) {
  return tableOfRows(schema, [{ writer, number }]);
}

function entry(folder: string, version: number): string {
  return join(folder, '_delta_log', `${String(version).padStart(20, '0')}.json`);
}

function startWriter(folder: string, name: string, count: number): NodeProcess {
  return startProgram('test/delta/commit_child.ts', folder, name, String(count));
}

async function numbersOf(folder: string, writer: string) {
  const rows = rowsOf(await readDeltaTable(folder));
  return rows.filter((found) => found.writer === writer).map(({ number }) => Number(number));
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

async function parquetFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.parquet'));
}

describe('commits of a Delta table', () => {
  it(
    'keep per-process order when two processes append, each commit once',
    () =>
      inFolder(async (folder) => {
        await DeltaTable.create(folder, schema);
        const writers = ['a', 'b'].map((name) => startWriter(folder, name, 30));
        const ends = await Promise.all(writers.map(({ ended }) => ended));
        expect(ends.map(({ status }) => status)).toEqual([0, 0]);
        expect(await numbersOf(folder, 'a')).toEqual(upTo(30));
        expect(await numbersOf(folder, 'b')).toEqual(upTo(30));
        expect((await DeltaTable.open(folder)).version).toBe(60);
      }),
    60_000,
  );

  it(
    'of a killed process are atomic, and the next writer continues',
    () =>
      inFolder(async (folder) => {
        await DeltaTable.create(folder, schema);
        for (const told of [1, 12, 5]) {
          const writer = startWriter(folder, 'a', 1_000);
          await killAt(told, writer, (moment) => {
            writer.onLine(moment);
            return () => {};
          });
          const table = await DeltaTable.open(folder);
          const last = (await table.txnVersion('a')) ?? 0;
          expect(await numbersOf(folder, 'a')).toEqual(upTo(last));
        }
      }),
    60_000,
  );

  it(
    'of a writer are each made once beside maintenance, whichever process is killed at any moment',
    () =>
      inFolder(async (folder) => {
        await DeltaTable.create(folder, schema);
        let last = 0;
        for (const [killed, lines] of [
          ['maintenance', 1],
          ['writer', 9],
          ['maintenance', 2],
          ['writer', 4],
        ] as const) {
          const writer = startWriter(folder, 'a', 1_000);
          const maintenance = startProgram('test/delta/maintain_child.ts', folder);
          const [victim, other] = killed === 'writer' ? [writer, maintenance] : [maintenance, writer];
          // A repeated commit is skipped: a writer that has progressed passes a higher number.
          const goal = last + lines;
          await victim.until(() =>
            killed === 'writer' ? Number(victim.lines.at(-1)) >= goal : victim.lines.length >= lines,
          );
          victim.kill();
          await victim.ended;
          await other.until(() =>
            killed === 'writer' ? other.lines.length >= 1 : Number(other.lines.at(-1)) > last,
          );
          other.kill();
          await other.ended;
          const table = await DeltaTable.open(folder);
          last = (await table.txnVersion('a')) ?? 0;
          expect((await numbersOf(folder, 'a')).sort((a, b) => a - b)).toEqual(upTo(last));
        }
        expect(last).toBeGreaterThan(9);
        await maintainTable(folder, { isDryRun: false });
        expect((await numbersOf(folder, 'a')).sort((a, b) => a - b)).toEqual(upTo(last));
      }),
    120_000,
  );

  it('are skipped when their txn was committed before', () =>
    inFolder(async (folder) => {
      const table = await DeltaTable.create(folder, schema);
      const txn = { appId: 'stream', version: 7 };
      expect(await table.append([row('a', 1)], { txn })).toEqual({ version: 1, skipped: false });
      expect(await table.append([row('a', 1)], { txn })).toEqual({ version: 1, skipped: true });
      const other = await DeltaTable.open(folder);
      expect(await other.append([row('a', 1)], { txn })).toEqual({ version: 1, skipped: true });
      expect(await parquetFiles(folder)).toHaveLength(1);
      expect(await other.txnVersion('stream')).toBe(7);
      expect(await other.txnVersion('never')).toBeUndefined();
    }));

  it('write a txn once when two writers commit it at the same time', () =>
    inFolder(async (folder) => {
      await DeltaTable.create(folder, schema);
      const tables = await Promise.all([DeltaTable.open(folder), DeltaTable.open(folder)]);
      const results = await Promise.all(
        tables.map((table) => table.append([row('a', 1)], { txn: { appId: 's', version: 1 } })),
      );
      expect(results.map(({ skipped }) => skipped).sort()).toEqual([false, true]);
      expect(await numbersOf(folder, 'a')).toEqual([1]);
      expect(await parquetFiles(folder)).toHaveLength(1);
    }));

  it('change nothing and throw when an overwrite loses the race', () =>
    inFolder(async (folder) => {
      await DeltaTable.create(folder, schema);
      const tables = await Promise.all([DeltaTable.open(folder), DeltaTable.open(folder)]);
      const results = await Promise.allSettled(tables.map((table, i) => table.overwrite(row('a', i))));
      const lost = results.filter((result) => result.status === 'rejected');
      expect(lost.map(({ reason }) => String(reason))).toEqual([
        expect.stringMatching(/^DeltaConflictError: Another writer has committed version 1 .* first/),
      ]);
      expect(await numbersOf(folder, 'a')).toHaveLength(1);
      expect(await parquetFiles(folder)).toHaveLength(1);
    }));

  it('are made only on top of readVersion, where one is given', () =>
    inFolder(async (folder) => {
      expect(await DeltaTable.openIfExists(folder)).toBeUndefined();
      await overwriteDeltaTable(folder, row('a', 0), { readVersion: -1 });
      await expect(overwriteDeltaTable(folder, row('a', 1), { readVersion: -1 })).rejects.toThrow(
        /committed version 0 .* first/,
      );
      const table = await DeltaTable.open(folder);
      const readVersion = table.version;
      const race = await Promise.allSettled(
        [1, 2, 3].map(async (number) =>
          (await DeltaTable.open(folder)).append([row('a', number)], { readVersion }),
        ),
      );
      expect(race.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
      await expect(table.append([row('a', 4)], { readVersion })).rejects.toBeInstanceOf(DeltaConflictError);
      await expect(table.overwrite(row('a', 5), { readVersion })).rejects.toBeInstanceOf(DeltaConflictError);
      expect(await numbersOf(folder, 'a')).toHaveLength(2);
      expect(await parquetFiles(folder)).toHaveLength(2);
      expect(await table.commitInfo(1)).toMatchObject({ isBlindAppend: false });
    }));

  it('refuse an append after another writer has changed the columns', () =>
    inFolder(async (folder) => {
      const table = await DeltaTable.create(folder, schema);
      await overwriteDeltaTable(folder, tableOfRows({ year: 'int' }, [{ year: 2020 }]));
      await expect(table.append([row('a', 1)])).rejects.toThrow(
        /do not fit .*: year \(missing, not int\), writer \(text, not there\), number \(bigint, not there\)/,
      );
    }));

  it('that were never made leave the old version, whatever files are left over', () =>
    inFolder(async (folder) => {
      await overwriteDeltaTable(folder, row('old', 1));
      const [file = ''] = await parquetFiles(folder);
      await link(join(folder, file), join(folder, `part-00000-killed-${file}`));
      await writeFile(join(folder, '_delta_log', `.${'0'.repeat(19)}1.json.killed.tmp`), '{"add":{"pa');
      await overwriteDeltaTable(folder, row('new', 2));
      expect(rowsOf(await readDeltaTable(folder, { version: 0 }))).toEqual([{ writer: 'old', number: 1 }]);
      expect(rowsOf(await readDeltaTable(folder))).toEqual([{ writer: 'new', number: 2 }]);
    }));
});

describe('a Delta table that cannot be read or written', () => {
  it('is distinguished from a folder without a table', () =>
    inFolder(async (folder) => {
      await expect(DeltaTable.open(folder)).rejects.toThrow(/is not a Delta table: it has no log/);
      await DeltaTable.create(folder, schema);
      await expect(DeltaTable.create(folder, schema)).rejects.toThrow(/There is a Delta table in .* already/);
      await expect(DeltaTable.openOrCreate(folder, { year: 'int' })).rejects.toThrow(
        /has the columns writer text, number bigint, not year int/,
      );
      await expect(readDeltaTable(folder, { version: 3 })).rejects.toThrow(/no version 3; its latest is 0/);
    }));

  it('has a damaged log entry: the error names file and line', () =>
    inFolder(async (folder) => {
      await overwriteDeltaTable(folder, row('a', 1));
      await writeFile(entry(folder, 1), '{"commitInfo":{}}\n{"add":{"path":"part');
      await expect(readDeltaTable(folder)).rejects.toThrow(/Line 2 of the log entry .*1\.json is damaged/);
      await writeFile(entry(folder, 1), '');
      await expect(readDeltaTable(folder)).rejects.toThrow(/1\.json is empty/);
    }));

  it('is read in spite of a damaged _last_checkpoint, which is only a hint', () =>
    inFolder(async (folder) => {
      const table = await DeltaTable.create(folder, schema);
      for (let number = 1; number <= 11; number += 1) {
        await table.append([row('a', number)]);
      }
      await writeFile(join(folder, '_delta_log', '_last_checkpoint'), '{"ver');
      for (let version = 0; version <= 9; version += 1) {
        await rm(entry(folder, version));
      }
      expect(await numbersOf(folder, 'a')).toEqual(upTo(11));
      await expect(readDeltaTable(folder, { version: 4 })).rejects.toThrow(/cannot be read at that version/);
    }));

  it('is read in spite of damaged checkpoints, from an older one or the whole log, and never without its last commits', () =>
    inFolder(async (folder) => {
      const table = await DeltaTable.create(folder, schema);
      for (let number = 1; number <= 21; number += 1) {
        await table.append([row('a', number)]);
      }
      const checkpoint = (version: number) => entry(folder, version).replace(/json$/, 'checkpoint.parquet');
      const warnings: string[] = [];
      const read = async () => {
        const opened = await DeltaTable.open(folder, { warn: (message) => warnings.push(message) });
        return rowsOf(await opened.read()).map(({ number }) => Number(number));
      };
      await writeFile(checkpoint(20), (await readFile(checkpoint(20))).subarray(0, 900));
      expect(await read()).toEqual(upTo(21));
      await writeFile(checkpoint(10), 'no Parquet');
      expect(await read()).toEqual(upTo(21));
      expect(warnings).toEqual([
        expect.stringMatching(/20\.checkpoint\.parquet cannot be read/),
        expect.stringMatching(/20\.checkpoint\.parquet cannot be read/),
        expect.stringMatching(/10\.checkpoint\.parquet cannot be read/),
      ]);
      await rm(entry(folder, 15));
      await expect(read()).rejects.toThrow(/its log lacks .*15\.json.*20\.checkpoint\.parquet/s);
      await rm(checkpoint(20));
      await expect(read()).rejects.toThrow(/its log lacks .*15\.json/);
    }));

  it('asks for a protocol that is not supported', () =>
    inFolder(async (folder) => {
      await overwriteDeltaTable(folder, row('a', 1));
      const writer = { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['rowTracking'] };
      await writeFile(entry(folder, 1), JSON.stringify({ protocol: writer }));
      expect(await numbersOf(folder, 'a')).toEqual([1]);
      await expect(overwriteDeltaTable(folder, row('a', 2))).rejects.toThrow(
        /writer version 7 \(rowTracking\)/,
      );
      const reader = { ...writer, minReaderVersion: 3, readerFeatures: ['deletionVectors', 'columnMapping'] };
      await writeFile(entry(folder, 2), JSON.stringify({ protocol: reader }));
      await expect(readDeltaTable(folder)).rejects.toThrow(
        /reader version 3 \(deletionVectors, columnMapping\)/,
      );
    }));

  it('lacks a data file, or has a file in place of its folder', () =>
    inFolder(async (folder) => {
      const table = join(folder, 'table');
      await overwriteDeltaTable(table, row('a', 1));
      for (const file of await parquetFiles(table)) {
        await rm(join(table, file));
      }
      await expect(readDeltaTable(table)).rejects.toThrow(/Could not read .*parquet: there is no such file/);
      await mkdir(join(folder, 'in'));
      await writeFile(join(folder, 'in', 'way'), '');
      await expect(overwriteDeltaTable(join(folder, 'in', 'way'), row('a', 1))).rejects.toThrow(
        /not a folder/,
      );
    }));

  it.skipIf(process.getuid?.() === 0)('may not be written by this user', () =>
    inFolder(async (folder) => {
      await chmod(folder, 0o555);
      await expect(overwriteDeltaTable(folder, row('a', 1))).rejects.toThrow(/permission denied/);
    }),
  );

  it('is on a full disk: the error says so', async () => {
    const writing = withFileErrors('write the table', () => writeFile('/dev/full', 'text'));
    await expect(writing).rejects.toThrow(/Could not write the table: the disk is full/);
  });
});
