/** Beside the cases of each query: no case can give nothing at all. */
import { expect, it } from 'vitest';
import { rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { runPlan } from '../../pipeline/engines/arquero/run_plan.ts';
import { queries } from '../../queries/index.ts';

it.each(queries)('$name has no rows for empty tables', ({ plan }) => {
  const empty = datasets.map(({ name, cleaning }) => [name, tableOfRows(cleaning.schema, [])]);
  expect(rowsOf(runPlan(plan, Object.fromEntries(empty)))).toEqual([]);
});
