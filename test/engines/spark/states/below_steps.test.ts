/** Steps that are taken off a relation: its columns and conditions, over the rows below, stay what they were. */
import { expect, it } from 'vitest';
import { geo, pin } from '../../../../pipeline/datasets/index.ts';
import { expressionSql } from '../../../../pipeline/engines/spark/expression.ts';
import { belowSteps } from '../../../../pipeline/engines/spark/states/below_steps.ts';

const joined = pin.table.join(geo.table, 'ind');

it('reads columns through the names that steps gave them, in the order of the steps', () => {
  const { node } = joined
    .whereNotNull('title')
    .select((row) => ({ title: row.category, category: row.country, followers: row.follower_count }))
    .whereNotNull('title')
    .select((row) => ({ title: row.category, known: row.title, followers: row.followers }))
    .whereNotNull('followers');
  const { input, conditions, columns } = belowSteps(node, ['title', 'known']);
  expect(input).toBe(joined.node);
  expect(conditions.map((condition) => expressionSql(condition))).toEqual([
    '(`title` IS NOT NULL)',
    '(`category` IS NOT NULL)',
    '(`follower_count` IS NOT NULL)',
  ]);
  expect(Object.entries(columns).map(([name, node]) => [name, expressionSql(node)])).toEqual([
    ['title', '`country`'],
    ['known', '`category`'],
  ]);
});

it('leaves a relation without steps as it is', () => {
  const { input, conditions, columns } = belowSteps(joined.node, ['title']);
  expect([input, conditions]).toEqual([joined.node, []]);
  expect(columns).toEqual({ title: { kind: 'column', name: 'title' } });
});
