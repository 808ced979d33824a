/** Comparisons, choices and nulls. */
import { call, type Expression } from '../expression.ts';
import { type ColumnType, type OrderedType, PlanError } from '../types.ts';

type Condition = Expression<'boolean'>;

/**
 * a ≠ b; null where one is null.
 * @example
 * posts.where((row) => notEquals(row.first_name, row.last_name));
 */
export const notEquals = <T extends OrderedType>(a: Expression<T>, b: Expression<NoInfer<T>>) =>
  call('not_equals', 'boolean', a, b);

/**
 * a < b; null where one is null.
 * @example
 * posts.where((row) => lessThan(row.age, literal('bigint', 18)));
 */
export const lessThan = <T extends OrderedType>(a: Expression<T>, b: Expression<NoInfer<T>>) =>
  call('less_than', 'boolean', a, b);

/**
 * a > b; null where one is null.
 * @example
 * posts.where((row) => moreThan(row.age, literal('bigint', 50)));
 */
export const moreThan = <T extends OrderedType>(a: Expression<T>, b: Expression<NoInfer<T>>) =>
  call('more_than', 'boolean', a, b);

/**
 * True where the value is null; never null itself.
 * @example
 * posts.where((row) => isNull(row.country));
 */
export const isNull = (value: Expression) => call('is_null', 'boolean', value);

interface CaseWhen {
  <T extends ColumnType>(cases: readonly Case<NoInfer<T>>[], otherwise: Expression<T>): Expression<T>;
  <T extends ColumnType>(cases: readonly Case<T>[]): Expression<T>;
}

type Case<T extends ColumnType> = readonly [condition: Condition, value: Expression<T>];

/**
 * The value of the first condition that is true, else the last value, or null where there is none.
 * @example
 * posts.select((row) => ({ size: caseWhen([[atLeast(row.age, literal('bigint', 18)), row.country]], row.category) }));
 */
export const caseWhen = choice();

/**
 * The first value that is not null.
 * @example
 * posts.select((row) => ({ name: coalesce(row.last_name, row.first_name, literal('text', 'nobody')) }));
 */
export const coalesce = <T extends ColumnType>(
  first: Expression<T>,
  ...rest: readonly Expression<NoInfer<T>>[]
) => call('coalesce', first.type, first, ...rest);

function choice(): CaseWhen {
  return <T extends ColumnType>(cases: readonly Case<T>[], otherwise?: Expression<T>): Expression<T> => {
    const [first] = cases;
    if (first === undefined) {
      throw new PlanError('caseWhen takes one condition and value, or more.');
    }
    return call('case_when', first[1].type, ...cases.flat(), ...(otherwise === undefined ? [] : [otherwise]));
  };
}
