import { geo, pin } from '../../pipeline/datasets/index.ts';
import { equals, literal, year } from '../../pipeline/plan/expression.ts';
import { count, max, maxBy, median, minBy, sum } from '../../pipeline/plan/expressions/aggregates.ts';
import { moreThan, notEquals } from '../../pipeline/plan/expressions/conditions.ts';
import { divide, multiply, toDouble } from '../../pipeline/plan/expressions/numbers.ts';
import { rank, runningSum } from '../../pipeline/plan/expressions/windows.ts';
import { query } from '../../pipeline/plan/query.ts';
import { descending } from '../../pipeline/plan/table.ts';
import type { Question } from './question.ts';

const placed = pin.table.join(geo.table, 'ind');

const postersByCountry = placed
  .whereNotNull('country', 'poster_name', 'follower_count')
  .groupBy('country', 'poster_name')
  .aggregate((row) => ({ followers: max(row.follower_count) }));

/** The countries and categories of a year's posts. */
const pairsOf = (postYear: number) =>
  placed
    .whereNotNull('country', 'category')
    .where((row) => equals(year(row.timestamp), literal('int', postYear)))
    .select((row) => ({ country: row.country, category: row.category }))
    .distinct();

const countedCategories = pin.table
  .whereNotNull('category')
  .groupBy('category')
  .aggregate(() => ({ posts: count() }));

/** A column that is the same in every row joins each row with each other, and groups all of them. */
const all = literal('int', 1);

export const comparisons: readonly Question[] = [
  {
    query: query({
      name: 'posters_who_changed_category',
      title: 'From which category to which have posters changed since their first post?',
      plan: () =>
        placed
          .whereNotNull('poster_name')
          .groupBy('poster_name')
          .aggregate((row) => ({
            first_category: minBy(row.category, row.timestamp),
            latest_category: maxBy(row.category, row.timestamp),
          }))
          .where((row) => notEquals(row.first_category, row.latest_category))
          .orderBy('poster_name'),
      chart: { kind: 'bars', category: 'poster_name', value: 'latest_category' },
    }),
    duckdb: `SELECT poster_name, (min({'at': timestamp, 'of': category})).of AS first_category,
        (max({'at': timestamp, 'of': category})).of AS latest_category
      FROM pin JOIN geo USING (ind) WHERE poster_name IS NOT NULL AND timestamp IS NOT NULL AND category IS NOT NULL
      GROUP BY poster_name HAVING first_category <> latest_category ORDER BY poster_name`,
  },
  {
    query: query({
      name: 'posters_above_their_country',
      title: 'How many posters of each country have over ten times as many followers as its median poster?',
      plan: () =>
        postersByCountry
          .join(
            postersByCountry.groupBy('country').aggregate((row) => ({ usual: median(row.followers) })),
            'country',
          )
          .where((row) => moreThan(toDouble(row.followers), multiply(row.usual, literal('int', 10))))
          .groupBy('country')
          .aggregate((row) => ({ posters: count(), most_followers: max(row.followers) }))
          .orderBy(descending('posters'), 'country'),
      chart: { kind: 'bars', category: 'country', value: 'posters' },
    }),
    duckdb: `WITH posters AS (
        SELECT country, poster_name, max(follower_count) AS followers FROM pin JOIN geo USING (ind)
        WHERE country IS NOT NULL AND poster_name IS NOT NULL AND follower_count IS NOT NULL GROUP BY ALL
      ), compared AS (
        SELECT country, followers, median(followers) OVER (PARTITION BY country) AS usual FROM posters
      )
      SELECT country, count(*) AS posters, max(followers) FROM compared WHERE followers > 10 * usual
      GROUP BY country ORDER BY posters DESC, country`,
  },
  {
    query: query({
      name: 'categories_left_by_busy_countries',
      title: 'Which categories of 2021 has each of the five busiest countries left in 2022?',
      plan: () =>
        pairsOf(2021)
          .semiJoin(
            geo.table
              .whereNotNull('country')
              .groupBy('country')
              .aggregate(() => ({ posts: count() }))
              .orderBy(descending('posts'), 'country')
              .limit(5),
            'country',
          )
          .antiJoin(pairsOf(2022), 'country', 'category')
          .orderBy('country', 'category'),
      chart: { kind: 'bars', category: 'country', value: 'category' },
    }),
    duckdb: `WITH pairs AS (SELECT country, category, year(timestamp) AS made FROM pin JOIN geo USING (ind)),
      busy AS (
        SELECT country FROM geo WHERE country IS NOT NULL GROUP BY country ORDER BY count(*) DESC, country LIMIT 5
      )
      SELECT country, category FROM pairs WHERE made = 2021 AND category IS NOT NULL AND country IN (FROM busy)
      EXCEPT SELECT country, category FROM pairs WHERE made = 2022 ORDER BY country, category`,
  },
  {
    query: query({
      name: 'cumulative_share_of_categories',
      title: 'Which part of all posts do the most posted categories make up together?',
      plan: () =>
        countedCategories
          .window([], descending('posts'), 'category')
          .withColumns((row) => ({ place: rank(), so_far: runningSum(row.posts) }))
          .select((row) => ({ all, place: row.place, category: row.category, so_far: row.so_far }))
          .join(
            countedCategories
              .select((row) => ({ all, posts: row.posts }))
              .groupBy('all')
              .aggregate((row) => ({ total: sum(row.posts) })),
            'all',
          )
          .select((row) => ({
            place: row.place,
            category: row.category,
            share: divide(row.so_far, row.total),
          }))
          .orderBy('place'),
      chart: { kind: 'lines', category: 'place', value: 'share' },
    }),
    duckdb: `WITH counted AS (SELECT category, count(*) AS posts FROM pin WHERE category IS NOT NULL GROUP BY category)
      SELECT CAST(rank() OVER (ORDER BY posts DESC, category) AS INTEGER) AS place, category,
        sum(posts) OVER (ORDER BY posts DESC, category)::DOUBLE / (SELECT sum(posts) FROM counted)
      FROM counted ORDER BY place`,
  },
];
