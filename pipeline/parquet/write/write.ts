/**
 * Writes a table as a Parquet file (https://parquet.apache.org/docs/file-format/), straight from its columns: a page at a
 * time, so that memory stays small, collecting the statistics of each column. hyparquet-writer writes headers and footer;
 * docs/decisions/parquet-pages.md says why it does not write the pages.
 */

import type { RowGroup, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import type { StoredTable } from '../../columns/plain_byte_arrays.ts';
import { columnAt } from '../../columns/table.ts';
import { millisecondsInDay } from '../../plan/timestamp.ts';
import { type ColumnType, isArrayType, type Schema } from '../../plan/types.ts';
import { writeFooter } from '../checksums.ts';
import { ParquetError } from '../error.ts';
import { ColumnWriter } from './column.ts';
import { type ColumnStatistics, mergeStatistics } from './statistics.ts';

/** Receives the bytes of a file in order; they may be overwritten once it resolves. */
export type TakeBytes = (bytes: Uint8Array) => Promise<void>;

const rowsInGroup = 1 << 17;
/** Bytes that are collected before they are passed on. */
const flushBytes = 1 << 22;
/** Writers of finished files, reused because fresh memory costs as much as filling it. */
const spareWriters: ByteWriter[] = [];
const magic = new TextEncoder().encode('PAR1');

/**
 * Writes the rows of a table.
 * @returns the statistics of each column, over all rows
 */
export async function writeParquet(
  table: StoredTable,
  take: TakeBytes,
): Promise<Readonly<Record<string, ColumnStatistics>>> {
  const out = spareWriters.pop() ?? new ByteWriter(flushBytes + (flushBytes >> 2));
  out.offset = 0;
  const flushAbove = async (size: number) => {
    if (out.index > size) {
      await take(out.getBytes());
      out.index = 0;
    }
  };
  const schema = parquetSchema(table.schema);
  const columns = Object.entries(table.schema).map(([name, type]) => ({
    name,
    type,
    writer: new ColumnWriter(columnAt(table, name), pathOf(name, type)),
  }));
  const statistics: Record<string, ColumnStatistics> = {};
  const groups: RowGroup[] = [];
  out.appendBytes(magic);
  for (let from = 0; from < table.length; from += rowsInGroup) {
    const to = Math.min(table.length, from + rowsInGroup);
    const start = out.offset;
    const chunks: RowGroup['columns'] = [];
    for (const { name, type, writer } of columns) {
      const chunk = await writer.write(out, from, to, () => flushAbove(flushBytes));
      const before = statistics[name];
      statistics[name] = before === undefined ? chunk.statistics : mergeStatistics(before, chunk.statistics);
      chunks.push({
        file_offset: BigInt(chunk.start),
        meta_data: { ...chunk.metadata, statistics: footerStatistics(type, chunk.statistics) },
      });
    }
    groups.push({
      columns: chunks,
      total_byte_size: chunks.reduce(
        (sum, { meta_data }) => sum + (meta_data?.total_uncompressed_size ?? 0n),
        0n,
      ),
      num_rows: BigInt(to - from),
      file_offset: BigInt(start),
      total_compressed_size: BigInt(out.offset - start),
    });
  }
  writeFooter(out, {
    version: 2,
    created_by: 'pinterest-pipeline',
    schema,
    num_rows: BigInt(table.length),
    row_groups: groups,
    metadata_length: 0,
  });
  out.appendBytes(magic);
  await flushAbove(0);
  spareWriters.push(out);
  return statistics;
}

/** The statistics of a column chunk in the form of the footer. */
function footerStatistics(type: ColumnType, { nulls, min, max }: ColumnStatistics) {
  const encoded = (value: number | Uint8Array | undefined) =>
    typeof value !== 'number'
      ? value
      : type === 'bigint'
        ? BigInt(value)
        : type === 'timestamp'
          ? BigInt(Math.floor(value)) * 1000n + BigInt(Math.round((value - Math.floor(value)) * 1000))
          : type === 'date'
            ? value / millisecondsInDay
            : type === 'boolean'
              ? value !== 0
              : value;
  // The specification asks for −0 as the smallest value when it is a zero.
  const least = encoded(min === 0 ? -0 : min);
  const most = encoded(max);
  return {
    null_count: BigInt(nulls),
    ...(least === undefined ? {} : { min_value: least }),
    ...(most === undefined ? {} : { max_value: most }),
  };
}

/** The path of a column's values in the schema. */
function pathOf(name: string, type: ColumnType): string[] {
  return isArrayType(type) ? [name, 'list', 'element'] : [name];
}

/** The Parquet schema of a table: all columns optional, arrays as the three-level list of the specification. */
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
  date: (name) => [
    { name, type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' }, ...optional },
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
  'array<text>': (name) => {
    throw new ParquetError(`the column "${name}" is of array<text>, which plans refuse in tables.`);
  },
};
