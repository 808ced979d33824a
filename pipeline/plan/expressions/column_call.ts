/** Calls of functions over columns, as aggregates and windows are. */
import type { Expression } from '../expression.ts';
import { type ColumnType, PlanError } from '../types.ts';

/**
 * The names of the columns that a function is called with.
 * @param typeOf the function's type rule
 * @throws PlanError when an argument is not a column by itself, or the result is of another type
 */
export function columnsOfCall(
  name: string,
  typeOf: (types: readonly ColumnType[]) => ColumnType,
  type: ColumnType,
  columns: readonly Expression[],
): string[] {
  const result = typeOf(columns.map((argument) => argument.type));
  if (result !== type) {
    throw new PlanError(`${name} gives ${result}, not ${type}.`);
  }
  return columns.map(({ node }) => {
    if (node.kind !== 'column') {
      throw new PlanError(`${name} takes columns; select the expression under a name first.`);
    }
    return node.name;
  });
}
