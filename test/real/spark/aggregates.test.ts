/** Every aggregate by itself on real Spark, over groups of values: the same value, and the type of its rule. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { identifier, literalOf } from '../../../pipeline/engines/spark/quoting.ts';
import { type AggregateFunction, type AggregateName, aggregates } from '../../../pipeline/plan/aggregates.ts';
import type { ColumnType, NonNullValue, Schema, Value } from '../../../pipeline/plan/types.ts';
import type { SparkSession } from '../systems/spark.ts';
import { describeReal, spark } from '../systems.ts';
import { grid, signaturesOf } from './grid.ts';

/** The seed of random values, which the name of their test shows. */
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const names = Object.keys(aggregates).filter((name): name is AggregateName => name in aggregates);

describeReal('aggregates on real Spark', [spark], () => {
  let session: SparkSession;
  beforeAll(async () => {
    session = await spark.share();
  });
  afterAll(() => session?.stop());

  it.each(names)('%s agrees with its JavaScript', async (name) => {
    expect(await differences(session, aggregates[name])).toEqual([]);
  });

  it(`sums of doubles are exact, whatever cancels (SEED=${seed})`, async () => {
    const double = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -1074, max: 1023 }).map((exponent) => 2 ** exponent),
      fc.constantFrom(0.1, 1e16, 2 ** 53, 2 ** -53, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 1e308),
    );
    const values = fc.array(
      fc.oneof(
        double,
        double.map((value) => -value),
      ),
      { minLength: 1, maxLength: 30 },
    );
    // Some with all of their negatives but one, in the same order.
    const cancelling = values.map((some) => [...some, ...some.slice(1).map((value) => -value)]);
    const groups = fc
      .sample(fc.oneof(values, cancelling), { seed, numRuns: 400 })
      .map((group) => group.map((value) => [value + 0]));
    expect(await differencesOf(session, aggregates.sum_doubles, ['double'], groups)).toEqual([]);
  });

  it('a wrong form is found', async () => {
    const broken = {
      ...aggregates.median,
      spark: (column = '') => `percentile_approx(${column}, 0.5) + 0.0D`,
    };
    expect((await differences(session, broken)).length).toBeGreaterThan(2);
  });
});

async function differences(session: SparkSession, aggregate: AggregateFunction): Promise<string[]> {
  const signatures = signaturesOf(aggregate.type, 2).filter(
    ([first, second]) => second === undefined || first === second || first === 'text',
  );
  expect(signatures.length).toBeGreaterThan(0);
  const found: string[] = [];
  for (const signature of signatures) {
    found.push(...(await differencesOf(session, aggregate, signature, groupsOf(signature))));
  }
  return found.slice(0, 50);
}

async function differencesOf(
  session: SparkSession,
  aggregate: AggregateFunction,
  signature: readonly ColumnType[],
  groups: readonly (readonly (readonly Value[])[])[],
): Promise<string[]> {
  const found: string[] = [];
  const columns = signature.map((_, at) => `c${at}`);
  const schema: Schema = {
    number: 'int',
    ...Object.fromEntries(columns.map((name, at) => [name, signature[at] ?? 'int'])),
  };
  const rows = groups.flatMap((group, number) => group.map((row) => [number, ...row]));
  await session.makeViews({ name: 'grouped', schema, rows });
  const forms = fractionsOf(aggregate).map((fraction, at) => {
    const literals = fraction === undefined ? [] : [literalOf('double', fraction)];
    return `${aggregate.spark(...columns.map(identifier), ...literals)} AS r${at}`;
  });
  const [answer] = await session.answers(`SELECT number, ${forms.join(', ')} FROM grouped GROUP BY number`);
  const type = aggregate.type(signature);
  expect(answer?.rows.length).toBe(groups.length);
  for (const [at, fraction] of fractionsOf(aggregate).entries()) {
    const called = `(${[...signature, ...(fraction === undefined ? [] : [fraction])].join(', ')})`;
    if (answer?.schema[`r${at}`] !== type) {
      found.push(`${called} has the type ${answer?.schema[`r${at}`]}, not ${type}`);
    }
    for (const [number, ...results] of answer?.rows ?? []) {
      const group = groups[Number(number)] ?? [];
      const meaning = meaningOf(aggregate, group, fraction);
      if (!Object.is(results[at], meaning)) {
        const said = `Spark ${JSON.stringify(results[at])}, here ${JSON.stringify(meaning)}`;
        found.push(`${called} of ${JSON.stringify(group)}: ${said}`);
      }
    }
  }
  return found;
}

const fractionsOf = ({ takesFraction }: AggregateFunction): readonly (number | undefined)[] =>
  takesFraction ? [0, 0.1, 1 / 3, 0.5, 0.9, 0.99, 1] : [undefined];

function meaningOf(
  aggregate: AggregateFunction,
  group: readonly (readonly Value[])[],
  fraction: number | undefined,
): Value {
  const accumulator = aggregate.accumulator(fraction);
  for (const row of group) {
    const notNull = row.filter((value): value is NonNullValue => value !== null);
    if (notNull.length === row.length) {
      accumulator.add(...notNull);
    }
  }
  return accumulator.value();
}

/** Groups: only nulls, each value once and twice, each two neighbours, some more together, and all. */
function groupsOf(signature: readonly ColumnType[]): readonly (readonly (readonly Value[])[])[] {
  // A column's −0 is 0: see the type table of plans.
  const lists = signature.map((type) => grid[type].map((value) => (value === 0 ? 0 : value)));
  const length = Math.max(1, ...lists.map((list) => list.length));
  const rows = Array.from({ length }, (_, at) =>
    lists.map((list, column) => list[(at * (column + 1)) % list.length] ?? null),
  );
  const nulls = signature.map(() => null);
  return [
    [nulls],
    [nulls, nulls],
    ...rows.map((row) => [row]),
    ...rows.map((row) => [row, row, nulls]),
    ...rows.map((row, at) => [row, rows[(at + 1) % length] ?? row]),
    ...rows.map((row, at) => [row, rows[(at * 7 + 3) % length] ?? row, rows[(at * 5 + 2) % length] ?? row]),
    rows,
    [...rows, ...rows],
  ];
}
