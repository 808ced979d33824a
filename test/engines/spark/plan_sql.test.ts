/** Golden SQL, in which reviewers see a change to a rule or a query. Update with `npx vitest run test/engines/spark -u`. */
import { describe, expect, it } from 'vitest';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { planSql } from '../../../pipeline/engines/spark/plan_sql.ts';
import { year } from '../../../pipeline/plan/expression.ts';
import { count, max } from '../../../pipeline/plan/expressions/aggregates.ts';
import { split } from '../../../pipeline/plan/expressions/arrays.ts';
import { lag, rank, runningSum } from '../../../pipeline/plan/expressions/windows.ts';
import { descending, Table } from '../../../pipeline/plan/table.ts';
import { queries } from '../../../queries/index.ts';

describe('the Spark SQL of every dataset and query', () => {
  it.each(datasets)('cleaning of $name', async ({ name, cleaning }) => {
    await expect(`${planSql(cleaning.node)}\n`).toMatchFileSnapshot(`golden/sql/clean_${name}.sql`);
  });
  it.each(queries)('$name', async ({ name, plan }) => {
    await expect(`${planSql(plan)}\n`).toMatchFileSnapshot(`golden/sql/${name}.sql`);
  });
});

const posts = Table.source('posts', { ind: 'bigint', place: 'text', made: 'timestamp' });

