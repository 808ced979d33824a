/** DuckDB: an engine of SQL that shares nothing with ours or with Spark. */

import * as z from 'zod';
import { notSetUp, stampOf } from '../../../pipeline/engines/spark/local/installations.ts';
import { startPython } from '../../../pipeline/engines/spark/local/python.ts';
import type { ColumnType, Schema, Value } from '../../../pipeline/plan/types.ts';
import type { RealSystem } from './real_system.ts';

/** A table of literal rows. */
export interface DuckTable {
  readonly name: string;
  readonly schema: Schema;
  readonly rows: readonly (readonly Value[])[];
}

const value = z.union([
  z.null(),
  z.number(),
  z.string(),
  z.boolean(),
  z.array(z.number()),
  z.array(z.string()),
]);
const answers = z.array(z.array(z.array(value)));

const columnTypes: Readonly<Record<ColumnType, string>> = {
  bigint: 'BIGINT',
  int: 'INTEGER',
  double: 'DOUBLE',
  text: 'VARCHAR',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
  'array<double>': 'DOUBLE[]',
  'array<text>': 'VARCHAR[]',
};

export const duckdb = {
  name: 'duckdb',
  version: () => stampOf('duckdb') ?? 'DuckDB',
  missing: () => (stampOf('duckdb') === undefined ? notSetUp('duckdb') : undefined),
  /** Runs queries over tables, in a process of its own. @returns the rows of each; a time is milliseconds since 1970 */
  ask: async (
    tables: readonly DuckTable[],
    statements: readonly string[],
  ): Promise<(readonly (readonly Value[])[])[]> => {
    const worker = startPython({ environment: 'duckdb' });
    try {
      const typed = tables.map(({ name, schema, rows }) => ({
        name,
        rows,
        columns: Object.entries(schema).map(([column, type]) => [column, columnTypes[type]]),
      }));
      return answers.parse(await worker.run(source, { tables: typed, statements }));
    } finally {
      await worker.stop();
    }
  },
} satisfies RealSystem & Record<string, unknown>;

const source = `
import datetime
import duckdb

epoch = datetime.datetime(1970, 1, 1)

def plan_value(value):
    if isinstance(value, datetime.datetime):
        return (value - epoch) // datetime.timedelta(milliseconds=1)
    if isinstance(value, datetime.date):
        return (value - epoch.date()).days * 86_400_000
    return value

parameters = {"TIMESTAMP": "epoch_ms(CAST(? AS BIGINT))", "DATE": "CAST(epoch_ms(CAST(? AS BIGINT)) AS DATE)"}
database = duckdb.connect()
database.execute("SET default_null_order = 'nulls_first'")
for table in input["tables"]:
    columns = ", ".join(f'"{name}" {type}' for name, type in table["columns"])
    database.execute(f'CREATE TABLE "{table["name"]}" ({columns})')
    places = ", ".join(parameters.get(type, "?") for _, type in table["columns"])
    if table["rows"]:
        database.executemany(f'INSERT INTO "{table["name"]}" VALUES ({places})', table["rows"])
output = [
    [[plan_value(value) for value in row] for row in database.execute(statement).fetchall()]
    for statement in input["statements"]
]
`;
