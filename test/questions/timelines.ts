import { geo, pin } from '../../pipeline/datasets/index.ts';
import { equals, literal, year } from '../../pipeline/plan/expression.ts';
import { count, countIf, max, min } from '../../pipeline/plan/expressions/aggregates.ts';
import { coalesce } from '../../pipeline/plan/expressions/conditions.ts';
import { add, divide, multiply, subtract } from '../../pipeline/plan/expressions/numbers.ts';
import { concat } from '../../pipeline/plan/expressions/strings.ts';
import { month, quarter, secondsBetween, toText, truncateTo } from '../../pipeline/plan/expressions/times.ts';
import { lag, lead, rowNumber, runningSum } from '../../pipeline/plan/expressions/windows.ts';
import { query } from '../../pipeline/plan/query.ts';
import { descending } from '../../pipeline/plan/table.ts';
import type { Question } from './question.ts';

const placed = pin.table.join(geo.table, 'ind');

const postersByQuarter = placed
  .select((row) => ({ poster_name: row.poster_name, since: truncateTo(row.timestamp, 'quarter') }))
  .whereNotNull('poster_name', 'since')
  .distinct();

const countriesAndYears = geo.table
  .select((row) => ({ country: row.country, post_year: year(row.timestamp) }))
  .whereNotNull('country', 'post_year');

/** A column that is the same in every row joins each row with each other. */
const all = literal('int', 1);

