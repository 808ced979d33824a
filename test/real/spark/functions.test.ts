/** Every function by itself on real Spark, over a grid of values: the same value, and the type of its rule. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { identifier, literalOf } from '../../../pipeline/engines/spark/quoting.ts';
import { type FunctionName, functions, type ScalarFunction } from '../../../pipeline/plan/functions.ts';
import {
  type ColumnType,
  columnTypes,
  type NonNullValue,
  type Schema,
  type Value,
} from '../../../pipeline/plan/types.ts';
import type { SparkSession } from '../systems/spark.ts';
import { describeReal, spark } from '../systems.ts';
import { combinations, grid, literalsOf, signaturesOf, valuesOf } from './grid.ts';

const names = Object.keys(functions).filter((name): name is FunctionName => name in functions);

describeReal('functions on real Spark', [spark], () => {
  let session: SparkSession;
  let found: ReadonlyMap<string, readonly string[]>;
  beforeAll(async () => {
    session = await spark.share();
    found = await differences(session, functions);
  });
  afterAll(() => session?.stop());

  it.each(names)('%s agrees with its JavaScript', (name) => {
    expect(found.get(name)).toEqual([]);
  });

  it('a wrong form is found', async () => {
    const rounded = (text: string) => `try_cast(try_cast(${text} AS DOUBLE) AS BIGINT)`;
    const broken = {
      ...functions.follower_count,
      spark: (...operands: readonly string[]) => rounded(operands[0] ?? ''),
    };
    const wrong = await differences(session, { follower_count: broken });
    expect(wrong.get('follower_count')?.length).toBeGreaterThan(5);
  });

  it('literals keep their values and types', async () => {
    for (const type of columnTypes) {
      // A plan's doubles are never −0, and its literal is 0.
      const values = grid[type].map((value) => (value === 0 ? 0 : value));
      const columns = values.map((value, at) => `${literalOf(type, value)} AS c${at}`);
      const [answer] = await session.answers(`SELECT ${columns.join(', ')}`);
      expect(answer?.rows).toEqual([values]);
      expect(new Set(Object.values(answer?.schema ?? {}))).toEqual(new Set([type]));
    }
  });
});

/** Functions whose arguments have the same types, over one grid. */
interface Sheet {
  readonly signature: readonly ColumnType[];
  readonly rows: readonly (readonly Value[])[];
  readonly cells: {
    readonly name: string;
    readonly scalar: ScalarFunction;
    readonly literal?: NonNullValue;
  }[];
}

/** The differences between Spark and JavaScript of each function, one a line. One query asks for all functions of a grid. */
async function differences(
  session: SparkSession,
  scalars: Readonly<Record<string, ScalarFunction>>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>(Object.keys(scalars).map((name) => [name, []]));
  for (const { signature, rows, cells } of sheetsOf(scalars)) {
    const columns = signature.map((_, at) => `c${at}`);
    const schema: Schema = { number: 'int', ...typesOf(columns, signature) };
    await session.makeViews({ name: 'grid', schema, rows: rows.map((row, number) => [number, ...row]) });
    const results = cells.map(({ scalar, literal }, at) => {
      const operands = literal === undefined ? columns.map(identifier) : ['c0', literalSql(literal)];
      return `${scalar.spark(...operands)} AS r${at}`;
    });
    const [answer] = await session.answers(`SELECT number, ${results.join(', ')} FROM grid`);
    expect(answer?.rows.length).toBe(rows.length);
    for (const [at, { name, scalar, literal }] of cells.entries()) {
      const differing = found.get(name) ?? [];
      const type = scalar.type(literal === undefined ? signature : [...signature, literalType(literal)]);
      if (answer?.schema[`r${at}`] !== type) {
        differing.push(`(${signature.join(', ')}) has the type ${answer?.schema[`r${at}`]}, not ${type}`);
      }
      for (const [number, ...given] of answer?.rows ?? []) {
        const row = rows[Number(number)] ?? [];
        const args = literal === undefined ? row : [...row, literal];
        const meaning = scalar.evaluate(...args);
        if (!same(given[at], meaning) && differing.length < 100) {
          differing.push(
            `${JSON.stringify(args)}: Spark ${JSON.stringify(given[at])}, here ${JSON.stringify(meaning)}`,
          );
        }
      }
    }
  }
  return found;
}

function sheetsOf(scalars: Readonly<Record<string, ScalarFunction>>): Iterable<Sheet> {
  const sheets = new Map<string, Sheet>();
  const sheetOf = (signature: readonly ColumnType[]): Sheet => {
    const rows = combinations<Value>(signature.map((type) => valuesOf(type, signature.length)));
    const sheet = sheets.get(signature.join()) ?? { signature, rows, cells: [] };
    sheets.set(signature.join(), sheet);
    return sheet;
  };
  for (const [name, scalar] of Object.entries(scalars)) {
    const signatures = signaturesOf(scalar.type, 3);
    expect(signatures.length).toBeGreaterThan(0);
    for (const signature of signatures) {
      if (scalar.literalSecond) {
        const { cells } = sheetOf(signature.slice(0, 1));
        const literals = literalsOf[name] ?? expect.fail(`grid.ts has no literals for ${name}`);
        cells.push(...literals.map((literal) => ({ name, scalar, literal })));
      } else {
        sheetOf(signature).cells.push({ name, scalar });
      }
    }
  }
  return sheets.values();
}

/** Literals of the grid are texts and integers. */
const literalType = (literal: NonNullValue): ColumnType => (typeof literal === 'string' ? 'text' : 'int');
const literalSql = (literal: NonNullValue) => literalOf(literalType(literal), literal);

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
