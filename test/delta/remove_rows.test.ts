import { describe, expect, it } from 'vitest';
import { rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import { removeRows, rowsWith } from '../../pipeline/delta/remove_rows.ts';
import { DeltaTable, readDeltaTable } from '../../pipeline/delta/table.ts';
import { localStore } from '../../pipeline/storage/local.ts';
import type { ObjectStore } from '../../pipeline/storage/object_store.ts';
import { type Failure, failingStorage } from '../support/failing_storage.ts';
import { inFolder } from './delta_tables.ts';

const schema = { number: 'bigint', name: 'text' } as const;

const rows = (...numbers: (number | null)[]) =>
  tableOfRows(
    schema,
    numbers.map((number) => ({ number, name: `name ${number}` })),
  );

const numbers = async (folder: string, version?: number) =>
  rowsOf(await readDeltaTable(folder, version === undefined ? {} : { version })).map(({ number }) => number);

const withNumber = (...keys: number[]) => rowsWith('number', new Set(keys));

/** A table with a file for each list of numbers. */
async function tableOf(folder: string, ...files: (number | null)[][]): Promise<DeltaTable> {
  const table = await DeltaTable.create(folder, schema);
  for (const file of files) {
    await table.append([rows(...file)]);
  }
  return table;
}

/** Before the next entry is put, something else happens. */
function meanwhile(folder: string, work: () => Promise<unknown>): ObjectStore {
  const store = localStore(folder);
  let isDone = false;
  return {
    ...store,
    putIfAbsent: async (path, bytes) => {
      if (!isDone && path.endsWith('.json')) {
        isDone = true;
        await work();
      }
      return store.putIfAbsent(path, bytes);
    },
  };
}

describe('removing rows of a Delta table', () => {
  it('writes files that hold some again, removes those that hold no others, and keeps the rest', () =>
    inFolder(async (folder) => {
      const table = await tableOf(folder, [1, 2, 3], [2], [4, 5], [0, null, 9]);
      const before = [...table.files.keys()];
      expect(await removeRows(folder, withNumber(2, 0, 7))).toEqual({ rows: 3, files: 3 });
      await table.refresh();
      expect((await numbers(folder)).sort()).toEqual([1, 3, 4, 5, 9, null]);
      expect([...table.files.keys()].filter((file) => before.includes(file))).toEqual([before[2]]);
      expect(await numbers(folder, 4)).toEqual([1, 2, 3, 2, 4, 5, 0, null, 9]);
    }));

  it('opens only files whose bounds allow such a row', () =>
    inFolder(async (folder) => {
      await tableOf(folder, [1, 3], [10, 30], [20]);
      const store = localStore(folder);
      const opened: string[] = [];
      const storage = {
        ...store,
        open: (path: string) => {
          opened.push(path);
          return store.open(path);
        },
      };
      await removeRows(folder, withNumber(2), { storage });
      await removeRows(folder, withNumber(40, 0), { storage });
      expect(opened).toHaveLength(1);
    }));

  it('commits nothing where there is no such row, but for a txn, which is committed once', () =>
    inFolder(async (folder) => {
      const table = await tableOf(folder, [1, 2]);
      await removeRows(folder, withNumber(7));
      expect(await table.refresh()).toBe(1);
      const txn = { appId: 'erasures', version: 5 };
      await removeRows(folder, withNumber(7), { txn });
      expect([await table.refresh(), await table.txnVersion('erasures')]).toEqual([2, 5]);
      expect(await removeRows(folder, withNumber(1), { txn })).toEqual({ rows: 0, files: 0 });
      expect(await numbers(folder)).toEqual([1, 2]);
    }));

  it('tells in a dry run what it would remove, and removes nothing', () =>
    inFolder(async (folder) => {
      const table = await tableOf(folder, [1, 2], [2]);
      const txn = { appId: 'erasures', version: 5 };
      expect(await removeRows(folder, withNumber(2), { isDryRun: true, txn })).toEqual({ rows: 2, files: 2 });
      expect([await table.refresh(), await numbers(folder)]).toEqual([2, [1, 2, 2]]);
    }));

  it('finds rows that others add, and files that they compact, meanwhile', () =>
    inFolder(async (folder) => {
      const table = await tableOf(folder, [1, 2], [3]);
      const added = meanwhile(folder, () => table.append([rows(2, 8, 10)]));
      expect(await removeRows(folder, withNumber(2), { storage: added })).toEqual({ rows: 2, files: 2 });
      expect(await numbers(folder)).toEqual([3, 1, 8, 10]);
      const replaced = meanwhile(folder, () => table.overwrite(rows(8, 9)));
      expect(await removeRows(folder, withNumber(8), { storage: replaced })).toEqual({ rows: 1, files: 1 });
      expect(await numbers(folder)).toEqual([9]);
      // Its own files that were not committed are gone.
      const present = (await localStore(folder).list('')).filter(({ name }) => name.endsWith('.parquet'));
      expect(present).toHaveLength(3 + 2 + 1 + 1);
    }));

  it('refuses an append-only table', () =>
    inFolder(async (folder) => {
      await tableOf(folder, [1]);
      const store = localStore(folder);
      const entry = '_delta_log/00000000000000000000.json';
      const text = new TextDecoder().decode(await store.read(entry));
      const appendOnly = text.replace('"configuration":{}', '"configuration":{"delta.appendOnly":"true"}');
      await store.put(entry, new TextEncoder().encode(appendOnly));
      await expect(removeRows(folder, withNumber(1))).rejects.toThrow(/append-only/);
    }));

  it('killed before or after any step, and run again, comes to the same', () =>
    inFolder(async (root) => {
      const failures: Failure[] = ['before', 'after'];
      for (const failure of failures) {
        for (let step = 1, isKilled = true; isKilled; step += 1) {
          const folder = `${root}/${failure}-${step}`;
          await tableOf(folder, [1, 2], [2], [4]);
          const storage = failingStorage(localStore(folder), step, failure);
          const txn = { appId: 'erasures', version: 5 };
          isKilled = await removeRows(folder, withNumber(2), { storage, txn }).then(
            () => storage.steps >= step,
            () => true,
          );
          const killed = await numbers(folder);
          expect([JSON.stringify([1, 2, 2, 4]), JSON.stringify([4, 1])]).toContain(JSON.stringify(killed));
          await removeRows(folder, withNumber(2), { txn });
          expect(await numbers(folder)).toEqual([4, 1]);
        }
      }
    }));
});
