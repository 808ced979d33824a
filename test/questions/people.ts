import { geo, user } from '../../pipeline/datasets/index.ts';
import { atLeast, literal, year } from '../../pipeline/plan/expression.ts';
import { count, countDistinct, median } from '../../pipeline/plan/expressions/aggregates.ts';
import { modulo, subtract } from '../../pipeline/plan/expressions/numbers.ts';
import { daysBetween, quarter } from '../../pipeline/plan/expressions/times.ts';
import { runningSum } from '../../pipeline/plan/expressions/windows.ts';
import { query } from '../../pipeline/plan/query.ts';
import type { Question } from './question.ts';

export const people: readonly Question[] = [
  {
    query: query({
      name: 'users_joined_by_quarter',
      title: 'How many users joined in each quarter, and until then?',
      plan: () =>
        user.table
          .whereNotNull('date_joined')
          .select((row) => ({ joined: year(row.date_joined), joined_quarter: quarter(row.date_joined) }))
          .groupBy('joined', 'joined_quarter')
          .aggregate(() => ({ users: count() }))
          .window([], 'joined', 'joined_quarter')
          .withColumns((row) => ({ users_so_far: runningSum(row.users) }))
          .orderBy('joined', 'joined_quarter'),
      chart: { kind: 'lines', category: 'joined', value: 'users_so_far', series: 'joined_quarter' },
    }),
    duckdb: `WITH counted AS (
        SELECT year(date_joined) AS joined, quarter(date_joined) AS joined_quarter, count(*) AS users
        FROM "user" WHERE date_joined IS NOT NULL GROUP BY ALL
      )
      SELECT *, sum(users) OVER (ORDER BY joined, joined_quarter) FROM counted ORDER BY joined, joined_quarter`,
  },
  {
    query: query({
      name: 'median_days_from_joining_to_posting',
      title: 'How many days after joining are posts made, by the year of joining?',
      plan: () =>
        user.table
          .join(geo.table, 'ind')
          .select((row) => ({
            joined: year(row.date_joined),
            days: daysBetween(row.date_joined, row.timestamp),
          }))
          .whereNotNull('joined', 'days')
          .groupBy('joined')
          .aggregate((row) => ({ median_days: median(row.days) }))
          .orderBy('joined'),
      chart: { kind: 'bars', category: 'joined', value: 'median_days' },
    }),
    duckdb: `SELECT year(date_joined) AS joined, median(date_diff('day', date_joined, timestamp))
      FROM "user" JOIN geo USING (ind) WHERE date_joined IS NOT NULL AND timestamp IS NOT NULL
      GROUP BY joined ORDER BY joined`,
  },
  {
    query: query({
      name: 'users_by_age_group_of_ten_years',
      title: 'How many users are there in each age group of ten years?',
      plan: () =>
        user.table
          .whereNotNull('age')
          .select((row) => ({ from_age: subtract(row.age, modulo(row.age, literal('bigint', 10))) }))
          .groupBy('from_age')
          .aggregate(() => ({ users: count() }))
          .orderBy('from_age'),
      chart: { kind: 'bars', category: 'from_age', value: 'users' },
    }),
    duckdb: `SELECT age // 10 * 10 AS from_age, count(*) FROM "user" WHERE age IS NOT NULL
      GROUP BY from_age ORDER BY from_age`,
  },
  {
    query: query({
      name: 'namesakes_joined_in_different_years',
      title: 'Which names are those of users who joined in different years?',
      plan: () =>
        user.table
          .whereNotNull('user_name')
          .select((row) => ({ user_name: row.user_name, joined: year(row.date_joined) }))
          .groupBy('user_name')
          .aggregate((row) => ({ users: count(), years: countDistinct(row.joined) }))
          .where((row) => atLeast(row.years, 2))
          .orderBy('user_name'),
      chart: { kind: 'bars', category: 'user_name', value: 'years' },
    }),
    duckdb: `SELECT user_name, count(*), count(DISTINCT year(date_joined)) AS years FROM "user"
      WHERE user_name IS NOT NULL GROUP BY user_name HAVING years > 1 ORDER BY user_name`,
  },
];
