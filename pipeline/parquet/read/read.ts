/** Reads Parquet files, of this and of other writers, into the columns of a table. */

import {
  type AsyncBuffer,
  type ColumnMetaData,
  type FileMetaData,
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { ArrayColumn, type Column, type NumberColumn, StringColumn } from '../../columns/column.ts';
import { type ColumnarTable, columnAt } from '../../columns/table.ts';
import { DeltaError } from '../../delta/error.ts';
import type { ObjectStore } from '../../storage/object_store.ts';
import { chunkReader } from './pages.ts';

/**
 * Adds the rows of a file to a table: the columns that the table has; one that the file has not is null.
 * @throws DeltaError when the file is no Parquet file, or a value does not fit its column
 */
export async function readParquetFile(
  storage: ObjectStore,
  path: string,
  table: ColumnarTable,
): Promise<number> {
  return withParquetFile(storage, path, async (source, metadata) => {
    const present = new Set(topLevelColumns(metadata));
    const rows = Number(metadata.num_rows);
    for (const name of Object.keys(table.schema)) {
      const column = columnAt(table, name);
      if (present.has(name)) {
        const before = column.length;
        await readColumn(source, metadata, name, column);
        if (column.length - before !== rows) {
          throw new DeltaError(`the column "${name}" has ${column.length - before} of ${rows} rows.`);
        }
      } else {
        addNulls(column, rows);
      }
    }
    return rows;
  });
}

/** Opens a Parquet file while work is done on it; what goes wrong names the file. */
export async function withParquetFile<T>(
  storage: ObjectStore,
  path: string,
  work: (source: AsyncBuffer, metadata: FileMetaData) => Promise<T>,
): Promise<T> {
  const file = await storage.open(path);
  try {
    const source: AsyncBuffer = {
      byteLength: file.size,
      slice: async (start, end = file.size) => (await file.read(start, end)).buffer,
    };
    return await work(source, await parquetMetadataAsync(source, { geoparquet: false }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DeltaError(`The Parquet file ${storage.name}/${path} cannot be read: ${reason}`, {
      cause: error,
    });
  } finally {
    await file.close();
  }
}

/** The names of the columns, without what is inside arrays. */
function topLevelColumns(metadata: FileMetaData): string[] {
  return metadata.row_groups[0] === undefined
    ? []
    : [...new Set(metadata.row_groups[0].columns.map(({ meta_data }) => meta_data?.path_in_schema[0] ?? ''))];
}

async function readColumn(
  file: AsyncBuffer,
  metadata: FileMetaData,
  name: string,
  column: Column,
): Promise<void> {
  const tree = parquetSchema(metadata).children.find(({ element }) => element.name === name);
  const chunks = metadata.row_groups.flatMap(({ columns }) =>
    columns.flatMap(({ meta_data: found }) => (found?.path_in_schema[0] === name ? [found] : [])),
  );
  const readers = chunks.map((chunk) => tree && chunkReader(chunk, tree, column));
  if (!readers.every((reader) => reader !== undefined)) {
    return readValues(file, metadata, name, column);
  }
  for (const [at, chunk] of chunks.entries()) {
    try {
      readers[at]?.(await bytesOf(file, chunk));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new DeltaError(`the column "${name}": ${reason}.`, { cause: error });
    }
  }
}

async function bytesOf(
  file: AsyncBuffer,
  { dictionary_page_offset: dictionary, data_page_offset: data, total_compressed_size: size }: ColumnMetaData,
): Promise<Uint8Array<ArrayBuffer>> {
  // Some writers state 0 where there is no dictionary.
  const start = Number(dictionary && dictionary < data ? dictionary : data);
  return new Uint8Array(await file.slice(start, start + Number(size)));
}

/** Reads a column of any kind, a value at a time. */
async function readValues(
  file: AsyncBuffer,
  metadata: FileMetaData,
  name: string,
  column: Column,
): Promise<void> {
  const add = adderOf(column, name);
  const scan = await parquetScan({
    file,
    metadata,
    columns: [name],
    compressors,
    parsers: parsersOf(column),
  });
  for (const range of scan.ranges) {
    for (const value of await scan.readColumn({ column: name, ...range })) {
      add(value);
    }
  }
}

/** Texts become codes and times milliseconds as they are decoded: a text of a page's dictionary is looked up once. */
function parsersOf(column: Column) {
  return {
    stringFromBytes: (bytes: Uint8Array) =>
      column instanceof StringColumn ? column.dictionary.internBytes(bytes, 0, bytes.length) : bytes,
    timestampFromMilliseconds: (value: bigint) => milliseconds(value, 1n),
    timestampFromMicroseconds: (value: bigint) => milliseconds(value, 1000n),
    timestampFromNanoseconds: (value: bigint) => milliseconds(value, 1_000_000n),
  };
}

function milliseconds(value: bigint, unitsInMillisecond: bigint): number {
  const rest = ((value % unitsInMillisecond) + unitsInMillisecond) % unitsInMillisecond;
  return Number((value - rest) / unitsInMillisecond) + Number(rest) / Number(unitsInMillisecond);
}

/** How a decoded value gets into a column. */
function adderOf(column: Column, name: string): (value: unknown) => void {
  if (column instanceof StringColumn) {
    return (value) => column.addCode(typeof value === 'number' ? value : -1);
  }
  if (column instanceof ArrayColumn) {
    return (value) => column.add(Array.isArray(value) ? value.map((item) => element(item, name)) : null);
  }
  return (value) =>
    column.addNumber(value === null || value === undefined ? Number.NaN : known(value, name, column));
}

function element(value: unknown, name: string): number {
  if (typeof value === 'number') {
    return value;
  }
  throw new DeltaError(
    `an array of the column "${name}" holds ${String(value)}; only known doubles can be held.`,
  );
}

function known(value: unknown, name: string, { type }: NumberColumn): number {
  const number = typeof value === 'bigint' || typeof value === 'boolean' ? Number(value) : value;
  const exact = typeof value !== 'bigint' || type !== 'bigint' || Number.isSafeInteger(number);
  if (typeof number === 'number' && !Number.isNaN(number) && exact) {
    return number;
  }
  throw new DeltaError(`the column "${name}" holds ${String(value)}, which a ${type} cannot hold exactly.`);
}

function addNulls(column: Column, rows: number): void {
  for (let row = 0; row < rows; row += 1) {
    column.add(null);
  }
}
