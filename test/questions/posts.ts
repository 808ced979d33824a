import { geo, pin } from '../../pipeline/datasets/index.ts';
import { atLeast } from '../../pipeline/plan/expression.ts';
import { count } from '../../pipeline/plan/expressions/aggregates.ts';
import { divide, subtract } from '../../pipeline/plan/expressions/numbers.ts';
import { dayOfWeek, hour, truncateTo } from '../../pipeline/plan/expressions/times.ts';
import { lag } from '../../pipeline/plan/expressions/windows.ts';
import { query } from '../../pipeline/plan/query.ts';
import { descending } from '../../pipeline/plan/table.ts';
import type { Question } from './question.ts';

export const posts: readonly Question[] = [
  {
    query: query({
      name: 'posts_by_weekday_and_hour',
      title: 'At which hours of the week are posts made?',
      plan: () =>
        geo.table
          .whereNotNull('timestamp')
          .select((row) => ({ weekday: dayOfWeek(row.timestamp), post_hour: hour(row.timestamp) }))
          .groupBy('weekday', 'post_hour')
          .aggregate(() => ({ posts: count() }))
          .orderBy('weekday', 'post_hour'),
      chart: { kind: 'lines', category: 'post_hour', value: 'posts', series: 'weekday' },
    }),
    // Sunday is 0 to DuckDB and 1 to Spark.
    duckdb: `SELECT dayofweek(timestamp) + 1 AS weekday, hour(timestamp) AS post_hour, count(*) FROM geo
      WHERE timestamp IS NOT NULL GROUP BY ALL ORDER BY weekday, post_hour`,
  },
  {
    query: query({
      name: 'growth_by_month',
      title: 'By how much did the number of posts grow from month to month?',
      plan: () =>
        geo.table
          .whereNotNull('timestamp')
          .select((row) => ({ month: truncateTo(row.timestamp, 'month') }))
          .groupBy('month')
          .aggregate(() => ({ posts: count() }))
          .window([], 'month')
          .withColumns((row) => ({ before: lag(row.posts) }))
          .select((row) => ({
            month: row.month,
            posts: row.posts,
            growth: divide(subtract(row.posts, row.before), row.before),
          }))
          .orderBy('month'),
      chart: { kind: 'lines', category: 'month', value: 'growth' },
    }),
    duckdb: `WITH counted AS (
        SELECT CAST(date_trunc('month', timestamp) AS TIMESTAMP) AS month, count(*) AS posts FROM geo
        WHERE timestamp IS NOT NULL GROUP BY ALL
      )
      SELECT month, posts, (posts - lag(posts) OVER (ORDER BY month))::DOUBLE / lag(posts) OVER (ORDER BY month)
      FROM counted ORDER BY month`,
  },
  {
    query: query({
      name: 'titles_used_more_than_once',
      title: 'Which titles were used more than once?',
      plan: () =>
        pin.table
          .whereNotNull('title')
          .groupBy('title')
          .aggregate(() => ({ posts: count() }))
          .where((row) => atLeast(row.posts, 2))
          .orderBy(descending('posts'), 'title'),
      chart: { kind: 'bars', category: 'title', value: 'posts' },
    }),
    duckdb: `SELECT title, count(*) AS posts FROM pin WHERE title IS NOT NULL
      GROUP BY title HAVING posts > 1 ORDER BY posts DESC, title`,
  },
];
