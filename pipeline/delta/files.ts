/** The data files of a Delta table, which are written before an entry of the log makes them part of it. */

import { randomUUID } from 'node:crypto';
import type { StoredTable } from '../columns/plain_byte_arrays.ts';
import { writeParquet } from '../parquet/write/write.ts';
import type { ObjectStore } from '../storage/object_store.ts';
import { openObjectStore } from '../storage/open.ts';
import type { Add } from './actions.ts';
import { DeltaError } from './error.ts';
import { statisticsJson } from './statistics.ts';

/**
 * Writes rows as one data file of a Delta table, which no entry names yet. Any thread or process may do so, and pass
 * the result to `DeltaTable.appendFiles` or `overwriteDeltaFiles`.
 * @param table the folder or S3 URL of the Delta table, which need not exist yet
 * @param clock milliseconds since 1970
 * @returns the file's action: plain values, which can be sent from one thread to another
 */
export async function writeDataFile(
  table: string,
  rows: StoredTable,
  clock: () => number = Date.now,
): Promise<Add> {
  return writeFileTo(await openObjectStore(table), rows, clock);
}

/** Writes rows as `writeDataFile` does, to an open store. */
export async function writeFileTo(
  storage: ObjectStore,
  rows: StoredTable,
  clock: () => number,
): Promise<Add> {
  const path = `part-00000-${randomUUID()}-c000.snappy.parquet`;
  const file = await storage.create(path);
  let size = 0;
  try {
    const columnStatistics = await writeParquet(rows, async (bytes) => {
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
      stats: statisticsJson(rows.schema, rows.length, columnStatistics),
    };
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

/** Removes a file of `writeDataFile` that no entry names. */
export async function removeDataFile(table: string, file: Pick<Add, 'path'>): Promise<void> {
  await removeFiles(await openObjectStore(table), [file]);
}

/** Removes files that no entry names. */
export async function removeFiles(storage: ObjectStore, files: Iterable<Pick<Add, 'path'>>): Promise<void> {
  for (const { path } of files) {
    await storage.remove(fileOf(storage.name, path));
  }
}

/** Commits files that exist already. Files that the commit does not take are removed. */
export async function commitFiles<T>(
  storage: ObjectStore,
  files: readonly Add[],
  commit: (takeFiles: () => Promise<readonly Add[]>) => Promise<T>,
): Promise<T> {
  let areTaken = false;
  try {
    return await commit(async () => {
      areTaken = true;
      return files;
    });
  } finally {
    if (!areTaken) {
      await removeFiles(storage, files);
    }
  }
}

/** The path of a data file in its table's folder. @throws DeltaError for a file outside it */
export function fileOf(table: string, path: string): string {
  if (/^([a-z][a-z0-9+.-]*:|\/)/i.test(path)) {
    throw new DeltaError(
      `The Delta table ${table} names the file ${path} outside its folder, which is not supported. ` +
        'Copy its rows into a table of their own.',
    );
  }
  return decodedPath(table, path);
}

/** The path of an action without its percent-encoding, which differs from writer to writer. @throws DeltaError */
export function decodedPath(table: string, path: string): string {
  try {
    return path.includes('%') ? decodeURIComponent(path) : path;
  } catch (error) {
    throw new DeltaError(
      `The log of the Delta table ${table} names the file ${path}, which is not percent-encoded as the Delta protocol asks ` +
        '(a percent sign as %25). Write the table again with a writer that encodes paths.',
      { cause: error },
    );
  }
}