export const timelines: readonly Question[] = [
  {
    query: query({
      name: 'longest_silence_by_country',
      title: 'How many days lay at most between two posts of each country?',
      plan: () =>
        geo.table
          .select((row) => ({ country: row.country, made: row.timestamp }))
          .whereNotNull('country', 'made')
          .window(['country'], 'made')
          .withColumns((row) => ({ before: lag(row.made) }))
          .select((row) => ({ country: row.country, seconds: secondsBetween(row.before, row.made) }))
          .whereNotNull('seconds')
          .groupBy('country')
          .aggregate((row) => ({ silence: max(row.seconds) }))
          .select((row) => ({ country: row.country, days: divide(row.silence, literal('int', 86_400)) }))
          .orderBy(descending('days'), 'country'),
      chart: { kind: 'bars', category: 'country', value: 'days' },
    }),
    duckdb: `SELECT country, max(seconds) / 86400 AS days FROM (
        SELECT country, date_diff('second', lag(timestamp) OVER (PARTITION BY country ORDER BY timestamp), timestamp) AS seconds
        FROM geo WHERE country IS NOT NULL AND timestamp IS NOT NULL
      )
      WHERE seconds IS NOT NULL GROUP BY country ORDER BY days DESC, country`,
  },
  {
    query: query({
      name: 'longest_run_of_months_by_country',
      title: 'For how many months on end has each country posted at most?',
      plan: () =>
        geo.table
          .whereNotNull('country', 'timestamp')
          .select((row) => ({
            country: row.country,
            months: add(multiply(year(row.timestamp), literal('int', 12)), month(row.timestamp)),
          }))
          .distinct()
          .window(['country'], 'months')
          .withColumns(() => ({ place: rowNumber() }))
          // Months on end are as far apart as their places, so their difference is the same.
          .select((row) => ({ country: row.country, run: subtract(row.months, row.place) }))
          .groupBy('country', 'run')
          .aggregate(() => ({ months: count() }))
          .groupBy('country')
          .aggregate((row) => ({ longest_run: max(row.months) }))
          .orderBy(descending('longest_run'), 'country'),
      chart: { kind: 'bars', category: 'country', value: 'longest_run' },
    }),
    duckdb: `WITH numbered AS (
        SELECT DISTINCT country, year(timestamp) * 12 + month(timestamp) AS months FROM geo
        WHERE country IS NOT NULL AND timestamp IS NOT NULL
      ), runs AS (
        SELECT country, months - row_number() OVER (PARTITION BY country ORDER BY months) AS run FROM numbered
      )
      SELECT country, max(months) AS longest_run
      FROM (SELECT country, run, count(*) AS months FROM runs GROUP BY ALL)
      GROUP BY country ORDER BY longest_run DESC, country`,
  },
  {
    query: query({
      name: 'posts_of_three_months',
      title: 'How many posts were made in each month and the two before it?',
      plan: () =>
        geo.table
          .whereNotNull('timestamp')
          .select((row) => ({ month: truncateTo(row.timestamp, 'month') }))
          .groupBy('month')
          .aggregate(() => ({ posts: count() }))
          .window([], 'month')
          .withColumns((row) => ({ so_far: runningSum(row.posts) }))
          .window([], 'month')
          .withColumns((row) => ({ before: lag(row.so_far, 3) }))
          .select((row) => ({
            month: row.month,
            posts_of_three: subtract(row.so_far, coalesce(row.before, literal('bigint', 0))),
          }))
          .orderBy('month'),
      chart: { kind: 'lines', category: 'month', value: 'posts_of_three' },
    }),
    duckdb: `WITH counted AS (
        SELECT CAST(date_trunc('month', timestamp) AS TIMESTAMP) AS month, count(*) AS posts FROM geo
        WHERE timestamp IS NOT NULL GROUP BY ALL
      )
      SELECT month, sum(posts) OVER (ORDER BY month ROWS 2 PRECEDING) FROM counted ORDER BY month`,
  },
  {
    query: query({
      name: 'category_after_category',
      title: 'In which category do posters post next?',
      plan: () =>
        placed
          .whereNotNull('poster_name', 'timestamp', 'category')
          .select((row) => ({
            poster_name: row.poster_name,
            made: row.timestamp,
            ind: row.ind,
            category: row.category,
          }))
          .window(['poster_name'], 'made', 'ind')
          .withColumns((row) => ({ next_category: lead(row.category) }))
          .whereNotNull('next_category')
          .groupBy('category', 'next_category')
          .aggregate(() => ({ times: count() }))
          .topOfEach(['category'], 2, descending('times'), 'next_category')
          .orderBy('category', descending('times'), 'next_category'),
      chart: { kind: 'bars', category: 'category', value: 'times', series: 'next_category' },
    }),
    duckdb: `WITH followed AS (
        SELECT category, lead(category) OVER (PARTITION BY poster_name ORDER BY timestamp, ind) AS next_category
        FROM pin JOIN geo USING (ind)
        WHERE poster_name IS NOT NULL AND timestamp IS NOT NULL AND category IS NOT NULL
      ), counted AS (
        SELECT category, next_category, count(*) AS times FROM followed WHERE next_category IS NOT NULL GROUP BY ALL
      )
      SELECT * FROM counted QUALIFY row_number() OVER (PARTITION BY category ORDER BY times DESC, next_category) <= 2
      ORDER BY category, times DESC, next_category`,
  },
  {
    query: query({
      name: 'new_and_returning_posters_by_quarter',
      title: 'How many posters of each quarter are new, and how many have posted before?',
      plan: () =>
        postersByQuarter
          .join(
            postersByQuarter.groupBy('poster_name').aggregate((row) => ({ first: min(row.since) })),
            'poster_name',
          )
          .select((row) => ({
            joined: concat(toText(year(row.since)), ' Q', toText(quarter(row.since))),
            is_new: equals(row.since, row.first),
          }))
          .groupBy('joined')
          .aggregate((row) => ({ posters: count(), new_posters: countIf(row.is_new) }))
          .select((row) => ({
            quarter: row.joined,
            new_posters: row.new_posters,
            returning_posters: subtract(row.posters, row.new_posters),
          }))
          .orderBy('quarter'),
      chart: { kind: 'lines', category: 'quarter', value: 'new_posters' },
    }),
    duckdb: `WITH posting AS (
        SELECT DISTINCT poster_name, date_trunc('quarter', timestamp) AS since FROM pin JOIN geo USING (ind)
        WHERE poster_name IS NOT NULL AND timestamp IS NOT NULL
      ), marked AS (
        SELECT since, since = min(since) OVER (PARTITION BY poster_name) AS is_new FROM posting
      )
      SELECT year(since) || ' Q' || quarter(since) AS quarter, count(*) FILTER (is_new), count(*) FILTER (NOT is_new)
      FROM marked GROUP BY ALL ORDER BY quarter`,
  },
  {
    query: query({
      name: 'posts_by_country_and_year_with_none',
      title: 'How many posts has each country in each year, also where there are none?',
      plan: () =>
        countriesAndYears
          .select((row) => ({ country: row.country, all }))
          .distinct()
          .join(countriesAndYears.select((row) => ({ post_year: row.post_year, all })).distinct(), 'all')
          .leftJoin(
            countriesAndYears.groupBy('country', 'post_year').aggregate(() => ({ made: count() })),
            'country',
            'post_year',
          )
          .select((row) => ({
            country: row.country,
            post_year: row.post_year,
            posts: coalesce(row.made, literal('bigint', 0)),
          }))
          .orderBy('country', 'post_year'),
      chart: { kind: 'lines', category: 'post_year', value: 'posts', series: 'country' },
    }),
    duckdb: `WITH known AS (
        SELECT country, year(timestamp) AS post_year FROM geo WHERE country IS NOT NULL AND timestamp IS NOT NULL
      )
      SELECT country, post_year, (SELECT count(*) FROM known
        WHERE known.country = countries.country AND known.post_year = years.post_year)
      FROM (SELECT DISTINCT country FROM known) countries, (SELECT DISTINCT post_year FROM known) years
      ORDER BY country, post_year`,
  },
];
