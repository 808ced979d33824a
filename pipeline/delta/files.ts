/** The data files of a Delta table: written first, then made part of it by an entry of its log. */

import { randomUUID } from 'node:crypto';
import type { StoredTable } from '../parquet/plain_byte_arrays.ts';
import { writeParquet } from '../parquet/write/write.ts';
import type { ObjectStore } from '../storage/object_store.ts';
import { openObjectStore } from '../storage/open.ts';
import type { Add } from './actions.ts';
import { DeltaError } from './error.ts';
import { statisticsText } from './statistics.ts';

/**
 * Writes the rows of a table as one data file of a Delta table, which no entry names yet: any thread or process may do
 * so, and hand what it gets to `DeltaTable.appendFiles`, `DeltaTable.overwriteFiles` or `overwriteDeltaFiles`.
 * @param table the folder or S3 URL of the Delta table, which need not be there yet
 * @param clock milliseconds since 1970
 * @returns what an entry says of the file: plain values, that can be sent from one thread to another
 */
export async function writeDataFile(
  table: string,
  rows: StoredTable,
  clock: () => number = Date.now,
): Promise<Add> {
  return writeFileTo(await openObjectStore(table), rows, clock);
}

/** The same for an open storage. */
export async function writeFileTo(
  storage: ObjectStore,
  rows: StoredTable,
  clock: () => number,
): Promise<Add> {
  const path = `part-00000-${randomUUID()}-c000.snappy.parquet`;
  const file = await storage.create(path);
  let size = 0;
  try {
    const statistics = await writeParquet(rows, async (bytes) => {
      size += bytes.length;
      await file.write(bytes);
    });
    await file.finish();
    return {
      path,
      partitionValues: {},
      size,
      modificationTime: clock(),
      dataChange: true,
      stats: statisticsText(rows.schema, rows.length, statistics),
    };
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

/** Removes a file that `writeDataFile` has written and no entry names. */
export async function removeDataFile(table: string, file: Pick<Add, 'path'>): Promise<void> {
  await removeFiles(await openObjectStore(table), [file]);
}

/** Removes files that no entry names. */
export async function removeFiles(storage: ObjectStore, files: Iterable<Pick<Add, 'path'>>): Promise<void> {
  for (const { path } of files) {
    await storage.remove(fileOf(storage.name, path));
  }
}

/** The path of a data file in its table's folder. @throws DeltaError for a file outside */
export function fileOf(table: string, path: string): string {
  if (/^([a-z][a-z0-9+.-]*:|\/)/i.test(path)) {
    throw new DeltaError(
      `The Delta table ${table} names the file ${path} outside its folder, which is not supported. ` +
        'Copy its rows into a table of their own.',
    );
  }
  return decodeURIComponent(path);
}
