/**
 * Writes a table as a Parquet file (https://parquet.apache.org/docs/file-format/), straight from its columns: a page at a
 * time, so that memory stays small, and with the statistics of each column as they come by. Headers and footer are
 * written by hyparquet-writer; why the pages are not is told in docs/decisions/parquet-pages.md.
 */

import type { RowGroup, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { columnAt } from '../../columns/table.ts';
import type { ColumnType, Schema } from '../../plan/types.ts';
import type { StoredTable } from '../plain_byte_arrays.ts';
import { ColumnWriter } from './column.ts';
import { type ColumnStatistics, merged } from './statistics.ts';

/** Takes the bytes of a file in order; they may be used again when it resolves. */
export type TakeBytes = (bytes: Uint8Array) => Promise<void>;

const rowsInGroup = 1 << 17;
/** Bytes that are gathered before they are given on. */
const gathered = 1 << 22;
/** What files were written with: fresh memory costs as much as filling it. */
const spare: ByteWriter[] = [];
const mark = new TextEncoder().encode('PAR1');

/**
 * Writes the rows of a table.
 * @returns the statistics of each column, over all rows
 */
export async function writeParquet(
  table: StoredTable,
  take: TakeBytes,
): Promise<Readonly<Record<string, ColumnStatistics>>> {
  const out = spare.pop() ?? new ByteWriter(gathered + (gathered >> 2));
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
  out.appendBytes(mark);
  for (let from = 0; from < table.length; from += rowsInGroup) {
    const to = Math.min(table.length, from + rowsInGroup);
    const start = out.offset;
    const chunks: RowGroup['columns'] = [];
    for (const { name, type, writer } of columns) {
      const chunk = await writer.write(out, from, to, () => flushAbove(gathered));
      const known = statistics[name];
      statistics[name] = known === undefined ? chunk.statistics : merged(known, chunk.statistics);
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
  writeMetadata(out, {
    version: 2,
    created_by: 'pinterest-pipeline',
    schema,
    num_rows: BigInt(table.length),
    row_groups: groups,
    metadata_length: 0,
  });
  out.appendBytes(mark);
  await flushAbove(0);
  spare.push(out);
  return statistics;
}

/** The statistics of a column chunk as its footer states them. */
function footerStatistics(type: ColumnType, { nulls, min, max }: ColumnStatistics) {
  const stated = (value: number | Uint8Array | undefined) =>
    typeof value !== 'number'
      ? value
      : type === 'bigint'
        ? BigInt(value)
        : type === 'timestamp'
          ? BigInt(Math.floor(value)) * 1000n + BigInt(Math.round((value - Math.floor(value)) * 1000))
          : type === 'boolean'
            ? value !== 0
            : value;
  // Of the two zeros, which are equal, the smaller one is stated as the least.
  const least = stated(min === 0 ? -0 : min);
  const most = stated(max);
  return {
    null_count: BigInt(nulls),
    ...(least === undefined ? {} : { min_value: least }),
    ...(most === undefined ? {} : { max_value: most }),
  };
}

/** Where a column's values lie in the schema. */
function pathOf(name: string, type: ColumnType): string[] {
  return type === 'array<double>' ? [name, 'list', 'element'] : [name];
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
