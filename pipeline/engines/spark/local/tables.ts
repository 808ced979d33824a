/** Passes tables of literal rows to real Spark, and reads typed answers. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { type ColumnType, columnTypes, type Schema, type Value } from '../../../plan/types.ts';
import { sparkTypes } from '../quoting.ts';
import { type SparkOptions, type SparkWorker, startSpark } from './session.ts';

const value = z.union([
  z.null(),
  z.number(),
  z.string(),
  z.boolean(),
  z.array(z.number()),
  z.array(z.string()),
]);

const answers = z.array(
  z.strictObject({ columns: z.array(z.tuple([z.string(), z.string()])), rows: z.array(z.array(value)) }),
);

/** Rows as Spark gave them: values as the plan's types say, so a timestamp is milliseconds since 1970. */
export interface SparkAnswer {
  /** Columns by name, with the plan's types, or Spark's name of a type that a plan does not have. */
  readonly schema: Readonly<Record<string, string>>;
  readonly rows: readonly (readonly Value[])[];
}

/** A table to be made a temporary view. */
export interface SparkTable {
  readonly name: string;
  readonly schema: Schema;
  readonly rows: readonly (readonly Value[])[];
}

export interface SparkSession extends SparkWorker {
  makeViews(...tables: readonly SparkTable[]): Promise<void>;
  /** Runs queries one after another, in one exchange with Spark. */
  answers(...statements: readonly string[]): Promise<SparkAnswer[]>;
}

export async function startSession(options: SparkOptions = {}): Promise<SparkSession> {
  return withTables(await startSpark(options));
}

/** A session that can be handed tables and asked for typed answers. */
export async function withTables(worker: SparkWorker): Promise<SparkSession> {
  await worker.run(readFileSync(new URL('./tables.py', import.meta.url), 'utf8'));
  const makeViews = async (...tables: readonly SparkTable[]) => {
    const views = tables.map(({ name, schema, rows }) => ({
      name,
      columns: Object.entries(schema),
      rows: rows.map((row) => row.map(withNegativeZero)),
    }));
    await worker.run('for table in input: make_view(**table)', views);
  };
  const ask = async (...statements: readonly string[]) => {
    const results = answers.parse(
      await worker.run('output = [answer(statement) for statement in input]', statements),
    );
    return results.map(({ columns, rows }) => ({
      schema: Object.fromEntries(columns.map(([name, type]) => [name, planType(type)])),
      rows,
    }));
  };
  return { ...worker, makeViews, answers: ask };
}

/** JSON.stringify writes −0 as 0; Python reads a number from text as well. */
function withNegativeZero(cell: Value): unknown {
  return Object.is(cell, -0) ? '-0' : cell;
}

function planType(sparkType: string): ColumnType | `Spark's ${string}` {
  const named = columnTypes.find((type) => sparkTypes[type].toLowerCase() === sparkType);
  return named ?? `Spark's ${sparkType}`;
}
