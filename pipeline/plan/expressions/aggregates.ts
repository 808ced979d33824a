/** Aggregates of a group's rows. All pass over rows where an argument is null, and none depends on the order of rows. */
import { type AggregateName, aggregates } from '../aggregates.ts';
import type { ColumnExpression, Expression } from '../expression.ts';
import type { AggregateNode } from '../relation.ts';
import { type ColumnType, type OrderedType, PlanError } from '../types.ts';
import { columnsOfCall } from './column_call.ts';

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
  const names = columnsOfCall(name, aggregates[name].type, type, columns);
  return { type, node: { function: name, arguments: names } };
}

type Ordered = ColumnExpression<OrderedType>;
type Integer = ColumnExpression<'bigint'> | ColumnExpression<'int'>;
type NumberColumn = Integer | ColumnExpression<'double'>;

/**
 * The number of rows.
 * @throws PlanError for a column: the values of a column that are not null are counted by `countIf`
 * @example
 * posts.groupBy('country').aggregate(() => ({ posts: count() }));
 */
export const count: () => Aggregate<'bigint'> = (...columns: readonly unknown[]) => {
  if (columns.length > 0) {
    throw new PlanError('count takes no column: select isNotNull(column) under a name, and use countIf.');
  }
  return aggregateOf('count', 'bigint');
};

/**
 * The number of different values of these columns together, over the rows where none of them is null.
 * @example
 * posts.groupBy('country').aggregate((row) => ({ people: countDistinct(row.first_name, row.last_name) }));
 */
export const countDistinct = (first: Ordered, ...rest: readonly Ordered[]) =>
  aggregateOf('count_distinct', 'bigint', first, ...rest);

/**
 * The number of rows where the condition is true.
 * @example
 * posts
 *   .select((row) => ({ country: row.country, is_liked: moreThan(row.likes, 0) }))
 *   .groupBy('country')
 *   .aggregate((row) => ({ liked: countIf(row.is_liked) }));
 */
export const countIf = (condition: ColumnExpression<'boolean'>) =>
  aggregateOf('count_if', 'bigint', condition);

interface Sum {
  (values: Integer): Aggregate<'bigint'>;
  (values: ColumnExpression<'double'>): Aggregate<'double'>;
}

/**
 * The sum: of integers exact, null beyond ±(2⁵³−1); of doubles rounded once from the exact sum, null beyond the largest double.
 * @example
 * posts.groupBy('country').aggregate((row) => ({ likes: sum(row.likes) }));
 */
export const sum = summation();

/**
 * The mean: the exact sum, rounded to a double, divided by the number of values.
 * @example
 * posts.groupBy('country').aggregate((row) => ({ mean_age: avg(row.age) }));
 */
export const avg = (values: NumberColumn) =>
  aggregateOf(values.type === 'double' ? 'avg_doubles' : 'avg', 'double', values);

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
 * The value in the row where `by` is smallest, over the rows where neither is null; of those that tie the smallest value.
 * @example
 * posts.groupBy('country').aggregate((row) => ({ first_category: minBy(row.category, row.made) }));
 */
export const minBy = <T extends OrderedType>(value: ColumnExpression<T>, by: Ordered) =>
  aggregateOf('min_by', value.type, value, by);

/**
 * The value in the row where `by` is largest, over the rows where neither is null; of those that tie the largest value.
 * @example
 * posts.groupBy('country').aggregate((row) => ({ last_category: maxBy(row.category, row.made) }));
 */
export const maxBy = <T extends OrderedType>(value: ColumnExpression<T>, by: Ordered) =>
  aggregateOf('max_by', value.type, value, by);

/**
 * The exact median: of an even number of values the mean of the two in the middle.
 * @example
 * posts.groupBy('country').aggregate((row) => ({ median_age: median(row.age) }));
 */
export const median = (values: NumberColumn) => aggregateOf('median', 'double', values);

/**
 * The value that a fraction of the values, 0 to 1, lie below: exact, on the line between two neighbours.
 * @throws PlanError when the fraction is not from 0 to 1
 * @example
 * posts.groupBy('country').aggregate((row) => ({ oldest_tenth: percentile(row.age, 0.9) }));
 */
export const percentile = (values: NumberColumn, fraction: number): Aggregate<'double'> => {
  if (!(fraction >= 0 && fraction <= 1)) {
    throw new PlanError(`percentile takes a fraction from 0 to 1, such as 0.9, not ${fraction}.`);
  }
  const { type, node } = aggregateOf('percentile', 'double', values);
  return { type, node: { ...node, fraction: fraction + 0 } };
};

function summation(): Sum {
  function total(values: Integer): Aggregate<'bigint'>;
  function total(values: ColumnExpression<'double'>): Aggregate<'double'>;
  function total(values: NumberColumn): Aggregate<'bigint' | 'double'> {
    return values.type === 'double'
      ? aggregateOf('sum_doubles', 'double', values)
      : aggregateOf('sum', 'bigint', values);
  }
  return total;
}
