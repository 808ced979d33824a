/** Comparisons, choices and nulls. */
import { call, type Expression, type Operand, operand } from '../expression.ts';
import { type ColumnType, type OrderedType, PlanError } from '../types.ts';

type Condition = Expression<'boolean'>;

/**
 * a ≠ b; null where one is null.
 * @example
 * posts.where((row) => notEquals(row.first_name, row.last_name));
 */
export const notEquals = <T extends OrderedType>(a: Expression<T>, b: Operand<NoInfer<T>>) =>
  call('not_equals', 'boolean', a, operand<OrderedType>(a.type, b));

/**
 * a < b; null where one is null.
 * @example
 * posts.where((row) => lessThan(row.age, 18));
 */
export const lessThan = <T extends OrderedType>(a: Expression<T>, b: Operand<NoInfer<T>>) =>
  call('less_than', 'boolean', a, operand<OrderedType>(a.type, b));

/**
 * a > b; null where one is null.
 * @example
 * posts.where((row) => moreThan(row.age, 50));
 */
export const moreThan = <T extends OrderedType>(a: Expression<T>, b: Operand<NoInfer<T>>) =>
  call('more_than', 'boolean', a, operand<OrderedType>(a.type, b));

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
 * posts.select((row) => ({ size: caseWhen([[atLeast(row.age, 18), row.country]], row.category) }));
 */
export const caseWhen = choice();

/**
 * The first value that is not null.
 * @example
 * posts.select((row) => ({ name: coalesce(row.last_name, row.first_name, 'nobody') }));
 */
export const coalesce = <T extends ColumnType>(
  first: Expression<T>,
  ...rest: readonly Operand<NoInfer<T>>[]
) => call('coalesce', first.type, first, ...rest.map((value) => operand<ColumnType>(first.type, value)));

function choice(): CaseWhen {
  return <T extends ColumnType>(cases: readonly Case<T>[], otherwise?: Expression<T>): Expression<T> => {
    const [first] = cases;
    if (first === undefined) {
      throw new PlanError('caseWhen takes one condition and value, or more.');
    }
    return call('case_when', first[1].type, ...cases.flat(), ...(otherwise === undefined ? [] : [otherwise]));
  };
}
