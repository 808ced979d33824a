/** The Parquet files of a Delta table: what is wrong with one is an error of the table. */
import type { ColumnarTable } from '../columns/table.ts';
import { ParquetError } from '../parquet/error.ts';
import { readParquetFile, withParquetFile } from '../parquet/read/read.ts';
import type { ObjectStore } from '../storage/object_store.ts';
import { DeltaError } from './error.ts';

/** Adds the rows of a data file to a table. @returns their number @throws DeltaError when it cannot be read */
export function readDataFile(storage: ObjectStore, path: string, table: ColumnarTable): Promise<number> {
  return asDeltaError(() => readParquetFile(storage, path, table));
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
