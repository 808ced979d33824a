/** Every aggregate by itself on real Spark, over groups of values: the same value, and the type of its rule. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SparkSession, startSession } from '../../../pipeline/engines/spark/local/tables.ts';
import { identifier } from '../../../pipeline/engines/spark/quoting.ts';
import { type AggregateFunction, type AggregateName, aggregates } from '../../../pipeline/plan/aggregates.ts';
import type { ColumnType, NonNullValue, Schema, Value } from '../../../pipeline/plan/types.ts';
import { describeReal, spark } from '../systems.ts';
import { grid, signaturesOf } from './grid.ts';

const names = Object.keys(aggregates).filter((name): name is AggregateName => name in aggregates);

describeReal('aggregates on real Spark', [spark], () => {
  let session: SparkSession;
  beforeAll(async () => {
    session = await startSession();
  });
  afterAll(() => session?.stop());

  it.each(names)('%s agrees with its JavaScript', async (name) => {
    expect(await differences(session, aggregates[name])).toEqual([]);
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
    const groups = groupsOf(signature);
    const columns = signature.map((_, at) => `c${at}`);
    const schema: Schema = {
      number: 'int',
      ...Object.fromEntries(columns.map((name, at) => [name, signature[at] ?? 'int'])),
    };
    const rows = groups.flatMap((group, number) => group.map((row) => [number, ...row]));
    await session.makeViews({ name: 'grouped', schema, rows });
    const form = aggregate.spark(...columns.map(identifier));
    const [answer] = await session.answers(`SELECT number, ${form} AS result FROM grouped GROUP BY number`);
    const type = aggregate.type(signature);
    if (answer?.schema.result !== type) {
      found.push(`(${signature.join(', ')}) has the type ${answer?.schema.result}, not ${type}`);
    }
    expect(answer?.rows.length).toBe(groups.length);
    for (const [number, result] of answer?.rows ?? []) {
      const group = groups[Number(number)] ?? [];
      const meaning = meaningOf(aggregate, group);
      if (!Object.is(result, meaning)) {
        const said = `Spark ${JSON.stringify(result)}, here ${JSON.stringify(meaning)}`;
        found.push(`(${signature.join(', ')}) of ${JSON.stringify(group)}: ${said}`);
      }
    }
  }
  return found.slice(0, 50);
}

function meaningOf(aggregate: AggregateFunction, group: readonly (readonly Value[])[]): Value {
  const accumulator = aggregate.accumulator();
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
