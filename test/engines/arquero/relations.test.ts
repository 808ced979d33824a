/** Rows in, rows out: the meaning of relations that every engine is compared with. */
import { describe, expect, it } from 'vitest';
import { type Row, rowsOf, tableOfRows } from '../../../pipeline/columns/table.ts';
import { runPlan } from '../../../pipeline/engines/arquero/run_plan.ts';
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
import { largestInteger, type Value } from '../../../pipeline/plan/types.ts';

const posts = Table.source('posts', { country: 'text', word: 'text', likes: 'bigint' });
const places = Table.source('places', { country: 'text', word: 'text', city: 'text' });
const cities = places.select(({ country, city }) => ({ country, city }));

const rowOf = (names: readonly string[], cells: readonly Value[]): Row =>
  Object.fromEntries(names.map((name, i) => [name, cells[i] ?? null]));

function answer(
  { node }: { readonly node: RelationNode },
  postRows: readonly (readonly Value[])[],
  placeRows: readonly (readonly Value[])[] = [],
) {
  const tables = {
    posts: tableOfRows(
      posts.schema,
      postRows.map((cells) => rowOf(['country', 'word', 'likes'], cells)),
    ),
    places: tableOfRows(
      places.schema,
      placeRows.map((cells) => rowOf(['country', 'word', 'city'], cells)),
    ),
  };
  return rowsOf(runPlan(node, tables)).map((row) => Object.values(row));
}

const rows = [
  ['peru', 'a', 1],
  ['peru', 'b', 2],
  [null, 'a', 3],
  ['mali', null, 4],
];
const found = [
  ['peru', 'a', 'Lima'],
  ['peru', 'a', 'Cusco'],
  [null, 'a', 'Nowhere'],
  ['mali', null, 'Bamako'],
];

describe('a join', () => {
  it('to the left keeps rows without a partner, those with a null key among them', () => {
    const one = posts.leftJoin(cities, 'country').select(({ likes, city }) => ({ likes, city }));
    expect(answer(one, rows, found).sort()).toEqual([
      [1, 'Cusco'],
      [1, 'Lima'],
      [2, 'Cusco'],
      [2, 'Lima'],
      [3, null],
      [4, 'Bamako'],
    ]);
    const two = posts.leftJoin(places, 'country', 'word').select(({ likes, city }) => ({ likes, city }));
    expect(answer(two, rows, found).sort()).toEqual([
      [1, 'Cusco'],
      [1, 'Lima'],
      [2, null],
      [3, null],
      [4, null],
    ]);
    expect(answer(two, rows).length).toBe(4);
    expect(answer(two, [], found)).toEqual([]);
  });

  it('that only filters keeps a row once, and a null key equals nothing', () => {
    expect(answer(posts.semiJoin(cities, 'country'), rows, found)).toEqual([rows[0], rows[1], rows[3]]);
    expect(answer(posts.antiJoin(cities, 'country'), rows, found)).toEqual([rows[2]]);
    expect(answer(posts.semiJoin(places, 'country', 'word'), rows, found)).toEqual([rows[0]]);
    expect(answer(posts.antiJoin(places, 'country', 'word'), rows, found)).toEqual(rows.slice(1));
    expect(answer(posts.semiJoin(cities, 'country'), rows)).toEqual([]);
    expect(answer(posts.antiJoin(cities, 'country'), rows)).toEqual(rows);
  });
});

it('a union takes columns by name, and keeps equal rows', () => {
  const other = places.select(({ city, country }) => ({ country: city, city: country }));
  expect(answer(cities.union(cities).union(other), [], found.slice(0, 1))).toEqual([
    ['peru', 'Lima'],
    ['peru', 'Lima'],
    ['Lima', 'peru'],
  ]);
});

describe('the first rows', () => {
  const tied = [
    ['peru', 'c', 2],
    ['peru', 'b', 2],
    ['peru', null, 2],
    ['mali', 'z', null],
    ['peru', 'a', 1],
    ['peru', 'b', 2],
  ];

  it('of each group are as many as there are, ties broken by the other columns', () => {
    expect(answer(posts.topOfEach(['country'], 2, descending('likes')), tied).sort()).toEqual([
      ['mali', 'z', null],
      ['peru', null, 2],
      ['peru', 'b', 2],
    ]);
  });

  it('of all come in their order', () => {
    expect(answer(posts.orderBy(descending('likes')).limit(3), tied)).toEqual([
      ['peru', null, 2],
      ['peru', 'b', 2],
      ['peru', 'b', 2],
    ]);
    expect(answer(posts.limit(2), tied)).toEqual([
      ['mali', 'z', null],
      ['peru', null, 2],
    ]);
    expect(answer(posts.limit(99), tied)).toHaveLength(tied.length);
  });
});

describe('a window', () => {
  const tied = [
    ['peru', 'b', 2],
    ['peru', 'a', 2],
    ['peru', 'c', null],
    ['mali', 'd', -1],
    ['peru', 'e', 5],
    [null, 'f', 0],
  ];
  const inOrder = (table: ReturnType<typeof answer>) =>
    table.sort((a, b) => String(a[1]).localeCompare(String(b[1]))).map(([, ...cells]) => cells);

  it('numbers, ranks and looks around in each group, ties broken by the other columns', () => {
    const plan = posts.window(['country'], descending('likes')).withColumns((row) => ({
      place: rowNumber(),
      rank: rank(),
      before: lag(row.word),
      after: lead(row.word, 2),
    }));
    expect(inOrder(answer(plan, tied))).toEqual([
      ['a', 2, 2, 2, 'e', 'c'],
      ['b', 2, 3, 2, 'a', null],
      ['c', null, 4, 4, 'b', null],
      ['d', -1, 1, 1, null, null],
      ['e', 5, 1, 1, null, 'b'],
      ['f', 0, 1, 1, null, null],
    ]);
  });

  it('adds up to each row, and gives shares of the whole, leaving nulls out', () => {
    const plan = posts
      .window(['country'], 'likes')
      .withColumns((row) => ({ total: runningSum(row.likes), share: shareOf(row.likes) }));
    expect(inOrder(answer(plan, tied))).toEqual([
      ['a', 2, 2, 2 / 9],
      ['b', 2, 4, 2 / 9],
      ['c', null, null, null],
      ['d', -1, -1, 1],
      ['e', 5, 9, 5 / 9],
      ['f', 0, 0, null],
    ]);
    const zeros = answer(plan, [
      ['x', 'a', 0],
      ['x', 'b', -5],
    ]);
    expect(zeros.map((row) => row.at(-1))).toEqual([1, 0]);
  });

  it('has no sum beyond the largest integer, and has one again below it', () => {
    const plan = posts.window([], 'word').withColumns((row) => ({ total: runningSum(row.likes) }));
    const sums = answer(plan, [
      ['x', 'a', largestInteger],
      ['x', 'b', 1],
      ['x', 'c', -2],
    ]);
    expect(sums.map((row) => row.at(-1))).toEqual([largestInteger, null, largestInteger - 1]);
  });
});
