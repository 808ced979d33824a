/** The tables of a lake as deltalake reads them, and Node's tables from the same landing files. */
import { join } from 'node:path';
import { expect } from 'vitest';
import { answer, cleanLanding } from '../../../pipeline/batch/run.ts';
import { type ColumnarTable, rowsOf } from '../../../pipeline/columns/table.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import type { Schema, Value } from '../../../pipeline/plan/types.ts';
import { queries } from '../../../queries/index.ts';
import type { DeltaReader } from '../systems/deltalake.ts';

/** A table as plain values: its types, and its rows as sorted strings. */
export interface PlainTable {
  readonly schema: Readonly<Record<string, string>>;
  readonly rows: readonly string[];
}

/** Tables by path in the lake. */
export type Lake = Readonly<Record<string, PlainTable>>;

const deltaTypes = {
  bigint: 'long',
  int: 'integer',
  double: 'double',
  text: 'string',
  boolean: 'boolean',
  timestamp: 'timestamp',
  date: 'date',
  'array<double>': 'array<double>',
  'array<text>': 'array<string>',
} as const;

/** The tables that the batch way writes, by Node. */
export async function lakeByNode(landing: string): Promise<Lake> {
  const { silver, quarantine } = await cleanLanding(landing, datasets);
  const tables: [string, ColumnarTable][] = [
    ...Object.entries(silver).map(([name, table]): [string, ColumnarTable] => [`silver/${name}`, table]),
    ...Object.entries(quarantine).map(([name, table]): [string, ColumnarTable] => [
      `quarantine/${name}`,
      table,
    ]),
    ...answer(queries, silver).map(({ query, table }): [string, ColumnarTable] => [
      `gold/${query.name}`,
      table,
    ]),
  ];
  return Object.fromEntries(tables.map(([path, table]) => [path, plain(table)]));
}

type Layer = 'silver' | 'quarantine' | 'gold';

/** The same tables, as deltalake reads them. */
export async function lakeByDelta(
  reader: DeltaReader,
  lake: string,
  layers: readonly Layer[] = ['silver', 'quarantine', 'gold'],
): Promise<Lake> {
  const paths = layers.flatMap((layer) =>
    (layer === 'gold' ? queries : datasets).map(({ name }) => `${layer}/${name}`),
  );
  const tables: [string, PlainTable][] = [];
  for (const path of paths) {
    tables.push([path, await tableByDelta(reader, join(lake, path))]);
  }
  return Object.fromEntries(tables);
}

/** One table, as deltalake reads it. */
export async function tableByDelta(reader: DeltaReader, at: string): Promise<PlainTable> {
  const { schema, rows } = await reader.read({ at });
  const types = Object.fromEntries(schema.map(({ name, type }) => [name, type]));
  const cells = rows.map((row) =>
    schema.map(({ name, type }) => {
      const value = row[name] ?? null;
      return type === 'timestamp' && typeof value === 'string' ? millisecondsOf(value) : value;
    }),
  );
  return { schema: types, rows: cells.map((row) => JSON.stringify(row, withNegativeZero)).sort() };
}

/** A table of Node's as plain values. */
export function plain(table: ColumnarTable): PlainTable {
  return plainRows(
    table.schema,
    rowsOf(table).map((row) => Object.keys(table.schema).map((name) => row[name] ?? null)),
  );
}

/** Rows of a plan's types as plain values. */
export function plainRows(schema: Schema, rows: readonly (readonly Value[])[]): PlainTable {
  const types = Object.fromEntries(Object.entries(schema).map(([name, type]) => [name, deltaTypes[type]]));
  return { schema: types, rows: rows.map((row) => JSON.stringify(row, withNegativeZero)).sort() };
}

function withNegativeZero(_: string, value: unknown): unknown {
  return Object.is(value, -0) ? '-0' : value;
}

function millisecondsOf(time: string): number {
  const milliseconds = Date.parse(time);
  return Number.isNaN(milliseconds) ? expect.fail(`${time} is not a time.`) : milliseconds;
}
