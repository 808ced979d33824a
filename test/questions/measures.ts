import { geo, pin } from '../../pipeline/datasets/index.ts';
import { and, between } from '../../pipeline/plan/expression.ts';
import { avg, count, percentile } from '../../pipeline/plan/expressions/aggregates.ts';
import { elementAt, split } from '../../pipeline/plan/expressions/arrays.ts';
import { round } from '../../pipeline/plan/expressions/numbers.ts';
import { length, trim } from '../../pipeline/plan/expressions/strings.ts';
import { query } from '../../pipeline/plan/query.ts';
import { descending } from '../../pipeline/plan/table.ts';
import type { Question } from './question.ts';

export const measures: readonly Question[] = [
  {
    query: query({
      name: 'followers_by_category',
      title: 'What are the mean and the 90th percentile of followers in each category?',
      plan: () =>
        pin.table
          .whereNotNull('category', 'follower_count')
          .groupBy('category')
          .aggregate((row) => ({
            mean_followers: avg(row.follower_count),
            ninetieth: percentile(row.follower_count, 0.9),
          }))
          // DuckDB calculates the same line between two values in other steps, and may differ in the last bit.
          .select((row) => ({
            category: row.category,
            mean_followers: row.mean_followers,
            ninetieth: round(row.ninetieth, 3),
          }))
          .orderBy('category'),
      chart: { kind: 'bars', category: 'category', value: 'mean_followers' },
    }),
    duckdb: `SELECT category, sum(follower_count)::DOUBLE / count(*), round(quantile_cont(follower_count::DOUBLE, 0.9), 3)
      FROM pin WHERE category IS NOT NULL AND follower_count IS NOT NULL GROUP BY ALL ORDER BY category`,
  },
  {
    query: query({
      name: 'top_tags_by_category',
      title: 'Which ten tags are used most in each category?',
      plan: () =>
        pin.table
          .whereNotNull('category', 'tag_list')
          .select((row) => ({ category: row.category, tags: split(row.tag_list, ',') }))
          .explode('tags', 'tag')
          .select((row) => ({ category: row.category, tag: trim(row.tag) }))
          .groupBy('category', 'tag')
          .aggregate(() => ({ uses: count() }))
          .topOfEach(['category'], 10, descending('uses'), 'tag')
          .orderBy('category', descending('uses'), 'tag'),
      chart: { kind: 'bars', category: 'tag', value: 'uses', series: 'category' },
    }),
    duckdb: `SELECT * FROM (
        SELECT category, trim(tag, e' \\t\\n\\r') AS tag, count(*) AS uses
        FROM (SELECT category, unnest(string_split(tag_list, ',')) AS tag FROM pin WHERE category IS NOT NULL)
        GROUP BY ALL
      )
      QUALIFY row_number() OVER (PARTITION BY category ORDER BY uses DESC, tag) <= 10
      ORDER BY category, uses DESC, tag`,
  },
  {
    query: query({
      name: 'description_length_by_category',
      title: 'How long are descriptions in each category on average?',
      plan: () =>
        pin.table
          .whereNotNull('category', 'description')
          .select((row) => ({ category: row.category, characters: length(row.description) }))
          .groupBy('category')
          .aggregate((row) => ({ mean_characters: avg(row.characters) }))
          .orderBy('category'),
      chart: { kind: 'bars', category: 'category', value: 'mean_characters' },
    }),
    duckdb: `SELECT category, sum(length(description))::DOUBLE / count(*)
      FROM pin WHERE category IS NOT NULL AND description IS NOT NULL GROUP BY ALL ORDER BY category`,
  },
  {
    query: query({
      name: 'posts_in_a_box_by_country',
      title: 'How many posts of each country lie between 10° S and 45° N, 30° W and 60° E?',
      plan: () =>
        geo.table
          .whereNotNull('country')
          .where((row) =>
            and(
              between(elementAt(row.coordinates, 1), -10, 45),
              between(elementAt(row.coordinates, 2), -30, 60),
            ),
          )
          .groupBy('country')
          .aggregate(() => ({ posts: count() }))
          .orderBy('country'),
      chart: { kind: 'bars', category: 'country', value: 'posts' },
    }),
    duckdb: `SELECT country, count(*) AS posts FROM geo WHERE country IS NOT NULL
      AND coordinates[1] BETWEEN -10 AND 45 AND coordinates[2] BETWEEN -30 AND 60 GROUP BY ALL ORDER BY country`,
  },
];
