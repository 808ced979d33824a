import { expect, it } from 'vitest';
import { arqueroEngine } from '../../pipeline/cases/engines.ts';
import { madeCase } from '../../pipeline/cases/make_case.ts';
import { readCases } from '../../pipeline/cases/read_cases.ts';
import { runCases } from '../../pipeline/cases/run_cases.ts';
import { smallest } from '../../pipeline/cases/shrink.ts';
import { withCaseAdded } from '../../pipeline/cases/write_case.ts';
import { type Row, tableOfRows } from '../../pipeline/columns/table.ts';
import { datasets, geo, pin, user } from '../../pipeline/datasets/index.ts';
import { startsWith } from '../../pipeline/plan/expression.ts';
import { count } from '../../pipeline/plan/expressions/aggregates.ts';
import { type Query, query } from '../../pipeline/plan/query.ts';
import { medianFollowersByJoinYear } from '../../queries/median_followers_by_join_year.ts';
import { topUserByCountry } from '../../queries/top_user_by_country.ts';

const silverOf = (rows: Readonly<Record<string, readonly Row[]>>) =>
  Object.fromEntries(
    datasets.map(({ name, cleaning }) => [name, tableOfRows(cleaning.schema, rows[name] ?? [])]),
  );

/** Posts of two countries by people with names of their own, each with all fields. */
const silver = silverOf({
  pin: Array.from({ length: 60 }, (_, at) => ({
    ind: 1000 + at,
    title: `secret ${at}`,
    poster_name: `Real Name ${at % 7}`,
    follower_count: (at * 37) % 60,
    category: 'art',
  })),
  geo: Array.from({ length: 60 }, (_, at) => ({
    ind: 1000 + at,
    country: at % 2 === 0 ? 'Peru' : 'Mali',
    coordinates: [1, 2],
    timestamp: 0,
  })),
  user: Array.from({ length: 60 }, (_, at) => ({
    ind: 1000 + at,
    user_name: `User ${at}`,
    age: 20,
    date_joined: Date.parse(at % 3 === 0 ? '2016-01-01' : '2017-01-01'),
  })),
});

/** The rows given in a case, and whether it passes. */
async function checked(text: string, of: Query) {
  const file = readCases('x', withCaseAdded('', text), { kind: 'query', query: of }, datasets);
  expect(await runCases(file.cases, [arqueroEngine(datasets)])).toEqual([]);
  return file.cases[0]?.steps[0]?.given ?? expect.fail('There is no case.');
}

it('finds the single post that is the answer, without names, titles or other fields', async () => {
  const text = madeCase(topUserByCountry, datasets, silver, 'country=Peru');
  expect(text).toBe(`- name: gives country Peru, poster_name poster_name 1, follower_count 58
  given:
    pin:
      - {ind: 1, follower_count: 58, poster_name: poster_name 1}
    geo:
      - {ind: 1, country: Peru}
  expect:
    - {country: Peru, poster_name: poster_name 1, follower_count: 58}
`);
  await checked(text, topUserByCountry);
});

it('leaves out rows two by two where one alone would move a median', async () => {
  const given = await checked(
    madeCase(medianFollowersByJoinYear, datasets, silver),
    medianFollowersByJoinYear,
  );
  const rows = [...given.values()].map((table) => (table.form === 'rows' ? table.rows.length : 0));
  expect(Math.max(...rows)).toBeLessThanOrEqual(2);
});

it('refuses to replace a name that the query itself looks at', () => {
  const looking = query({
    name: 'posts_of_real_people',
    title: 'How many posts are there of real people?',
    plan: () =>
      pin.table
        .where((row) => startsWith(row.poster_name, 'Real'))
        .groupBy('category')
        .aggregate(() => ({ posts: count() }))
        .orderBy('category'),
    chart: { kind: 'bars', category: 'category', value: 'posts' },
  });
  const pins = [1, 2, 3].map((ind) => ({ ind, poster_name: `Real Name ${ind}`, category: 'art' }));
  expect(() => madeCase(looking, datasets, silverOf({ pin: pins }))).toThrow(
    /depends on what keys or personal fields say/,
  );
});

it('says which rows there are when none is asked for', () => {
  expect(() => madeCase(topUserByCountry, datasets, silver, 'country=Chad')).toThrow(
    /No row .* has country=Chad; it has 2 rows: country Mali, poster_name/,
  );
  expect(() => madeCase(topUserByCountry, datasets, silver, 'town=Lima')).toThrow(/no column "town"/);
  expect(() => madeCase(topUserByCountry, datasets, silverOf({}))).toThrow(/has no row/);
});

it('adds a case behind the last, and leaves comments and what follows as they are', () => {
  const text = '# mine\ncases:\n  - name: a # odd\n    expect: []\n\nharmless:\n  - {fault: x, because: y}\n';
  expect(withCaseAdded(text, '- name: b\n  expect: []\n')).toBe(
    '# mine\ncases:\n  - name: a # odd\n    expect: []\n\n  - name: b\n    expect: []\n\nharmless:\n  - {fault: x, because: y}\n',
  );
});

it('shrinks to what is needed, whatever its size', () => {
  const items = Array.from({ length: 1000 }, (_, at) => at);
  const needs = (...needed: readonly number[]) =>
    smallest(items, (some) => needed.every((item) => some.includes(item)));
  expect(needs()).toEqual([]);
  expect(needs(0)).toEqual([0]);
  expect(needs(3, 500, 501, 999)).toEqual([3, 500, 501, 999]);
  expect(smallest([], () => true)).toEqual([]);
});

it('has personal fields that datasets name', () => {
  expect([pin, geo, user].map(({ personal }) => personal.length)).toEqual([6, 0, 1]);
});
