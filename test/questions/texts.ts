import { pin, user } from '../../pipeline/datasets/index.ts';
import { atLeast, literal } from '../../pipeline/plan/expression.ts';
import { avg, count, countIf } from '../../pipeline/plan/expressions/aggregates.ts';
import { split } from '../../pipeline/plan/expressions/arrays.ts';
import { coalesce, isNull } from '../../pipeline/plan/expressions/conditions.ts';
import { divide, toBigint } from '../../pipeline/plan/expressions/numbers.ts';
import {
  extract,
  length,
  lower,
  matches,
  substring,
  upper,
} from '../../pipeline/plan/expressions/strings.ts';
import { query } from '../../pipeline/plan/query.ts';
import { descending } from '../../pipeline/plan/table.ts';
import type { Question } from './question.ts';

const none = literal('text', '(none)');

export const texts: readonly Question[] = [
  {
    query: query({
      name: 'names_by_initial',
      title: 'How many names of posters and users begin with each letter?',
      plan: () =>
        pin.table
          .select((row) => ({ name: row.poster_name }))
          .union(user.table.select((row) => ({ name: row.user_name })))
          .whereNotNull('name')
          .distinct()
          .select((row) => ({ initial: upper(substring(row.name, 1, 1)) }))
          .groupBy('initial')
          .aggregate(() => ({ names: count() }))
          .orderBy('initial'),
      chart: { kind: 'bars', category: 'initial', value: 'names' },
    }),
    duckdb: `SELECT upper(substring(name, 1, 1)) AS initial, count(*)
      FROM (SELECT poster_name AS name FROM pin UNION SELECT user_name FROM "user") WHERE name IS NOT NULL
      GROUP BY ALL ORDER BY initial`,
  },
  {
    query: query({
      name: 'words_in_titles',
      title: 'Which twenty words of four letters or more are most frequent in titles?',
      plan: () =>
        pin.table
          .select((row) => ({ words: split(lower(row.title), '[^a-z]+') }))
          .explode('words', 'word')
          .where((row) => atLeast(length(row.word), literal('int', 4)))
          .groupBy('word')
          .aggregate(() => ({ uses: count() }))
          .orderBy(descending('uses'), 'word')
          .limit(20),
      chart: { kind: 'bars', category: 'word', value: 'uses' },
    }),
    duckdb: `SELECT word, count(*) AS uses FROM (SELECT unnest(regexp_split_to_array(lower(title), '[^a-z]+')) AS word FROM pin)
      WHERE length(word) >= 4 GROUP BY word ORDER BY uses DESC, word LIMIT 20`,
  },
  {
    query: query({
      name: 'image_hosts_and_types',
      title: 'Which hosts and types of file do images have?',
      plan: () =>
        pin.table
          .select((row) => ({
            host: coalesce(extract(row.image_src, '^https?://([^/]+)'), none),
            file_type: coalesce(lower(extract(row.image_src, '[.](\\w+)$')), none),
          }))
          .groupBy('host', 'file_type')
          .aggregate(() => ({ posts: count() }))
          .orderBy(descending('posts'), 'host', 'file_type'),
      chart: { kind: 'bars', category: 'file_type', value: 'posts', series: 'host' },
    }),
    duckdb: `SELECT coalesce(nullif(regexp_extract(image_src, '^https?://([^/]+)', 1), ''), '(none)') AS host,
        coalesce(nullif(lower(regexp_extract(image_src, '[.](\\w+)$', 1)), ''), '(none)') AS file_type, count(*) AS posts
      FROM pin GROUP BY ALL ORDER BY posts DESC, host, file_type`,
  },
  {
    query: query({
      name: 'numbers_in_titles_by_category',
      title: 'Which part of the titles of each category begin with a number, and with which on average?',
      plan: () =>
        pin.table
          .whereNotNull('category', 'title')
          .select((row) => ({
            category: row.category,
            is_list: matches(row.title, '^\\d+[+]? '),
            items: toBigint(extract(row.title, '^(\\d+)[+]? ')),
          }))
          .groupBy('category')
          .aggregate((row) => ({ lists: countIf(row.is_list), titles: count(), mean_items: avg(row.items) }))
          .select((row) => ({
            category: row.category,
            share: divide(row.lists, row.titles),
            mean_items: row.mean_items,
          }))
          .orderBy('category'),
      chart: { kind: 'bars', category: 'category', value: 'share' },
    }),
    duckdb: `SELECT category, count(*) FILTER (regexp_matches(title, '^\\d+[+]? '))::DOUBLE / count(*),
        sum(number)::DOUBLE / count(number)
      FROM (SELECT *, CAST(nullif(regexp_extract(title, '^(\\d+)[+]? ', 1), '') AS BIGINT) AS number FROM pin)
      WHERE category IS NOT NULL AND title IS NOT NULL GROUP BY category ORDER BY category`,
  },
  {
    query: query({
      name: 'missing_values_by_category',
      title: 'How many posts of each category lack a title, a description, tags or a poster?',
      plan: () =>
        pin.table
          .select((row) => ({
            category: coalesce(row.category, none),
            no_title: isNull(row.title),
            no_description: isNull(row.description),
            no_tags: isNull(row.tag_list),
            no_poster: isNull(row.poster_name),
          }))
          .groupBy('category')
          .aggregate((row) => ({
            posts: count(),
            without_title: countIf(row.no_title),
            without_description: countIf(row.no_description),
            without_tags: countIf(row.no_tags),
            without_poster: countIf(row.no_poster),
          }))
          .orderBy('category'),
      chart: { kind: 'bars', category: 'category', value: 'without_title' },
    }),
    duckdb: `SELECT coalesce(category, '(none)') AS category, count(*), count(*) FILTER (title IS NULL),
        count(*) FILTER (description IS NULL), count(*) FILTER (tag_list IS NULL), count(*) FILTER (poster_name IS NULL)
      FROM pin GROUP BY ALL ORDER BY category`,
  },
];
