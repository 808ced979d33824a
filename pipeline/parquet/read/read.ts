/** Reads Parquet files, of this and of other writers, into the columns of a table. */

import {
  type AsyncBuffer,
  type ColumnMetaData,
  type FileMetaData,
  parquetReadObjects,
  parquetScan,
  parquetSchema,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { ArrayColumn, type Column, type NumberColumn, StringColumn } from '../../columns/column.ts';
import { type ColumnarTable, columnAt } from '../../columns/table.ts';
import type { ObjectStore } from '../../storage/object_store.ts';
import { readFooter } from '../checksums.ts';
import { ParquetError } from '../error.ts';
import { chunkReader, pagesIn } from './pages.ts';

/**
 * Adds the rows of a file to the columns of a table; a column that the file lacks is null.
 * @returns the number of rows
 * @throws ParquetError when the file is not a Parquet file, or a value does not fit its column
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
          throw new ParquetError(`the column "${name}" has ${column.length - before} of ${rows} rows.`);
        }
      } else {
        addNulls(column, rows);
      }
    }
    return rows;
  });
}

/** Opens a Parquet file while `work` runs. @throws ParquetError naming the file, for any failure of `work` */
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
    return await work(source, await metadataOf(source));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ParquetError(`The Parquet file ${storage.name}/${path} cannot be read: ${reason}`, {
      cause: error,
    });
  } finally {
    await file.close();
  }
}

/** The magic bytes at both ends, and the length of the footer. */
const shortestFileBytes = 12;
/** Bytes at the end of a file that are read first: most footers are shorter. */
const footerBytes = 1 << 19;

async function metadataOf(file: AsyncBuffer): Promise<FileMetaData> {
  const size = file.byteLength;
  if (size < shortestFileBytes) {
    throw new ParquetError(`it has ${size} bytes, fewer than any Parquet file: it was cut off or emptied.`);
  }
  const end = await file.slice(Math.max(0, size - footerBytes), size);
  const needed = new DataView(end).getUint32(end.byteLength - 8, true) + 8;
  return readFooter(needed <= end.byteLength ? end : await file.slice(Math.max(0, size - needed), size));
}

/** The names of the top-level columns. */
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
  const areAll = readers.every((reader) => reader !== undefined);
  for (const [at, chunk] of chunks.entries()) {
    try {
      const bytes = await bytesOf(file, chunk);
      if (areAll) {
        readers[at]?.(bytes);
      } else {
        checkPages(bytes, chunk);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ParquetError(`the column "${name}": ${reason}.`, { cause: error });
    }
  }
  if (!areAll) {
    await readValues(file, metadata, name, column);
  }
}

/** Checks what hyparquet does not: that pages are as they were written. */
function checkPages(bytes: Uint8Array<ArrayBuffer>, chunk: ColumnMetaData): void {
  for (const _ of pagesIn(bytes, chunk)) {
    // Each is checked as it is found.
  }
}

/** Reads all rows of a Parquet file of any kind as objects. @throws Error when a page is not as it was written */
export async function readObjects(
  file: AsyncBuffer,
  metadata: FileMetaData,
): Promise<Record<string, unknown>[]> {
  const whole = await file.slice(0, file.byteLength);
  for (const { columns } of metadata.row_groups) {
    for (const { meta_data: chunk } of columns) {
      if (chunk !== undefined) {
        checkPages(await bytesOf(whole, chunk), chunk);
      }
    }
  }
  return parquetReadObjects({ file: whole, metadata, compressors });
}

async function bytesOf(
  file: Pick<AsyncBuffer, 'slice'>,
  { dictionary_page_offset: dictionary, data_page_offset: data, total_compressed_size: size }: ColumnMetaData,
): Promise<Uint8Array<ArrayBuffer>> {
  // Some writers state 0 when they have no dictionary.
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

/** Turns strings into codes and times into milliseconds while decoding: a string of a page's dictionary is looked up once. */
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

/** Appends a decoded value to a column. */
function adderOf(column: Column, name: string): (value: unknown) => void {
  if (column instanceof StringColumn) {
    return (value) => column.addCode(typeof value === 'number' ? value : -1);
  }
  if (column instanceof ArrayColumn) {
    return (value) =>
      column.add(Array.isArray(value) ? value.map((item) => checkedElement(item, name)) : null);
  }
  return (value) =>
    column.addNumber(value === null || value === undefined ? Number.NaN : checkedNumber(value, name, column));
}

function checkedElement(value: unknown, name: string): number {
  if (typeof value === 'number') {
    return value;
  }
  throw new ParquetError(
    `an array of the column "${name}" holds ${String(value)}; a column can hold only doubles that are not null.`,
  );
}

function checkedNumber(value: unknown, name: string, { type }: NumberColumn): number {
  const number = typeof value === 'bigint' || typeof value === 'boolean' ? Number(value) : value;
  const exact = typeof value !== 'bigint' || type !== 'bigint' || Number.isSafeInteger(number);
  if (typeof number === 'number' && !Number.isNaN(number) && exact) {
    return number;
  }
  throw new ParquetError(`the column "${name}" holds ${String(value)}, which a ${type} cannot hold exactly.`);
}

function addNulls(column: Column, rows: number): void {
  for (let row = 0; row < rows; row += 1) {
    column.add(null);
  }
}
