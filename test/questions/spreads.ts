import { geo, pin, user } from '../../pipeline/datasets/index.ts';
import { and, atLeast, atMost, equals, literal, startsWith, year } from '../../pipeline/plan/expression.ts';
import { count, countIf, percentile, sum } from '../../pipeline/plan/expressions/aggregates.ts';
import { elementAt } from '../../pipeline/plan/expressions/arrays.ts';
import { caseWhen, isNull, lessThan } from '../../pipeline/plan/expressions/conditions.ts';
import { divide, floor, multiply, round, sqrt, subtract } from '../../pipeline/plan/expressions/numbers.ts';
import { addDays, dateOf } from '../../pipeline/plan/expressions/times.ts';
import { query } from '../../pipeline/plan/query.ts';
import { descending } from '../../pipeline/plan/table.ts';
import type { Question } from './question.ts';

const ages = user.table.join(geo.table, 'ind').whereNotNull('country', 'age');

/** The southern or western edge of the cell of 30 degrees. */
const edge = (degrees: typeof geo.table.columns.coordinates, position: 1 | 2) =>
  multiply(floor(divide(elementAt(degrees, position), literal('int', 30))), literal('int', 30));

export const spreads: readonly Question[] = [
  {
    query: query({
      name: 'age_quartiles_by_country',
      title: 'Between which ages is the middle half of the users of each country?',
      plan: () =>
        ages
          .groupBy('country')
          .aggregate((row) => ({
            users: count(),
            lower_quartile: percentile(row.age, 0.25),
            upper_quartile: percentile(row.age, 0.75),
          }))
          .where((row) => atLeast(row.users, literal('bigint', 4)))
          .select((row) => ({
            country: row.country,
            lower_quartile: row.lower_quartile,
            upper_quartile: row.upper_quartile,
            spread: subtract(row.upper_quartile, row.lower_quartile),
          }))
          .orderBy(descending('spread'), 'country'),
      chart: { kind: 'bars', category: 'country', value: 'spread' },
    }),
    duckdb: `SELECT country, quantile_cont(age::DOUBLE, 0.25) AS low, quantile_cont(age::DOUBLE, 0.75) AS high, high - low AS spread
      FROM "user" JOIN geo USING (ind) WHERE country IS NOT NULL AND age IS NOT NULL
      GROUP BY country HAVING count(*) >= 4 ORDER BY spread DESC, country`,
  },
  {
    query: query({
      name: 'age_deviation_by_country',
      title: 'What is the standard deviation of ages in each country?',
      plan: () =>
        ages
          .select((row) => ({ country: row.country, age: row.age, square: multiply(row.age, row.age) }))
          .groupBy('country')
          .aggregate((row) => ({ users: count(), ages: sum(row.age), squares: sum(row.square) }))
          // Exact up to the division; null for a country with one user.
          .select((row) => ({
            country: row.country,
            deviation: sqrt(
              divide(
                subtract(multiply(row.users, row.squares), multiply(row.ages, row.ages)),
                multiply(row.users, subtract(row.users, literal('int', 1))),
              ),
            ),
          }))
          // DuckDB adds the squares of differences, and may differ in the last bits.
          .select((row) => ({ country: row.country, deviation: round(row.deviation, 6) }))
          .orderBy('country'),
      chart: { kind: 'bars', category: 'country', value: 'deviation' },
    }),
    duckdb: `SELECT country, round(stddev_samp(age), 6) FROM "user" JOIN geo USING (ind)
      WHERE country IS NOT NULL AND age IS NOT NULL GROUP BY country ORDER BY country`,
  },
  {
    query: query({
      name: 'media_by_age_band',
      title: 'How many images, videos and stories do people of each age band post?',
      plan: () =>
        pin.table
          .leftJoin(user.table, 'ind')
          .select((row) => ({
            age_band: caseWhen(
              [
                [isNull(row.age), literal('text', 'unknown')],
                [lessThan(row.age, literal('bigint', 20)), literal('text', 'under 20')],
                [lessThan(row.age, literal('bigint', 40)), literal('text', '20 to 39')],
              ],
              literal('text', '40 and over'),
            ),
            is_image: equals(row.is_image_or_video, literal('text', 'image')),
            is_video: equals(row.is_image_or_video, literal('text', 'video')),
            is_story: startsWith(row.is_image_or_video, 'multi-video'),
          }))
          .groupBy('age_band')
          .aggregate((row) => ({
            images: countIf(row.is_image),
            videos: countIf(row.is_video),
            stories: countIf(row.is_story),
          }))
          .orderBy('age_band'),
      chart: { kind: 'bars', category: 'age_band', value: 'images' },
    }),
    duckdb: `SELECT CASE WHEN age IS NULL THEN 'unknown' WHEN age < 20 THEN 'under 20' WHEN age < 40 THEN '20 to 39'
          ELSE '40 and over' END AS age_band,
        count(*) FILTER (is_image_or_video = 'image'), count(*) FILTER (is_image_or_video = 'video'),
        count(*) FILTER (starts_with(is_image_or_video, 'multi-video'))
      FROM pin LEFT JOIN "user" USING (ind) GROUP BY ALL ORDER BY age_band`,
  },
  {
    query: query({
      name: 'posts_within_ninety_days_of_joining',
      title: 'Which part of the posts is made within ninety days of joining, by the year of joining?',
      plan: () =>
        user.table
          .join(geo.table, 'ind')
          .whereNotNull('date_joined', 'timestamp')
          .select((row) => ({
            joined: year(row.date_joined),
            is_soon: and(
              atLeast(dateOf(row.timestamp), dateOf(row.date_joined)),
              atMost(dateOf(row.timestamp), addDays(dateOf(row.date_joined), literal('int', 90))),
            ),
          }))
          .groupBy('joined')
          .aggregate((row) => ({ soon: countIf(row.is_soon), posts: count() }))
          .select((row) => ({
            joined: row.joined,
            posts: row.posts,
            share: divide(row.soon, row.posts),
          }))
          .orderBy('joined'),
      chart: { kind: 'bars', category: 'joined', value: 'share' },
    }),
    duckdb: `SELECT year(date_joined) AS joined, count(*),
        count(*) FILTER (timestamp::DATE - date_joined::DATE BETWEEN 0 AND 90)::DOUBLE / count(*)
      FROM "user" JOIN geo USING (ind) WHERE date_joined IS NOT NULL AND timestamp IS NOT NULL
      GROUP BY joined ORDER BY joined`,
  },
  {
    query: query({
      name: 'busiest_cells_of_the_globe',
      title: 'In which ten cells of 30 degrees are most posts made?',
      plan: () =>
        geo.table
          .whereNotNull('coordinates')
          .select((row) => ({ south: edge(row.coordinates, 1), west: edge(row.coordinates, 2) }))
          .groupBy('south', 'west')
          .aggregate(() => ({ posts: count() }))
          .orderBy(descending('posts'), 'south', 'west')
          .limit(10),
      chart: { kind: 'bars', category: 'south', value: 'posts', series: 'west' },
    }),
    duckdb: `SELECT CAST(floor(coordinates[1] / 30) * 30 AS BIGINT) AS south, CAST(floor(coordinates[2] / 30) * 30 AS BIGINT) AS west,
        count(*) AS posts
      FROM geo WHERE coordinates IS NOT NULL GROUP BY ALL ORDER BY posts DESC, south, west LIMIT 10`,
  },
];
