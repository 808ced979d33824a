import { expect, it } from 'vitest';
import { type Row, rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { runPlan } from '../../pipeline/engines/arquero/run_plan.ts';
import { queries } from '../../queries/index.ts';

/** The rows of one query over cleaned rows; columns left out are null. */
function ask(
  name: string,
  cleaned: Readonly<Record<string, readonly Row[]>>,
): readonly (readonly unknown[])[] {
  const query = queries.find((candidate) => candidate.name === name) ?? expect.fail(name);
  const sources = datasets.map((dataset) => [
    dataset.name,
    tableOfRows(dataset.cleaning.schema, cleaned[dataset.name] ?? []),
  ]);
  return rowsOf(runPlan(query.plan, Object.fromEntries(sources))).map((row) => Object.values(row));
}

const at = (time: string) => Date.parse(`${time}Z`);

it('columns have the documented names and types', () => {
  expect(
    queries.map(
      ({ name, schema }) =>
        `${name}: ${Object.entries(schema)
          .map((c) => c.join(' '))
          .join(', ')}`,
    ),
  ).toEqual([
    'most_popular_category_by_country: country text, category text, category_count bigint',
    'most_popular_category_by_year: post_year int, category text, category_count bigint',
    'top_user_by_country: country text, poster_name text, follower_count bigint',
    'country_with_top_user: country text, poster_name text, follower_count bigint',
    'most_popular_category_by_age_group: age_group text, category text, category_count bigint',
    'median_followers_by_age_group: age_group text, median_follower_count double',
    'users_joined_by_year: join_year int, number_users_joined bigint',
    'median_followers_by_join_year: join_year int, median_follower_count double',
    'median_followers_by_join_year_and_age_group: join_year int, age_group text, median_follower_count double',
  ]);
});

it('counts a post once for each geo row, breaks ties by category in code-point order, leaves nulls out', () => {
  const pin = [
    { ind: 1, category: '🂡' },
    { ind: 2, category: 'ﬀ' },
    { ind: 3, category: null },
    { ind: 3, category: 'art' },
  ];
  const geo = [
    { ind: 1, country: 'Peru' },
    { ind: 2, country: 'Peru' },
    { ind: 3, country: 'Mali' },
    { ind: 3, country: 'Mali', timestamp: 0 },
    { ind: 1, country: null },
    { ind: 9, country: 'Chad' },
  ];
  expect(ask('most_popular_category_by_country', { pin, geo })).toEqual([
    ['Mali', 'art', 2],
    ['Peru', 'ﬀ', 1],
  ]);
});

it('keeps the years 2018 to 2022 of the post, in UTC', () => {
  const pin = [1, 2, 3, 4, 5].map((ind) => ({ ind, category: 'art' }));
  const geo = [
    '2017-12-31T23:59:59',
    '2018-01-01T00:00:00',
    '2022-12-31T23:59:59',
    '2023-01-01T00:00:00',
  ].map((time, i) => ({ ind: i + 1, timestamp: at(time) }));
  expect(ask('most_popular_category_by_year', { pin, geo: [...geo, { ind: 5, timestamp: null }] })).toEqual([
    [2018, 'art', 1],
    [2022, 'art', 1],
  ]);
});

it('finds the poster with most followers in each country, and the country with the most', () => {
  const pin = [
    { ind: 1, poster_name: 'b', follower_count: 10 },
    { ind: 2, poster_name: 'a', follower_count: 10 },
    { ind: 3, poster_name: null, follower_count: 99 },
    { ind: 4, poster_name: 'c', follower_count: null },
    { ind: 5, poster_name: 'd', follower_count: 10 },
  ];
  const geo = [1, 2, 3, 4].map((ind) => ({ ind, country: 'Peru' }));
  const more = [...geo, { ind: 5, country: 'Mali' }];
  expect(ask('top_user_by_country', { pin, geo: more })).toEqual([
    ['Mali', 'd', 10],
    ['Peru', 'a', 10],
  ]);
  expect(ask('country_with_top_user', { pin, geo: more })).toEqual([['Mali', 'd', 10]]);
});

it('puts people into age groups by their bounds, and the young and those of unknown age into none', () => {
  const ages = [17, 18, 24, 25, 35, 36, 50, 51, 120, null];
  const pin = ages.map((_, ind) => ({ ind, category: 'art', follower_count: ind }));
  const user = ages.map((age, ind) => ({ ind, age }));
  expect(ask('most_popular_category_by_age_group', { pin, user })).toEqual([
    ['18-24', 'art', 2],
    ['25-35', 'art', 2],
    ['36-50', 'art', 2],
    ['50+', 'art', 2],
  ]);
  expect(ask('median_followers_by_age_group', { pin, user })).toEqual([
    ['18-24', 1.5],
    ['25-35', 3.5],
    ['36-50', 5.5],
    ['50+', 7.5],
  ]);
});

it('counts different users by name and time of joining, neither null, 2015 to 2020', () => {
  const joined = (ind: number, user_name: string | null, time: string) => ({
    ind,
    user_name,
    date_joined: at(time),
  });
  const user = [
    joined(1, 'A', '2015-01-01T00:00:00'),
    joined(2, 'A', '2015-01-01T00:00:00'),
    joined(3, 'A', '2015-01-01T00:00:01'),
    joined(4, null, '2015-01-01T00:00:00'),
    joined(5, 'B', '2014-12-31T23:59:59'),
    joined(6, 'B', '2020-12-31T23:59:59'),
    joined(7, 'B', '2021-01-01T00:00:00'),
    { ind: 8, user_name: 'C', date_joined: null },
  ];
  expect(ask('users_joined_by_year', { user })).toEqual([
    [2015, 2],
    [2020, 1],
  ]);
});

it('takes exact medians by joining year, and by age group too', () => {
  const user = [
    { ind: 1, age: 20, date_joined: at('2015-05-05T00:00:00') },
    { ind: 2, age: 20, date_joined: at('2015-06-05T00:00:00') },
    { ind: 3, age: 60, date_joined: at('2015-07-05T00:00:00') },
    { ind: 4, age: 17, date_joined: at('2016-07-05T00:00:00') },
    { ind: 5, age: 30, date_joined: at('2021-07-05T00:00:00') },
  ];
  const pin = [
    { ind: 1, follower_count: 1 },
    { ind: 2, follower_count: 9_007_199_254_740_991 },
    { ind: 3, follower_count: 5 },
    { ind: 3, follower_count: null },
    { ind: 4, follower_count: 7 },
    { ind: 5, follower_count: 8 },
  ];
  expect(ask('median_followers_by_join_year', { pin, user })).toEqual([
    [2015, 5],
    [2016, 7],
  ]);
  expect(ask('median_followers_by_join_year_and_age_group', { pin, user })).toEqual([
    [2015, '18-24', 4_503_599_627_370_496],
    [2015, '50+', 5],
  ]);
});

it('gives no rows for empty tables', () => {
  for (const { name } of queries) {
    expect(ask(name, {})).toEqual([]);
  }
});
