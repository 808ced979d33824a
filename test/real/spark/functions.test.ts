/** Every function by itself on real Spark, over a grid of values: the same value, and the type of its rule. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { identifier, literalOf } from '../../../pipeline/engines/spark/quoting.ts';
import { type FunctionName, functions, type ScalarFunction } from '../../../pipeline/plan/functions.ts';
import type { ColumnType, Schema, Value } from '../../../pipeline/plan/types.ts';
import { describeReal, spark } from '../systems.ts';
import { combinations, grid, signaturesOf } from './grid.ts';
import { type SparkSession, startSession } from './spark_tables.ts';

const names = Object.keys(functions).filter((name): name is FunctionName => name in functions);

describeReal('functions on real Spark', [spark], () => {
  let session: SparkSession;
  beforeAll(async () => {
    session = await startSession();
  });
  afterAll(() => session?.stop());

  it.each(names)('%s agrees with its JavaScript', async (name) => {
    expect(await differences(session, functions[name])).toEqual([]);
  });

  it('a wrong form is found', async () => {
    const rounded = (text: string) => `try_cast(try_cast(${text} AS DOUBLE) AS BIGINT)`;
    const broken = {
      ...functions.follower_count,
      spark: (...operands: readonly string[]) => rounded(operands[0] ?? ''),
    };
    expect((await differences(session, broken)).length).toBeGreaterThan(5);
  });

  it('literals keep their values and types', async () => {
    for (const type of [
      'bigint',
      'int',
      'double',
      'text',
      'boolean',
      'timestamp',
      'array<double>',
    ] as const) {
      // A plan's doubles are never −0, and its literal is 0.
      const values = grid[type].map((value) => (value === 0 ? 0 : value));
      const columns = values.map((value, at) => `${literalOf(type, value)} AS c${at}`);
      const [answer] = await session.answers(`SELECT ${columns.join(', ')}`);
      expect(answer?.rows).toEqual([values]);
      expect(new Set(Object.values(answer?.schema ?? {}))).toEqual(new Set([type]));
    }
  });
});

/** The first hundred differences between Spark and JavaScript, one a line. */
async function differences(session: SparkSession, scalar: ScalarFunction): Promise<string[]> {
  const signatures = signaturesOf(scalar.type, 2);
  expect(signatures.length).toBeGreaterThan(0);
  const found: string[] = [];
  for (const signature of signatures) {
    const rows = combinations<Value>(signature.map((type) => grid[type]));
    const columns = signature.map((_, at) => `c${at}`);
    const schema: Schema = { number: 'int', ...typesOf(columns, signature) };
    await session.makeViews({ name: 'grid', schema, rows: rows.map((row, number) => [number, ...row]) });
    const form = scalar.spark(...columns.map(identifier));
    const [answer] = await session.answers(`SELECT number, ${form} AS result FROM grid`);
    const type = scalar.type(signature);
    if (answer?.schema.result !== type) {
      found.push(`(${signature.join(', ')}) has the type ${answer?.schema.result}, not ${type}`);
    }
    expect(answer?.rows.length).toBe(rows.length);
    for (const [number, result] of answer?.rows ?? []) {
      const row = rows[Number(number)] ?? [];
      const meaning = scalar.evaluate(...row);
      if (!same(result, meaning)) {
        found.push(
          `${JSON.stringify(row)}: Spark ${JSON.stringify(result)}, here ${JSON.stringify(meaning)}`,
        );
      }
    }
  }
  return found.slice(0, 100);
}

/** Equal, but −0 differs from 0. */
function same(a: Value | undefined, b: Value): boolean {
  return Array.isArray(a) && Array.isArray(b)
    ? a.length === b.length && a.every((item, at) => Object.is(item, b[at]))
    : Object.is(a, b);
}

function typesOf(columns: readonly string[], types: readonly ColumnType[]): Schema {
  return Object.fromEntries(
    columns.flatMap((name, at) => (types[at] === undefined ? [] : [[name, types[at]]])),
  );
}
