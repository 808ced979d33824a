import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultsOf, faultyKinds } from '../../pipeline/cases/mutation/faults.ts';
import { faultText } from '../../pipeline/cases/mutation/plan_lines.ts';
import { tableOfRows } from '../../pipeline/columns/table.ts';
import { runPlan } from '../../pipeline/engines/arquero/run_plan.ts';
import { Table } from '../../pipeline/plan/table.ts';
import type { Schema } from '../../pipeline/plan/types.ts';
import { mostPopularCategoryByYear } from '../../queries/most_popular_category_by_year.ts';
import { usersJoinedByYear } from '../../queries/users_joined_by_year.ts';
import { plansOver } from '../support/random_plans.ts';
import { sourceRow, sources } from '../support/random_rows.ts';

describe('planted faults', () => {
  it('are told as the rewritten line', () => {
    const { plan } = mostPopularCategoryByYear;
    expect(faultsOf(plan).map((faulty) => faultText(plan, faulty))).toMatchInlineSnapshot(`
      [
        "join on [ind] → left_join on [ind]",
        "geo; join on [ind] → select null for country, coordinates, timestamp",
        "pin; join on [ind] → select null for unique_id, title, description, follower_count, poster_name, tag_list, is_image_or_video, image_src, save_location, category",
        "select post_year: year(timestamp) → select post_year: month(timestamp)",
        "where atLeast(post_year, 2018); where atMost(post_year, 2022) → dropped",
        "where atLeast(post_year, 2018) → where atLeast(post_year, 2017)",
        "where atLeast(post_year, 2018) → where atLeast(post_year, 2019)",
        "where atLeast(post_year, 2018) → where moreThan(post_year, 2018)",
        "where atLeast(post_year, 2018) → where atMost(post_year, 2018)",
        "where atLeast(post_year, 2018) → where atLeast(2018, post_year)",
        "where atMost(post_year, 2022) → where atMost(post_year, 2021)",
        "where atMost(post_year, 2022) → where atMost(post_year, 2023)",
        "where atMost(post_year, 2022) → where lessThan(post_year, 2022)",
        "where atMost(post_year, 2022) → where atLeast(post_year, 2022)",
        "where atMost(post_year, 2022) → where atMost(2022, post_year)",
        "where atMost(post_year, 2022) → dropped",
        "where atLeast(post_year, 2018) → dropped",
        "where atLeast(post_year, 2018); where atMost(post_year, 2022) → where or(atLeast(post_year, 2018), atMost(post_year, 2022))",
        "where isNotNull(category) → dropped",
        "where isNotNull(category) → where isNull(category)",
        "aggregate by [post_year, category] aggregates category_count: count() → aggregate by [post_year, category] aggregates category_count: countDistinct(post_year, category)",
        "top by [post_year] order [descending(category_count), category] count 1 → dropped",
        "top by [post_year] order [descending(category_count), category] count 1 → top by [] order [descending(category_count), category] count 1",
        "top by [post_year] order [descending(category_count), category] count 1 → top by [post_year] order [category_count, category] count 1",
        "top by [post_year] order [descending(category_count), category] count 1 → top by [post_year] order [descending(category_count), descending(category)] count 1",
        "top by [post_year] order [descending(category_count), category] count 1 → top by [post_year] order [category] count 1",
        "top by [post_year] order [descending(category_count), category] count 1 → top by [post_year] order [descending(category_count)] count 1",
        "top by [post_year] order [descending(category_count), category] count 1 → top by [post_year] order [category, descending(category_count)] count 1",
        "top by [post_year] order [descending(category_count), category] count 1 → top by [post_year] order [descending(category_count), category] count 2",
        "order [post_year] → dropped",
        "order [post_year] → order [descending(post_year)]",
      ]
    `);
  });

  it('are other aggregates and fewer columns too', () => {
    const { plan } = usersJoinedByYear;
    const aggregates = faultsOf(plan)
      .map((faulty) => faultText(plan, faulty))
      .filter((text) => text.startsWith('aggregate'));
    expect(aggregates).toMatchInlineSnapshot(`
      [
        "aggregate by [join_year] aggregates number_users_joined: countDistinct(user_name, date_joined) → aggregate by [join_year] aggregates number_users_joined: count()",
        "aggregate by [join_year] aggregates number_users_joined: countDistinct(user_name, date_joined) → aggregate by [join_year] aggregates number_users_joined: countDistinct(date_joined)",
        "aggregate by [join_year] aggregates number_users_joined: countDistinct(user_name, date_joined) → aggregate by [join_year] aggregates number_users_joined: countDistinct(user_name)",
      ]
    `);
  });

  it('keep columns and types in any plan, so that they run', () => {
    const plans = plansOver(
      Table.source<Schema>('left', sources.left),
      Table.source<Schema>('right', sources.right),
    );
    const rows = fc.record({
      left: fc.array(sourceRow(sources.left), { maxLength: 5 }),
      right: fc.array(sourceRow(sources.right), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(plans, rows, ({ node }, { left, right }) => {
        const tables = { left: tableOfRows(sources.left, left), right: tableOfRows(sources.right, right) };
        for (const faulty of faultsOf(node).slice(0, 20)) {
          expect(runPlan(faulty, tables).schema).toEqual(node.schema);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('are planted in relations of all kinds but these', () => {
    const source = readFileSync(new URL('../../pipeline/plan/relation.ts', import.meta.url), 'utf8');
    const kinds = [...source.matchAll(/readonly kind: '(\w+)'|JoinOf<'(\w+)'>/g)].map(
      ([, own, join]) => own ?? join,
    );
    expect(kinds.length).toBeGreaterThan(7);
    // To plant faults in a new kind, add it to `ownFaults`; to leave it out, name it here.
    expect(kinds.filter((kind) => kind !== undefined && !faultyKinds.includes(kind))).toEqual([
      'source',
      'explode',
    ]);
    expect(faultyKinds.filter((kind) => !kinds.includes(kind))).toEqual([]);
  });
});
