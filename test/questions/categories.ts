import { geo, pin } from '../../pipeline/datasets/index.ts';
import { equals, isNotNull, year } from '../../pipeline/plan/expression.ts';
import { count, countIf } from '../../pipeline/plan/expressions/aggregates.ts';
import { divide, subtract } from '../../pipeline/plan/expressions/numbers.ts';
import { truncateTo } from '../../pipeline/plan/expressions/times.ts';
import { lag, rank, shareOf } from '../../pipeline/plan/expressions/windows.ts';
import { query } from '../../pipeline/plan/query.ts';
import { descending } from '../../pipeline/plan/table.ts';
import type { Question } from './question.ts';

const placed = pin.table.join(geo.table, 'ind');

const byCountryAndCategory = placed
  .whereNotNull('country', 'category')
  .groupBy('country', 'category')
  .aggregate(() => ({ posts: count() }));

const counted = `SELECT country, category, count(*) AS posts FROM pin JOIN geo USING (ind)
  WHERE country IS NOT NULL AND category IS NOT NULL GROUP BY ALL`;

export const categories: readonly Question[] = [
  {
    query: query({
      name: 'posts_by_month_and_category',
      title: 'How many posts are there in each month and category?',
      plan: () =>
        placed
          .select((row) => ({ month: truncateTo(row.timestamp, 'month'), category: row.category }))
          .whereNotNull('month', 'category')
          .groupBy('month', 'category')
          .aggregate(() => ({ posts: count() }))
          .orderBy('month', 'category'),
      chart: { kind: 'lines', category: 'month', value: 'posts', series: 'category' },
    }),
    duckdb: `SELECT CAST(date_trunc('month', timestamp) AS TIMESTAMP) AS month, category, count(*)
      FROM pin JOIN geo USING (ind) WHERE timestamp IS NOT NULL AND category IS NOT NULL
      GROUP BY ALL ORDER BY month, category`,
  },
  {
    query: query({
      name: 'category_share_by_country',
      title: 'Which part of the posts of each country is in each category?',
      plan: () =>
        byCountryAndCategory
          .window(['country'])
          .withColumns((row) => ({ share: shareOf(row.posts) }))
          .orderBy('country', descending('share'), 'category'),
      chart: { kind: 'bars', category: 'country', value: 'share', series: 'category' },
    }),
    duckdb: `SELECT *, posts::DOUBLE / sum(posts) OVER (PARTITION BY country) AS share FROM (${counted})
      ORDER BY country, share DESC, category`,
  },
  {
    query: query({
      name: 'top_categories_by_country',
      title: 'Which three categories are posted most in each country?',
      plan: () =>
        byCountryAndCategory
          .topOfEach(['country'], 3, descending('posts'), 'category')
          .orderBy('country', descending('posts'), 'category'),
      chart: { kind: 'bars', category: 'country', value: 'posts', series: 'category' },
    }),
    duckdb: `SELECT * FROM (${counted})
      QUALIFY row_number() OVER (PARTITION BY country ORDER BY posts DESC, category) <= 3
      ORDER BY country, posts DESC, category`,
  },
  {
    query: query({
      name: 'video_share_by_category',
      title: 'Which part of the posts of each category are videos?',
      plan: () =>
        pin.table
          .whereNotNull('category', 'is_image_or_video')
          .select((row) => ({
            category: row.category,
            is_video: equals(row.is_image_or_video, 'video'),
          }))
          .groupBy('category')
          .aggregate((row) => ({ videos: countIf(row.is_video), posts: count() }))
          .select((row) => ({ category: row.category, share: divide(row.videos, row.posts) }))
          .orderBy('category'),
      chart: { kind: 'bars', category: 'category', value: 'share' },
    }),
    duckdb: `SELECT category, count(*) FILTER (is_image_or_video = 'video')::DOUBLE / count(*)
      FROM pin WHERE category IS NOT NULL AND is_image_or_video IS NOT NULL GROUP BY ALL ORDER BY category`,
  },
  {
    query: query({
      name: 'category_rank_by_year',
      title: 'How did the rank of each category change from year to year?',
      plan: () =>
        placed
          .select((row) => ({ post_year: year(row.timestamp), category: row.category }))
          .whereNotNull('post_year', 'category')
          .groupBy('post_year', 'category')
          .aggregate(() => ({ posts: count() }))
          .window(['post_year'], descending('posts'))
          .withColumns(() => ({ place: rank() }))
          .window(['category'], 'post_year')
          .withColumns((row) => ({ before: lag(row.place) }))
          .where((row) => isNotNull(row.before))
          .select((row) => ({
            category: row.category,
            post_year: row.post_year,
            place: row.place,
            gained: subtract(row.before, row.place),
          }))
          .orderBy('category', 'post_year'),
      chart: { kind: 'lines', category: 'post_year', value: 'place', series: 'category' },
    }),
    duckdb: `WITH counted AS (
        SELECT year(timestamp) AS post_year, category, count(*) AS posts FROM pin JOIN geo USING (ind)
        WHERE timestamp IS NOT NULL AND category IS NOT NULL GROUP BY ALL
      ), ranked AS (
        SELECT *, rank() OVER (PARTITION BY post_year ORDER BY posts DESC) AS place FROM counted
      )
      SELECT category, post_year, place,
        lag(place) OVER (PARTITION BY category ORDER BY post_year) - place AS gained
      FROM ranked QUALIFY gained IS NOT NULL ORDER BY category, post_year`,
  },
];
