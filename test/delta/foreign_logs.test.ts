/** Logs as other writers, other releases of the format and accidents leave them: read, or refused by name. */

import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import { maintainTable } from '../../pipeline/delta/maintain/maintain.ts';
import { DeltaTable, overwriteDeltaTable, readDeltaTable } from '../../pipeline/delta/table.ts';
import { inFolder } from './delta_tables.ts';

const schema = { number: 'bigint' } as const;
const rows = (...numbers: number[]) =>
  tableOfRows(
    schema,
    numbers.map((number) => ({ number })),
  );
const numbersIn = async (folder: string) =>
  rowsOf(await readDeltaTable(folder))
    .map(({ number }) => Number(number))
    .sort((a, b) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const padded = (version: number, digits = 20) => String(version).padStart(digits, '0');
const inLog = (folder: string, name: string) => join(folder, '_delta_log', name);

/** A table of twelve commits, with a checkpoint of version 10. */
async function tableWithCheckpoint(folder: string): Promise<DeltaTable> {
  const table = await DeltaTable.create(folder, schema);
  for (const number of upTo(12)) {
    await table.append([rows(number)]);
  }
  return table;
}

/** Writes the checkpoint of version 10 in parts, as Delta's partSize has Spark do, in place of the one file. */
async function splitCheckpoint(folder: string, parts: number): Promise<string[]> {
  const whole = inLog(folder, `${padded(10)}.checkpoint.parquet`);
  const file = Uint8Array.from(await readFile(whole)).buffer;
  const metadata = await parquetMetadataAsync(file);
  const actions = await parquetReadObjects({ file, metadata, compressors });
  const names: string[] = [];
  for (let part = 0; part < parts; part += 1) {
    const own = actions.filter((_, row) => row % parts === part);
    const bytes = new ByteWriter();
    const writer = new ParquetWriter({ writer: bytes, schema: metadata.schema });
    const columns = ['txn', 'add', 'remove', 'metaData', 'protocol'];
    await writer.write({
      columnData: columns.map((name) => ({ name, data: own.map((row) => row[name] ?? null) })),
    });
    await writer.finish();
    const name = `${padded(10)}.checkpoint.${padded(part + 1, 10)}.${padded(parts, 10)}.parquet`;
    await writeFile(inLog(folder, name), new Uint8Array(bytes.getBuffer()));
    names.push(name);
  }
  await rm(whole);
  await writeFile(inLog(folder, '_last_checkpoint'), JSON.stringify({ version: 10, size: 14, parts }));
  return names;
}

async function removeEntries(folder: string, upTo: number): Promise<void> {
  for (let version = 0; version <= upTo; version += 1) {
    await rm(inLog(folder, `${padded(version)}.json`));
  }
}

describe('a checkpoint in several parts', () => {
  it.each(['with its hint', 'without it'])('is read %s, and kept by maintenance', (hint) =>
    inFolder(async (folder) => {
      await tableWithCheckpoint(folder);
      await splitCheckpoint(folder, 3);
      await removeEntries(folder, 10);
      if (hint === 'without it') {
        await rm(inLog(folder, '_last_checkpoint'));
      }
      expect(await numbersIn(folder)).toEqual(upTo(12));
      await (await DeltaTable.openOrCreate(folder, schema)).append([rows(13)]);
      await maintainTable(folder, { isDryRun: false, clock: () => Date.now() + 31 * 86_400_000 });
      expect(await numbersIn(folder)).toEqual(upTo(13));
    }),
  );

  it('that lacks one is not read: the log is, and where that is gone the error names what is left', () =>
    inFolder(async (folder) => {
      await tableWithCheckpoint(folder);
      const [first = ''] = await splitCheckpoint(folder, 2);
      await rm(inLog(folder, first));
      expect(await numbersIn(folder)).toEqual(upTo(12));
      await removeEntries(folder, 12);
      const refused = /checkpoint\.0000000002\.0000000002\.parquet is a part whose other parts are gone/;
      await expect(readDeltaTable(folder)).rejects.toThrow(refused);
      await expect(DeltaTable.openOrCreate(folder, schema)).rejects.toThrow(refused);
      await expect(overwriteDeltaTable(folder, rows(1))).rejects.toThrow(refused);
      await expect(DeltaTable.create(folder, schema)).rejects.toThrow(refused);
    }));
});

describe('a checkpoint with a flipped bit', () => {
  it('gives the same rows, or an error that names it', () =>
    inFolder(async (folder) => {
      await tableWithCheckpoint(folder);
      await removeEntries(folder, 10);
      const file = inLog(folder, `${padded(10)}.checkpoint.parquet`);
      const bytes = await readFile(file);
      const wrong: number[] = [];
      for (let at = 0; at < bytes.length; at += 7) {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
        await writeFile(file, damaged);
        const numbers = await numbersIn(folder).catch((error) => String(error));
        if (typeof numbers === 'string') {
          expect(numbers).toContain('10.checkpoint.parquet');
        } else if (!isDeepStrictEqual(numbers, upTo(12))) {
          wrong.push(at);
        }
      }
      expect(wrong).toEqual([]);
    }));
});

describe('a table whose feed of changes Spark has turned on', () => {
  it('is written on, and its checkpoint says so', () =>
    inFolder(async (folder) => {
      await overwriteDeltaTable(folder, rows(1));
      const writerFeatures = ['changeDataFeed', 'invariants', 'appendOnly'];
      const protocol = { minReaderVersion: 1, minWriterVersion: 7, writerFeatures };
      await writeFile(inLog(folder, `${padded(1)}.json`), JSON.stringify({ protocol }));
      for (const number of upTo(11).slice(1)) {
        await (await DeltaTable.open(folder)).append([rows(number)]);
      }
      const checkpoint = await readFile(inLog(folder, `${padded(10)}.checkpoint.parquet`));
      const actions = await parquetReadObjects({ file: Uint8Array.from(checkpoint).buffer, compressors });
      expect(actions[0]?.protocol).toEqual(protocol);
      await removeEntries(folder, 10);
      await (await DeltaTable.open(folder)).append([rows(12)]);
      expect(await numbersIn(folder)).toEqual(upTo(12));
    }));
});

describe('a V2 checkpoint', () => {
  it('is refused by name where it is all that is left', () =>
    inFolder(async (folder) => {
      await tableWithCheckpoint(folder);
      const name = `${padded(10)}.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json`;
      await rename(inLog(folder, `${padded(10)}.checkpoint.parquet`), inLog(folder, name));
      expect(await numbersIn(folder)).toEqual(upTo(12));
      await removeEntries(folder, 12);
      await expect(overwriteDeltaTable(folder, rows(1))).rejects.toThrow(
        /43a11\.json is a V2 checkpoint, which is not read/,
      );
    }));
});

describe('a log that is not understood', () => {
  it('is never taken for none', () =>
    inFolder(async (folder) => {
      for (const name of ['_last_checkpoint', `${padded(3)}.crc`, `.${padded(3)}.json.crc`, 'x.compacted']) {
        await rm(folder, { recursive: true });
        await mkdir(join(folder, '_delta_log'), { recursive: true });
        await writeFile(inLog(folder, name), '{"version":3,"size":1}');
        for (const work of [
          () => DeltaTable.openIfExists(folder),
          () => DeltaTable.create(folder, schema),
          () => overwriteDeltaTable(folder, rows(1)),
        ]) {
          await expect(work(), name).rejects.toThrow(/holds no log entry and no checkpoint, but .*move the/);
        }
        expect(await readdir(join(folder, '_delta_log'))).toEqual([name]);
      }
    }));

  it('is none when it only holds what a writer has left that was killed before its first commit', () =>
    inFolder(async (folder) => {
      await mkdir(join(folder, '_delta_log'), { recursive: true });
      await writeFile(inLog(folder, `.${padded(0)}.json.5f2e.tmp`), '{"add"');
      expect(await DeltaTable.openIfExists(folder)).toBeUndefined();
      await overwriteDeltaTable(folder, rows(1));
      expect(await numbersIn(folder)).toEqual([1]);
    }));

  it('is not begun again where its first entries were removed', () =>
    inFolder(async (folder) => {
      await tableWithCheckpoint(folder);
      await removeEntries(folder, 9);
      await expect(DeltaTable.create(folder, schema)).rejects.toThrow(/There is a Delta table in/);
      expect(await numbersIn(folder)).toEqual(upTo(12));
    }));

  it('ends a commit whose place is taken by what cannot be read', () =>
    inFolder(async (folder) => {
      const table = await DeltaTable.create(folder, schema);
      await table.append([rows(1), rows(2)]);
      await symlink('nowhere', inLog(folder, `${padded(2)}.json`));
      const refused = /Version 2 of the Delta table .* can neither be written nor read/;
      await expect(table.append([rows(3)])).rejects.toThrow(refused);
      await expect(table.overwrite(rows(3))).rejects.toThrow(refused);
      await expect(maintainTable(folder, { isDryRun: false })).rejects.toThrow(refused);
    }));
});

describe('paths of a log', () => {
  /** Commits the removal or the addition of the file of version 1, under another spelling of its path. */
  async function commit(folder: string, version: number, actions: readonly object[]): Promise<void> {
    await writeFile(
      inLog(folder, `${padded(version)}.json`),
      actions.map((action) => JSON.stringify(action)).join('\n'),
    );
  }
  async function fileOfTable(folder: string) {
    await (await DeltaTable.create(folder, schema)).append([rows(1)]);
    const lines = (await readFile(inLog(folder, `${padded(1)}.json`), 'utf8')).trim().split('\n');
    const { add } = JSON.parse(lines[1] ?? '');
    const name = 'a b%c=ü.parquet';
    await rename(join(folder, add.path), join(folder, name));
    return { add, name };
  }

  it('are matched by what they mean, however they are encoded', () =>
    inFolder(async (folder) => {
      const { add, name } = await fileOfTable(folder);
      await commit(folder, 1, [{ add: { ...add, path: encodeURIComponent(name) } }]);
      expect(await numbersIn(folder)).toEqual([1]);
      // Older releases of delta-rs encode a removed path otherwise than an added one.
      const other = 'a%20b%25c=%c3%bc.parquet';
      await commit(folder, 2, [{ remove: { path: other, dataChange: true, deletionTimestamp: 1 } }]);
      expect(await numbersIn(folder)).toEqual([]);
      await commit(folder, 3, [{ add: { ...add, path: encodeURI(name) } }]);
      expect(await numbersIn(folder)).toEqual([1]);
      expect(await maintainTable(folder, { isDryRun: false, retained: 0 })).toMatchObject({
        unneededFiles: 0,
      });
      expect(await numbersIn(folder)).toEqual([1]);
    }));

  it('are compacted and overwritten under the spelling that they were added with', () =>
    inFolder(async (folder) => {
      const { add, name } = await fileOfTable(folder);
      await commit(folder, 1, [{ add: { ...add, path: encodeURIComponent(name) } }]);
      await (await DeltaTable.open(folder)).append([rows(2)]);
      expect(await maintainTable(folder, { isDryRun: false })).toMatchObject({ removedFiles: 2 });
      expect(await numbersIn(folder)).toEqual([1, 2]);
      await overwriteDeltaTable(folder, rows(3));
      expect(await numbersIn(folder)).toEqual([3]);
    }));

  it('are refused with table and file when they cannot be decoded', () =>
    inFolder(async (folder) => {
      const { add } = await fileOfTable(folder);
      await commit(folder, 1, [{ add: { ...add, path: '100%.parquet' } }]);
      await expect(readDeltaTable(folder)).rejects.toThrow(
        `The log of the Delta table ${folder} names the file 100%.parquet, which is not percent-encoded`,
      );
    }));
});

describe('a deletion vector', () => {
  it('that the protocol does not declare is refused', () =>
    inFolder(async (folder) => {
      const table = await DeltaTable.create(folder, schema);
      await table.append([rows(1, 2)]);
      const lines = (await readFile(inLog(folder, `${padded(1)}.json`), 'utf8')).trim().split('\n');
      const { add } = JSON.parse(lines[1] ?? '');
      const deletionVector = {
        storageType: 'i',
        pathOrInlineDv: '0'.repeat(40),
        sizeInBytes: 32,
        cardinality: 1,
      };
      await writeFile(
        inLog(folder, `${padded(2)}.json`),
        JSON.stringify({ add: { ...add, deletionVector } }),
      );
      const refused = /Version 2 of .* has a deletion vector for part-.*, but its protocol does not declare/;
      await expect(readDeltaTable(folder)).rejects.toThrow(refused);
      await expect(table.append([rows(3)])).rejects.toThrow(refused);
      await expect(maintainTable(folder, { isDryRun: false })).rejects.toThrow(refused);
    }));
});
