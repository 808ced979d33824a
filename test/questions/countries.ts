import { geo, pin } from '../../pipeline/datasets/index.ts';
import { atLeast, equals, year } from '../../pipeline/plan/expression.ts';
import { count, countDistinct, max, min } from '../../pipeline/plan/expressions/aggregates.ts';
import { query } from '../../pipeline/plan/query.ts';
import { descending } from '../../pipeline/plan/table.ts';
import type { Question } from './question.ts';

const countriesOf = (table: typeof geo.table) =>
  table
    .whereNotNull('country')
    .select((row) => ({ country: row.country }))
    .distinct();

export const countries: readonly Question[] = [
  {
    query: query({
      name: 'countries_without_posts_in_2022',
      title: 'Which countries have no post in 2022?',
      plan: () =>
        countriesOf(geo.table)
          .antiJoin(countriesOf(geo.table.where((row) => equals(year(row.timestamp), 2022))), 'country')
          .orderBy('country'),
      chart: { kind: 'bars', category: 'country', value: 'country' },
    }),
    duckdb: `SELECT DISTINCT country FROM geo WHERE country IS NOT NULL AND country NOT IN
        (SELECT country FROM geo WHERE country IS NOT NULL AND year(timestamp) = 2022)
      ORDER BY country`,
  },
  {
    query: query({
      name: 'posts_without_geo',
      title: 'Which posts have no place and time?',
      plan: () =>
        pin.table
          .antiJoin(geo.table, 'ind')
          .select((row) => ({ ind: row.ind, title: row.title }))
          .orderBy('ind'),
      chart: { kind: 'bars', category: 'title', value: 'ind' },
    }),
    duckdb: 'SELECT ind, title FROM pin WHERE NOT EXISTS (FROM geo WHERE geo.ind = pin.ind) ORDER BY ind',
  },
  {
    query: query({
      name: 'first_and_latest_post_by_country',
      title: 'When were the first and the latest post of each country made?',
      plan: () =>
        geo.table
          .whereNotNull('country')
          .groupBy('country')
          .aggregate((row) => ({ first_post: min(row.timestamp), latest_post: max(row.timestamp) }))
          .orderBy('country'),
      chart: { kind: 'bars', category: 'country', value: 'latest_post' },
    }),
    duckdb: `SELECT country, min(timestamp), max(timestamp) FROM geo WHERE country IS NOT NULL
      GROUP BY country ORDER BY country`,
  },
  {
    query: query({
      name: 'posters_in_three_countries',
      title: 'Who has posted in three or more countries?',
      plan: () =>
        pin.table
          .join(geo.table, 'ind')
          .whereNotNull('poster_name')
          .groupBy('poster_name')
          .aggregate((row) => ({ countries: countDistinct(row.country), posts: count() }))
          .where((row) => atLeast(row.countries, 3))
          .orderBy(descending('countries'), 'poster_name'),
      chart: { kind: 'bars', category: 'poster_name', value: 'countries' },
    }),
    duckdb: `SELECT poster_name, count(DISTINCT country) AS countries, count(*) AS posts
      FROM pin JOIN geo USING (ind) WHERE poster_name IS NOT NULL
      GROUP BY poster_name HAVING countries >= 3 ORDER BY countries DESC, poster_name`,
  },
];
