/** Columns computed from other rows of a row's partition. */
import type { ColumnExpression, Expression } from '../expression.ts';
import type { WindowNode } from '../relation.ts';
import { type ColumnType, type OrderedType, PlanError } from '../types.ts';
import { type WindowName, windows } from '../windows.ts';
import { columnsOfCall } from './column_call.ts';

/** A column that a window adds. */
export interface WindowColumn<T extends ColumnType = ColumnType> {
  readonly type: T;
  readonly node: WindowNode;
}

/** @throws PlanError when an argument is not a column by itself, or of a type that does not fit */
function windowOf<T extends ColumnType>(
  name: WindowName,
  type: T,
  columns: readonly Expression[] = [],
  offset?: number,
): WindowColumn<T> {
  const names = columnsOfCall(name, windows[name].type, type, columns);
  const node = { function: name, arguments: names };
  return { type, node: offset === undefined ? node : { ...node, offset } };
}

type Integer = ColumnExpression<'bigint'> | ColumnExpression<'int'>;

/**
 * The place of the row in its partition, from 1 on.
 * @example
 * posts.window(['country'], 'made').withColumns(() => ({ place: rowNumber() }));
 */
export const rowNumber = () => windowOf('row_number', 'int');

/**
 * The place of the row in its partition, from 1 on. Rows that are equal in the columns of the order share the lowest of
 * their places, and the next row counts all of them.
 * @example
 * posts.window(['country'], descending('likes')).withColumns(() => ({ place: rank() }));
 */
export const rank = () => windowOf('rank', 'int');

/**
 * The value some rows before in the partition; null where there is no such row.
 * @example
 * posts.window(['country'], 'made').withColumns((row) => ({ likes_before: lag(row.likes) }));
 */
export const lag = <T extends OrderedType>(values: ColumnExpression<T>, rows = 1) =>
  windowOf('lag', values.type, [values], checkedOffset('lag', rows));

/**
 * The value some rows after in the partition; null where there is no such row.
 * @example
 * posts.window(['country'], 'made').withColumns((row) => ({ likes_two_later: lead(row.likes, 2) }));
 */
export const lead = <T extends OrderedType>(values: ColumnExpression<T>, rows = 1) =>
  windowOf('lead', values.type, [values], checkedOffset('lead', rows));

/**
 * The exact sum of integers from the first row of the partition to this one; null while all are null, and beyond ±(2⁵³−1).
 * @example
 * posts.window([], 'made').withColumns((row) => ({ likes_so_far: runningSum(row.likes) }));
 */
export const runningSum = (values: Integer) => windowOf('running_sum', 'bigint', [values]);

/**
 * The integer divided by the sum of its partition; null where that is 0.
 * @example
 * posts.window(['country']).withColumns((row) => ({ share: shareOf(row.likes) }));
 */
export const shareOf = (values: Integer) => windowOf('share_of', 'double', [values]);

function checkedOffset(name: string, rows: number): number {
  if (!Number.isInteger(rows) || rows < 1 || rows >= 2 ** 31) {
    throw new PlanError(`${name} looks a number of rows away, from 1 to 2147483647, not ${rows}.`);
  }
  return rows;
}
