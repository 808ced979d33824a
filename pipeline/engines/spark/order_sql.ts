/** Orders and windows in Spark SQL. */
import type { RelationNode, SortKey, WindowNode } from '../../plan/relation.ts';
import { orderOf } from '../../plan/walk.ts';
import { windows } from '../../plan/windows.ts';
import { type SparkForms, sparkForms } from './expression.ts';
import { identifier } from './quoting.ts';

/** Spark puts nulls first in ascending and last in descending order, as a plan does. */
export function orderBy(order: readonly SortKey[]): readonly string[] {
  return order.map(({ column, descending }) => `${identifier(column)} ${descending ? 'DESC' : 'ASC'}`);
}

/** Prints a window function of a relation. */
export function windowSql(
  node: WindowNode,
  relation: Extract<RelationNode, { kind: 'window' }>,
  forms: SparkForms = sparkForms,
): string {
  const [column = ''] = node.arguments.map(identifier);
  const over = overClause({
    by: relation.by,
    order: orderOf(node, relation),
    soFar: windows[node.function].scope === 'rows so far',
  });
  return forms.windows[node.function].spark(over, column, node.offset ?? 0);
}

/** @param window.soFar only the rows up to the current one */
export function overClause(window: {
  readonly by: readonly string[];
  readonly order: readonly SortKey[];
  readonly soFar?: boolean;
}): string {
  const { by, order, soFar = false } = window;
  const parts = [
    ...(by.length > 0 ? [`PARTITION BY ${by.map(identifier).join(', ')}`] : []),
    ...(order.length > 0 ? [`ORDER BY ${orderBy(order).join(', ')}`] : []),
    ...(soFar ? ['ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW'] : []),
  ];
  return parts.length > 1 ? `OVER (\n  ${parts.join('\n  ')}\n)` : `OVER (${parts.join('')})`;
}
