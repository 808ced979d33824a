/** The Parquet files of a Delta table: what is wrong with one is an error of the table. */
import { addColumn } from '../columns/column.ts';
import { type ColumnarTable, columnAt, emptyTable, rowsOf, tableOfRows } from '../columns/table.ts';
import { ParquetError } from '../parquet/error.ts';
import { readParquetFile, withParquetFile } from '../parquet/read/read.ts';
import type { ObjectStore } from '../storage/object_store.ts';
import type { DeletionVector } from './actions.ts';
import { deletedRows } from './deletion_vector.ts';
import { DeltaError } from './error.ts';

/** Adds the rows of a data file to a table. @returns their number @throws DeltaError when it cannot be read */
export function readDataFile(storage: ObjectStore, path: string, table: ColumnarTable): Promise<number> {
  return asDeltaError(() => readParquetFile(storage, path, table));
}

/** Adds the rows of a file that its deletion vector does not delete. @returns their number */
export async function readLiveRows(
  storage: ObjectStore,
  path: string,
  vector: DeletionVector | null | undefined,
  table: ColumnarTable,
): Promise<number> {
  if (!vector) {
    return readDataFile(storage, path, table);
  }
  const deleted = await deletedRows(storage, vector);
  const all = emptyTable(table.schema);
  const length = await readDataFile(storage, path, all);
  const live = rowsOf({ ...all, length }).filter((_, row) => !deleted.has(row));
  const kept = tableOfRows(table.schema, live);
  for (const name of Object.keys(table.schema)) {
    addColumn(columnAt(table, name), columnAt(kept, name));
  }
  return live.length;
}

/** Opens a Parquet file while `read` runs. @throws DeltaError naming the file, when it cannot be read */
export function withFile<T>(
  storage: ObjectStore,
  path: string,
  read: Parameters<typeof withParquetFile<T>>[2],
): Promise<T> {
  return asDeltaError(() => withParquetFile(storage, path, read));
}

async function asDeltaError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ParquetError ? new DeltaError(error.message, { cause: error }) : error;
  }
}
