/** Plans of every shape that the printer knows, on real Spark and on Arquero: nulls, ties, odd strings, empty tables. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowsOf, tableOfRows } from '../../../pipeline/columns/table.ts';
import { runPlan } from '../../../pipeline/engines/arquero/run_plan.ts';
import { type SparkSession, startSession } from '../../../pipeline/engines/spark/local/tables.ts';
import { planSql } from '../../../pipeline/engines/spark/plan_sql.ts';
import {
  and,
  atLeast,
  equals,
  isNotNull,
  isOneOf,
  literal,
  not,
  or,
  year,
} from '../../../pipeline/plan/expression.ts';
import type { RelationNode } from '../../../pipeline/plan/relation.ts';
import {
  count,
  countDistinct,
  descending,
  max,
  median,
  min,
  sum,
  Table,
} from '../../../pipeline/plan/table.ts';
import type { Schema, Value } from '../../../pipeline/plan/types.ts';
import { comparable, plansOver } from '../../support/random_plans.ts';
import { describeReal, spark } from '../systems.ts';

const postSchema = {
  ind: 'bigint',
  word: 'text',
  size: 'double',
  made: 'timestamp',
  likes: 'int',
  seen: 'boolean',
} as const;
const posts = Table.source('posts', postSchema);
const places = Table.source('places', { ind: 'bigint', place: 'text' });
const nothing = Table.source('nothing', { ind: 'bigint', place: 'text' });

const words = [
  null,
  '',
  'a',
  'A',
  'é',
  '🂡',
  'ﬀ',
  "it's",
  '\\',
  'a|b',
  '"',
  ['$', '{a}'].join(''),
  'line\nend',
  '\u0000',
];
const postRows: Value[][] = Array.from({ length: 60 }, (_, at) => [
  at % 11 === 0 ? null : at % 7,
  words[(at * 5) % words.length] ?? null,
  [null, 0, 0.5, -1.5, 1e300, 5e-324][at % 6] ?? null,
  [null, 0, -1, 1_600_000_000_000, -62_135_596_800_000][(at * 3) % 5] ?? null,
  [null, 0, 1, -1, 2_147_483_647][(at * 7) % 5] ?? null,
  [null, true, false][at % 3] ?? null,
]);
const placeRows: Value[][] = [
  [0, 'x'],
  [0, 'y'],
  [1, 'x'],
  [2, null],
  [null, 'z'],
  [3, '🂡'],
  [3, 'ﬀ'],
  [3, 'ﬀ'],
];

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const planCount = Number(process.env.PLANS ?? 40);

const known = posts.whereNotNull('ind', 'word');
const plans: Readonly<Record<string, { readonly node: RelationNode; readonly schema: Schema }>> = {
  'a source as it is': posts,
  'conditions of three values': posts.where((row) =>
    or(
      not(atLeast(row.likes, literal('int', 1))),
      and(isNotNull(row.size), not(equals(row.word, literal('text', 'a')))),
    ),
  ),
  'a condition that is a column': posts.where((row) => row.seen),
  'text that would break out': posts.where((row) =>
    isOneOf(row.word, "it's", '\\', ['$', '{a}'].join(''), 'line\nend', '"', '\u0000'),
  ),
  'distinct rows, then a condition': posts
    .select((row) => ({ word: row.word, seen: row.seen }))
    .distinct()
    .whereNotNull('seen'),
  'columns that trade names': posts
    .select((row) => ({ ind: row.ind, size: row.size, likes: row.likes }))
    .select((row) => ({ likes: row.ind, ind: row.likes, size: row.size }))
    .where((row) => atLeast(row.ind, literal('int', 0))),
  'a column named as another was': posts
    .select((row) => ({ made: year(row.made), likes: row.likes }))
    .groupBy('made')
    .aggregate((row) => ({ likes: max(row.likes) }))
    .orderBy(descending('likes'), 'made'),
  'a join that repeats rows and leaves out nulls': posts
    .join(places, 'ind')
    .select((row) => ({ ind: row.ind, word: row.word, place: row.place })),
  'a join with an empty table': posts.join(nothing, 'ind'),
  'a table joined to itself': known.join(known, 'ind', 'word', 'size', 'made', 'likes', 'seen'),
  'joins one after another': posts
    .join(places.distinct(), 'ind')
    .join(posts.select((row) => ({ ind: row.ind, other: row.word })).distinct(), 'ind'),
  'aggregates of all kinds': posts.groupBy('word', 'seen').aggregate((row) => ({
    rows: count(),
    different: countDistinct(row.size, row.made),
    total: sum(row.likes),
    least: min(row.word),
    most: max(row.made),
    middle: median(row.size),
    smallest: min(row.size),
    largest: max(row.seen),
  })),
  'an aggregate of an aggregate': posts
    .groupBy('word')
    .aggregate(() => ({ rows: count() }))
    .groupBy('rows')
    .aggregate(() => ({ words: count() }))
    .where((row) => atLeast(row.words, literal('bigint', 1))),
  'the top of each group, nulls among them': posts
    .select((row) => ({ seen: row.seen, word: row.word, size: row.size }))
    .topOfEach(['seen'], descending('size'), 'word'),
  'the top of each group, ascending': posts
    .select((row) => ({ likes: row.likes, word: row.word, place: row.made }))
    .topOfEach(['likes'], 'word', descending('place')),
  'the top of all, and then more': posts
    .select((row) => ({ word: row.word, ind: row.ind }))
    .topOfEach([], descending('word'), descending('ind'))
    .join(places, 'ind'),
  'the top of all of nothing': nothing.topOfEach([], 'ind', 'place'),
  'a top of tops': posts
    .select((row) => ({ seen: row.seen, word: row.word }))
    .distinct()
    .topOfEach(['seen'], descending('word'))
    .topOfEach([], 'seen', 'word'),
  'an order of every type': posts.orderBy(
    'word',
    descending('size'),
    'made',
    descending('seen'),
    'likes',
    descending('ind'),
  ),
  'a distinct order, the largest first': posts
    .select((row) => ({ word: row.word }))
    .distinct()
    .orderBy(descending('word')),
};

describeReal('plans on real Spark and on Arquero', [spark], () => {
  let session: SparkSession;
  beforeAll(async () => {
    session = await startSession();
    await session.makeViews(
      { name: 'posts', schema: posts.schema, rows: postRows },
      { name: 'places', schema: places.schema, rows: placeRows },
      { name: 'nothing', schema: nothing.schema, rows: [] },
    );
  });
  afterAll(() => session?.stop());

  const sources = {
    posts: tableOf(posts.schema, postRows),
    places: tableOf(places.schema, placeRows),
    nothing: tableOf(nothing.schema, []),
  };

  it.each(Object.entries(plans))('%s', async (_, { node, schema }) => {
    const [answer] = await session.answers(planSql(node));
    const expected = rowsOf(runPlan(node, sources)).map((row) => JSON.stringify(Object.values(row)));
    const given = (answer?.rows ?? []).map((row) => JSON.stringify(row));
    expect(answer?.schema).toEqual(schema);
    expect(node.kind === 'order' ? given : given.sort()).toEqual(
      node.kind === 'order' ? expected : expected.sort(),
    );
  });

  it(`whatever can be built runs, and gives the same (SEED=${seed} PLANS=${planCount})`, async () => {
    const made = fc.sample(plansOver(posts, places, nothing), { seed, numRuns: planCount });
    const different = [...new Map(made.map((plan) => [planSql(plan.node), plan])).values()];
    expect(different.length).toBeGreaterThan(planCount / 2);
    const answers = await session.answers(...different.map(({ node }) => planSql(node)));
    let withRows = 0;
    for (const [i, { node, schema }] of different.entries()) {
      const expected = runPlan(node, sources);
      const answer = answers[i] ?? expect.fail(`There is no answer ${i}.`);
      expect(answer.schema, planSql(node)).toEqual(schema);
      expect(comparable(node, tableOf(schema, answer.rows)), planSql(node)).toEqual(
        comparable(node, expected),
      );
      withRows += expected.length > 0 ? 1 : 0;
    }
    expect(withRows).toBeGreaterThan(different.length / 4);
  });
});

function tableOf(schema: Schema, rows: readonly (readonly Value[])[]) {
  const names = Object.keys(schema);
  return tableOfRows(
    schema,
    rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? null]))),
  );
}
