/** Plans of every shape that the printer knows, on real Spark and on Arquero: nulls, ties, odd strings, empty tables. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tableOfRows } from '../../../pipeline/columns/table.ts';
import { runPlan } from '../../../pipeline/engines/arquero/run_plan.ts';
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
import {
  count,
  countDistinct,
  max,
  median,
  min,
  sum,
} from '../../../pipeline/plan/expressions/aggregates.ts';
import { split } from '../../../pipeline/plan/expressions/arrays.ts';
import {
  lag,
  lead,
  rank,
  rowNumber,
  runningSum,
  shareOf,
} from '../../../pipeline/plan/expressions/windows.ts';
import type { RelationNode } from '../../../pipeline/plan/relation.ts';
import { descending, Table } from '../../../pipeline/plan/table.ts';
import { largestInteger, type Schema, type Value } from '../../../pipeline/plan/types.ts';
import { comparable, plansOver } from '../../support/random_plans.ts';
import type { SparkSession } from '../systems/spark.ts';
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
const edges = Table.source('edges', { ind: 'bigint', place: 'int' });
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

const edgeRows: Value[][] = [largestInteger, 1, -2, null, -largestInteger, -largestInteger, -5].map(
  (ind, place) => [ind, place],
);

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
  'a left join, and a condition on what is missing': posts
    .leftJoin(places, 'ind')
    .where((row) => not(isNotNull(row.place)))
    .select((row) => ({ ind: row.ind, word: row.word, place: row.place })),
  'a left join with an empty table': posts.leftJoin(nothing, 'ind'),
  'a left join on several columns, nulls among them': known.leftJoin(
    posts.select((row) => ({ ind: row.ind, word: row.word, other: row.size })).distinct(),
    'ind',
    'word',
  ),
  'a semi-join that repeats no row': posts.semiJoin(places, 'ind'),
  'a semi-join, then a condition': posts.semiJoin(places, 'ind').where((row) => row.seen),
  'an anti-join that keeps null keys': posts.antiJoin(places, 'ind'),
  'an anti-join with the same table': posts.antiJoin(posts, 'word', 'size'),
  'an anti-join with an empty table': posts.antiJoin(nothing, 'ind'),
  'a union of columns in another order, with itself once more': places
    .union(posts.select((row) => ({ place: row.word, ind: row.ind })))
    .union(places)
    .where((row) => isNotNull(row.place)),
  'a union of sorted first rows': places
    .orderBy(descending('place'))
    .limit(2)
    .union(places.limit(3))
    .groupBy('place')
    .aggregate(() => ({ rows: count() })),
  'a union that is used twice': places.union(nothing).semiJoin(places.union(nothing), 'place'),
  'the first three of each group': posts
    .select((row) => ({ seen: row.seen, word: row.word, size: row.size }))
    .topOfEach(['seen'], 3, descending('size')),
  'the first rows in an order': posts.orderBy(descending('likes'), 'word').limit(7),
  'the first rows of a table without order': posts.limit(5),
  'windows of every kind': posts.window(['seen'], descending('likes'), 'word').withColumns((row) => ({
    number: rowNumber(),
    place: rank(),
    before: lag(row.word),
    two_before: lag(row.size, 2),
    after: lead(row.made),
    total: runningSum(row.likes),
    ind_total: runningSum(row.ind),
    share: shareOf(row.likes),
  })),
  'windows over all rows, on top of an aggregate': posts
    .groupBy('word')
    .aggregate((row) => ({ rows: count(), likes: sum(row.likes) }))
    .window([], descending('rows'))
    .withColumns((row) => ({ place: rank(), share: shareOf(row.rows), sum: runningSum(row.likes) }))
    .where((row) => atLeast(row.share, literal('double', 0.05))),
  'a share of each group, then distinct': posts
    .window(['word'])
    .withColumns((row) => ({ share: shareOf(row.likes) }))
    .select((row) => ({ word: row.word, share: row.share }))
    .distinct(),
  'sums at the edge of integers': edges
    .window([], 'place')
    .withColumns((row) => ({ total: runningSum(row.ind), share: shareOf(row.ind) })),
  'an order of every type': posts.orderBy(
    'word',
    descending('size'),
    'made',
    descending('seen'),
    'likes',
    descending('ind'),
  ),
  'each element of arrays': posts
    .select((row) => ({ ind: row.ind, parts: split(row.word, '[a-z]') }))
    .explode('parts', 'part'),
  'the number of different elements': posts
    .select((row) => ({ size: row.size, parts: split(row.word, '\\W') }))
    .explode('parts', 'part')
    .groupBy('part')
    .aggregate((row) => ({ sizes: countDistinct(row.size) })),
  'a distinct order, the largest first': posts
    .select((row) => ({ word: row.word }))
    .distinct()
    .orderBy(descending('word')),
};

describeReal('plans on real Spark and on Arquero', [spark], () => {
  let session: SparkSession;
  beforeAll(async () => {
    session = await spark.share();
    await session.makeViews(
      { name: 'posts', schema: posts.schema, rows: postRows },
      { name: 'places', schema: places.schema, rows: placeRows },
      { name: 'edges', schema: edges.schema, rows: edgeRows },
      { name: 'nothing', schema: nothing.schema, rows: [] },
    );
  });
  afterAll(() => session?.stop());

  const sources = {
    posts: tableOf(posts.schema, postRows),
    places: tableOf(places.schema, placeRows),
    edges: tableOf(edges.schema, edgeRows),
    nothing: tableOf(nothing.schema, []),
  };

  it.each(Object.entries(plans))('%s', async (_, { node, schema }) => {
    const [answer] = await session.answers(planSql(node));
    expect(answer?.schema).toEqual(schema);
    expect(comparable(node, tableOf(schema, answer?.rows ?? []))).toEqual(
      comparable(node, runPlan(node, sources)),
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
