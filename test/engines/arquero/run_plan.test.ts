import { expect, it } from 'vitest';
import { rowsOf, tableOfRows } from '../../../pipeline/columns/table.ts';
import { runPlan } from '../../../pipeline/engines/arquero/run_plan.ts';
import { count } from '../../../pipeline/plan/expressions/aggregates.ts';
import { Table } from '../../../pipeline/plan/table.ts';

it('a null that groups were made by equals nothing in a join on several columns', () => {
  const posts = Table.source('posts', { ind: 'bigint', word: 'text' });
  const groups = posts.groupBy('ind', 'word').aggregate(() => ({ rows: count() }));
  const { node } = groups.join(groups.distinct(), 'ind', 'word', 'rows');
  const rows = [
    { ind: 1, word: 'a' },
    { ind: null, word: 'a' },
    { ind: 1, word: null },
  ];
  expect(rowsOf(runPlan(node, { posts: tableOfRows(posts.schema, rows) }))).toEqual([
    { ind: 1, word: 'a', rows: 1 },
  ]);
});