describe('a relation', () => {
  it('is one SELECT with the clauses that SQL runs before and after it', () => {
    const plan = posts
      .whereNotNull('place')
      .select((row) => ({ place: row.place, post_year: year(row.made) }))
      .distinct()
      .orderBy(descending('post_year'));
    expect(planSql(plan.node)).toBe(
      [
        'SELECT DISTINCT',
        '  `place`,',
        '  year(`made`) AS `post_year`',
        'FROM `posts`',
        'WHERE (`place` IS NOT NULL)',
        'ORDER BY',
        '  `post_year` DESC',
      ].join('\n'),
    );
  });

  it('becomes a common table expression where SQL would run the next clause too early', () => {
    const plan = posts.distinct().whereNotNull('place');
    expect(planSql(plan.node)).toContain('WITH\n`distinct_posts` AS (\n  SELECT DISTINCT');
    const years = posts.select((row) => ({ post_year: year(row.made) })).whereNotNull('post_year');
    expect(planSql(years.node)).toContain('FROM `post_year_of_posts`\nWHERE (`post_year` IS NOT NULL)');
  });

  it('that is used twice is printed once, and joins itself under another name', () => {
    const notNull = posts.whereNotNull('place');
    const sql = planSql(notNull.join(notNull, 'ind', 'place', 'made').node);
    expect(sql.match(/`posts_with_known_place` AS \(/g)).toHaveLength(1);
    expect(sql).toContain('INNER JOIN `posts_with_known_place` AS `other_posts_with_known_place`\n');
  });

  it('gives each element of an array a row', () => {
    const plan = posts
      .select((row) => ({ ind: row.ind, words: split(row.place, ' ') }))
      .explode('words', 'word')
      .whereNotNull('word');
    expect(planSql(plan.node)).toBe(
      [
        'WITH',
        '`ind_and_words_of_posts` AS (',
        '  SELECT',
        '    `ind`,',
        "    split(`place`, ' ') AS `words`",
        '  FROM `posts`',
        '),',
        '`each_word_of_ind_and_words_of_posts` AS (',
        '  SELECT',
        '    `ind`,',
        '    explode(`words`) AS `word`',
        '  FROM `ind_and_words_of_posts`',
        ')',
        'SELECT',
        '  `ind`,',
        '  `word`',
        'FROM `each_word_of_ind_and_words_of_posts`',
        'WHERE (`word` IS NOT NULL)',
      ].join('\n'),
    );
  });

  it('ranks rows in a column that its input does not have', () => {
    const sql = planSql(posts.topOfEach(['ind'], 'place', 'made').node);
    expect(sql).toContain('AS `place_2`');
    expect(sql).toContain('WHERE `place_2` = 1');
  });

  it('keeps the first of each group, and the first of all', () => {
    const some = posts.select(({ ind, place }) => ({ ind, place }));
    expect(planSql(some.topOfEach(['ind'], 3, 'place').node)).toMatch(/WHERE `place_2` <= 3$/);
    expect(planSql(some.orderBy(descending('place')).limit(10).node)).toMatch(
      /FROM `posts`\nORDER BY\n {2}`place` DESC,\n {2}`ind` ASC\nLIMIT 10$/,
    );
  });

  it('joins to the left, and filters by a join', () => {
    const places = Table.source('places', { ind: 'bigint', city: 'text' });
    const from = (sql: string) => sql.split('\n').slice(-3).join(' ');
    expect(from(planSql(posts.leftJoin(places, 'ind').node))).toBe(
      'FROM `posts` LEFT JOIN `places`   USING (`ind`)',
    );
    expect(from(planSql(posts.semiJoin(places, 'ind').node))).toBe(
      'FROM `posts` LEFT SEMI JOIN `places`   USING (`ind`)',
    );
    expect(from(planSql(posts.antiJoin(places, 'ind').node))).toBe(
      'FROM `posts` LEFT ANTI JOIN `places`   USING (`ind`)',
    );
  });

  it('unites columns by name', () => {
    const places = Table.source('places', { place: 'text', ind: 'bigint' });
    const named = posts.whereNotNull('place').select(({ ind, place }) => ({ ind, place }));
    expect(planSql(named.union(places).node)).toBe(
      [
        'WITH',
        '`ind_and_place_of_posts_with_known_place_and_places` AS (',
        '  SELECT',
        '    `ind`,',
        '    `place`',
        '  FROM `posts`',
        '  WHERE (`place` IS NOT NULL)',
        '  UNION ALL',
        '  SELECT',
        '    `ind`,',
        '    `place`',
        '  FROM `places`',
        ')',
        'SELECT',
        '  `ind`,',
        '  `place`',
        'FROM `ind_and_place_of_posts_with_known_place_and_places`',
      ].join('\n'),
    );
  });

  it('has windows beside its columns, with an order of as many keys as each needs', () => {
    const windows = posts
      .window(['place'], 'made')
      .withColumns((row) => ({ at: rank(), before: lag(row.ind), total: runningSum(row.ind) }));
    expect(planSql(windows.node)).toBe(
      [
        'SELECT',
        '  `ind`,',
        '  `place`,',
        '  `made`,',
        '  rank() OVER (',
        '    PARTITION BY `place`',
        '    ORDER BY `made` ASC',
        '  ) AS `at`,',
        '  lag(`ind`, 1) OVER (',
        '    PARTITION BY `place`',
        '    ORDER BY `made` ASC, `ind` ASC',
        '  ) AS `before`,',
        '  CAST(nullif(nullif(greatest(least(sum(CAST(`ind` AS DECIMAL(38, 0))) OVER (',
        '    PARTITION BY `place`',
        '    ORDER BY `made` ASC, `ind` ASC',
        '    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW',
        '  ), 9007199254740992L), -9007199254740992L), 9007199254740992L), -9007199254740992L) AS BIGINT) AS `total`',
        'FROM `posts`',
      ].join('\n'),
    );
  });

  it('has no name that would hide a source', () => {
    const counted = Table.source('counted_by_ind', { ind: 'bigint', other: 'text' });
    const counts = posts.groupBy('ind').aggregate(() => ({ n: count() }));
    expect(planSql(counts.join(counted, 'ind').node)).toContain('`counted_by_ind_2` AS (');
  });

  it('reads each source from its path', () => {
    const plan = posts.groupBy('place').aggregate((row) => ({ last: max(row.made) }));
    const sql = planSql(plan.node, { relationOf: (source) => `delta.\`/lake/${source}\`` });
    expect(sql).toContain('FROM delta.`/lake/posts` AS `posts`');
  });
});
