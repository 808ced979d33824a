/** The orders of a table's rows, and the checks of what depends on them. */
import type { SortKey, WindowNode } from './relation.ts';
import { orderedColumnType, PlanError, type Schema } from './types.ts';
import { windows } from './windows.ts';

/** @throws PlanError when there is no key, or one that is not a column with an order */
export function sortKeys(schema: Schema, order: readonly (string | SortKey)[]): readonly SortKey[] {
  if (order.length === 0) {
    throw new PlanError('An order needs at least one column.');
  }
  return order.map((key) => {
    const sortKey = typeof key === 'object' ? key : { column: key, descending: false };
    orderedColumnType(schema, sortKey.column, 'sort by');
    return sortKey;
  });
}

/**
 * The columns that neither group nor sort, as the last keys of an order without ties.
 * @throws PlanError when one of them has no order
 */
export function otherKeys(
  schema: Schema,
  by: readonly string[],
  keys: readonly SortKey[],
): readonly SortKey[] {
  for (const name of by) {
    orderedColumnType(schema, name, 'group by');
  }
  const named = new Set([...by, ...keys.map((key) => key.column)]);
  return Object.keys(schema)
    .filter((name) => !named.has(name))
    .map((column) => {
      orderedColumnType(schema, column, 'break ties by');
      return { column, descending: false };
    });
}

/** @throws PlanError when a number of rows is not one */
export function checkCount(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count >= 2 ** 31) {
    throw new PlanError(`A number of rows is from 1 to 2147483647, not ${count}.`);
  }
}

/** @throws PlanError when a column of a window has a name that is taken, or needs an order and has none */
export function checkWindows(
  schema: Schema,
  order: readonly SortKey[],
  columns: Readonly<Record<string, WindowNode>>,
): void {
  for (const [name, { function: called }] of Object.entries(columns)) {
    if (Object.hasOwn(schema, name)) {
      throw new PlanError(`There is a column "${name}" already; the window's needs another name.`);
    }
    if (order.length === 0 && windows[called].scope !== 'partition') {
      throw new PlanError(`The window of "${name}" needs an order: name the columns to sort by.`);
    }
  }
}
