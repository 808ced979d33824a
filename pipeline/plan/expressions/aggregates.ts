/** Aggregates of a group's rows. All pass over rows where an argument is null, and none depends on the order of rows. */
import { type AggregateName, aggregates } from '../aggregates.ts';
import type { ColumnExpression, Expression } from '../expression.ts';
import type { AggregateNode } from '../relation.ts';
import { type ColumnType, type OrderedType, PlanError } from '../types.ts';

/** An aggregate of a group's rows. */
export interface Aggregate<T extends ColumnType = ColumnType> {
  readonly type: T;
  readonly node: AggregateNode;
}

/** @throws PlanError when an argument is not a column by itself, or of a type that does not fit */
function aggregateOf<T extends ColumnType>(
  name: AggregateName,
  type: T,
  ...columns: readonly Expression[]
): Aggregate<T> {
  const result = aggregates[name].type(columns.map((argument) => argument.type));
  if (result !== type) {
    throw new PlanError(`${name} gives ${result}, not ${type}.`);
  }
  const names = columns.map(({ node }) => {
    if (node.kind !== 'column') {
      throw new PlanError(`${name} takes columns; select the expression under a name first.`);
    }
    return node.name;
  });
  return { type, node: { function: name, arguments: names } };
}

type Ordered = ColumnExpression<OrderedType>;
type Integer = ColumnExpression<'bigint'> | ColumnExpression<'int'>;

/**
 * The number of rows.
 * @example
 * posts.groupBy('country').aggregate(() => ({ posts: count() }));
 */
export const count = () => aggregateOf('count', 'bigint');

/**
 * The number of different values of these columns together, over the rows where none of them is null.
 * @example
 * posts.groupBy('country').aggregate((row) => ({ people: countDistinct(row.first_name, row.last_name) }));
 */
export const countDistinct = (first: Ordered, ...rest: readonly Ordered[]) =>
  aggregateOf('count_distinct', 'bigint', first, ...rest);

/**
 * The exact sum of integers; null beyond ±(2⁵³−1).
 * @example
 * posts.groupBy('country').aggregate((row) => ({ likes: sum(row.likes) }));
 */
export const sum = (values: Integer) => aggregateOf('sum', 'bigint', values);

/**
 * The smallest value; null where all are null.
 * @example
 * posts.groupBy('country').aggregate((row) => ({ first_post: min(row.made) }));
 */
export const min = <T extends OrderedType>(values: ColumnExpression<T>) =>
  aggregateOf('min', values.type, values);

/**
 * The largest value; null where all are null.
 * @example
 * posts.groupBy('country').aggregate((row) => ({ last_post: max(row.made) }));
 */
export const max = <T extends OrderedType>(values: ColumnExpression<T>) =>
  aggregateOf('max', values.type, values);

/**
 * The exact median: of an even number of values the mean of the two in the middle.
 * @example
 * posts.groupBy('country').aggregate((row) => ({ median_age: median(row.age) }));
 */
export const median = (values: Integer | ColumnExpression<'double'>) =>
  aggregateOf('median', 'double', values);
