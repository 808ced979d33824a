/** Writes a table as one Parquet file, a row group at a time, so that memory stays small. */

import { type FileHandle, open } from 'node:fs/promises';
import type { DecodedArray } from 'hyparquet';
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { ColumnType, Schema } from '../plan/types.ts';
import { ArrayColumn, type Column, type NumberColumn, TextColumn } from '../table/column.ts';
import { type ColumnarTable, columnAt } from '../table/columnar_table.ts';
import { removeIfThere } from './delta_log.ts';

const rowsInGroup = 1 << 17;

/**
 * Writes a new file, on disk when this returns; what was begun is removed when it fails.
 * @returns its size in bytes
 */
export async function writeParquetFile(file: string, table: ColumnarTable): Promise<number> {
  return writeParquet(file, parquetSchema(table.schema), async (writer) => {
    for (let from = 0; from < table.length; from += rowsInGroup) {
      const to = Math.min(table.length, from + rowsInGroup);
      const columnData = Object.keys(table.schema).map((name) => ({
        name,
        data: cells(columnAt(table, name), from, to),
      }));
      await writer.write({ columnData, rowGroupSize: rowsInGroup });
    }
  });
}

/** Opens a new Parquet file, lets its row groups be written, and makes it durable. */
export async function writeParquet(
  file: string,
  schema: SchemaElement[],
  writeGroups: (writer: ParquetWriter) => Promise<void>,
): Promise<number> {
  const handle = await open(file, 'wx');
  try {
    const bytes = new FileByteWriter(handle);
    const writer = new ParquetWriter({
      writer: bytes,
      schema,
      codec: 'SNAPPY',
      createdBy: 'pinterest-pipeline',
    });
    await writeGroups(writer);
    await writer.finish();
    await bytes.flush();
    await handle.sync();
    return bytes.offset;
  } catch (error) {
    await removeIfThere(file);
    throw error;
  } finally {
    await handle.close();
  }
}

/** Holds one row group, and gives it to the file when the group is complete. */
class FileByteWriter extends ByteWriter {
  constructor(private readonly file: FileHandle) {
    super(1 << 20);
  }

  async flush(): Promise<void> {
    await this.file.writeFile(this.getBytes());
    this.index = 0;
  }
}

/** The Parquet schema of a table: all optional; arrays as the three-level list of the Parquet specification. */
export function parquetSchema(schema: Schema): SchemaElement[] {
  const columns = Object.entries(schema);
  return [
    { name: 'spark_schema', num_children: columns.length },
    ...columns.flatMap(([name, type]) => schemaElements[type](name)),
  ];
}

const optional = { repetition_type: 'OPTIONAL' } as const;

const schemaElements: Readonly<Record<ColumnType, (name: string) => SchemaElement[]>> = {
  bigint: (name) => [{ name, type: 'INT64', ...optional }],
  int: (name) => [{ name, type: 'INT32', ...optional }],
  double: (name) => [{ name, type: 'DOUBLE', ...optional }],
  boolean: (name) => [{ name, type: 'BOOLEAN', ...optional }],
  text: (name) => [
    { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' }, ...optional },
  ],
  timestamp: (name) => [
    {
      name,
      type: 'INT64',
      converted_type: 'TIMESTAMP_MICROS',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
      ...optional,
    },
  ],
  'array<double>': (name) => [
    { name, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' }, ...optional },
    { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
    { name: 'element', type: 'DOUBLE', ...optional },
  ],
};

/** The cells from one row up to another, as Parquet stores them. */
function cells(column: Column, from: number, to: number): DecodedArray {
  if (column instanceof TextColumn) {
    return textCells(column, from, to);
  }
  if (column instanceof ArrayColumn) {
    return Array.from({ length: to - from }, (_, i) => column.at(from + i));
  }
  return numberCells(column, from, to);
}

/** The texts as bytes: one object a different text, by which the writer knows repeats at once. */
function textCells(column: TextColumn, from: number, to: number): DecodedArray {
  const bytes = new Map<number, Uint8Array>();
  return Array.from(column.codes.subarray(from, to), (code) => {
    if (code < 0) {
      return null;
    }
    let text = bytes.get(code);
    if (text === undefined) {
      text = column.dictionary.bytesOf(code);
      bytes.set(code, text);
    }
    return text;
  });
}

function numberCells(column: NumberColumn, from: number, to: number): DecodedArray {
  const stored = storedNumber[column.type];
  return Array.from(column.values.subarray(from, to), (value) =>
    Number.isNaN(value) ? null : stored(value),
  );
}

const storedNumber = {
  bigint: (value) => BigInt(value),
  int: (value) => value,
  double: (value) => value,
  boolean: (value) => value !== 0,
  timestamp: microseconds,
} satisfies Record<NumberColumn['type'], (value: number) => number | bigint | boolean>;

/** Milliseconds as microseconds, which are beyond 2⁵³ from the year 2255 on. */
function microseconds(milliseconds: number): bigint {
  const whole = Math.floor(milliseconds);
  return BigInt(whole) * 1000n + BigInt(Math.round((milliseconds - whole) * 1000));
}
