import { type FunctionName, functions, type ScalarFunction } from './functions.ts';
import { millisecondsInDay } from './timestamp.ts';
import {
  type ColumnType,
  columnType,
  type OrderedType,
  PlanError,
  type Schema,
  type Value,
  type ValueOfType,
} from './types.ts';

/** An expression as plain data, which can be printed, compared and sent to another process. */
export type ExpressionNode =
  | ColumnNode
  | { readonly kind: 'literal'; readonly type: ColumnType; readonly value: Value }
  | {
      readonly kind: 'call';
      readonly function: FunctionName;
      readonly arguments: readonly ExpressionNode[];
    };

export interface ColumnNode {
  readonly kind: 'column';
  readonly name: string;
}

/** An expression with its type, for TypeScript and for the plan. */
export interface Expression<T extends ColumnType = ColumnType> {
  readonly type: T;
  readonly node: ExpressionNode;
}

/** A column by itself, which is all that aggregates take. */
export interface ColumnExpression<T extends ColumnType = ColumnType> extends Expression<T> {
  readonly node: ColumnNode;
}

/** One expression for every column of a table. */
export type RowOf<S> = { readonly [C in keyof S]: ColumnExpression<S[C] & ColumnType> };

/**
 * A column by name. Unchecked: `table.columns` gives those that exist.
 * @example
 * const country = column('country', 'text');
 */
export function column<T extends ColumnType>(name: string, type: T): ColumnExpression<T> {
  return { type, node: { kind: 'column', name } };
}

/**
 * An expression for each column. An unknown name throws a PlanError instead of giving undefined.
 * @example
 * const { country } = rowOf({ ind: 'bigint', country: 'text' });
 */
export function rowOf<S extends { readonly [C in keyof S]: ColumnType }>(schema: S & Schema): RowOf<S> {
  const columns = Object.entries<ColumnType>(schema).map(([name, type]) => [name, column(name, type)]);
  return new Proxy(Object.fromEntries(columns) as RowOf<S>, {
    get: (row, name, receiver) => {
      if (typeof name === 'string') {
        columnType(schema, name);
      }
      return Reflect.get(row, name, receiver);
    },
  });
}

/** Tests for the values that every engine can hold. */
const isValueOf: Readonly<Record<ColumnType, (value: Value) => boolean>> = {
  bigint: Number.isSafeInteger,
  int: (value) => Number.isInteger(value) && Math.abs(Number(value) + 0.5) < 2 ** 31,
  double: Number.isFinite,
  // An unpaired surrogate cannot be written in UTF-8.
  text: (value) => typeof value === 'string' && !/\p{Surrogate}/u.test(value),
  boolean: (value) => typeof value === 'boolean',
  timestamp: Number.isSafeInteger,
  date: (value) => Number.isSafeInteger(value) && Number(value) % millisecondsInDay === 0,
  'array<double>': (value) => Array.isArray(value) && value.every(Number.isFinite),
  'array<text>': (value) => Array.isArray(value) && value.every((element) => isValueOf.text(element)),
};

/**
 * A constant.
 * @throws PlanError when the value is not one of the type
 * @example
 * posts.select((row) => ({ ind: row.ind, kind: literal('text', 'post') }));
 */
export function literal<T extends LiteralType>(type: T, value: ValueOfType[T]): Expression<T> {
  return operand(type, value);
}

type LiteralType = 'bigint' | 'int' | 'double' | 'text' | 'boolean';

/** An expression, or a constant as it is where the type is known from what stands beside it. */
export type Operand<T extends ColumnType> = Expression<T> | ValueOfType[Extract<T, LiteralType>];

/**
 * The expression of an operand.
 * @throws PlanError when a constant is not one of the type
 * @example
 * posts.select(() => ({ kind: operand('text', 'post') }));
 */
export function operand<T extends ColumnType>(type: T, value: Expression<T> | Value): Expression<T> {
  if (isExpression(value)) {
    return value;
  }
  if (!isValueOf[type](value)) {
    throw new PlanError(`${JSON.stringify(value)} is not a ${type} that a plan can hold.`);
  }
  return { type, node: { kind: 'literal', type, value } };
}

function isExpression<T extends ColumnType>(value: Expression<T> | Value): value is Expression<T> {
  return typeof value === 'object' && value !== null && 'node' in value;
}

/**
 * Calls a function of the table of functions, checking the types of its arguments.
 * @throws PlanError naming the function, the argument and the type that it should have
 * @example
 * const madeIn = call('year', 'int', posts.columns.made);
 */
export function call<T extends ColumnType>(
  name: FunctionName,
  type: T,
  ...operands: readonly Expression[]
): Expression<T> {
  const scalar: ScalarFunction = functions[name];
  const resultType = scalar.type(operands.map((operand) => operand.type));
  if (resultType !== type) {
    throw new PlanError(`${name} gives ${resultType}, not ${type}.`);
  }
  if (scalar.literalSecond && operands[1]?.node.kind !== 'literal') {
    throw new PlanError(`${name} takes a literal as its second argument, not an expression of columns.`);
  }
  return { type, node: { kind: 'call', function: name, arguments: operands.map((operand) => operand.node) } };
}

type Condition = Expression<'boolean'>;
type Text = Expression<'text'>;

/**
 * Null for blank text, which holds nothing but U+0020, 0009, 000A and 000D; other text as it is.
 * @example
 * posts.select((row) => ({ category: blankToNull(row.category) }));
 */
export const blankToNull = (text: Text) => call('blank_to_null', 'text', text);

/**
 * True when the text begins with the prefix.
 * @example
 * posts.where((row) => startsWith(row.category, 'art'));
 */
export const startsWith = (text: Text, prefix: string) =>
  call('starts_with', 'boolean', text, literal('text', prefix));

/**
 * The text without the prefix, when it begins with it.
 * @example
 * posts.select((row) => ({ category: removePrefix(row.category, 'old ') }));
 */
export const removePrefix = (text: Text, prefix: string) =>
  call('remove_prefix', 'text', text, literal('text', prefix));

/**
 * The exact value of a count as people write it: `316`, `12k`, `1.5M`.
 * @example
 * posts.select((row) => ({ followers: followerCount(row.followers) }));
 */
export const followerCount = (text: Text) => call('follower_count', 'bigint', text);

/**
 * The time written as `YYYY-MM-DD HH:MM:SS`, or with `T` for the space, in UTC; null for other text.
 * @example
 * posts.select((row) => ({ made: parseTimestamp(row.made_text) }));
 */
export const parseTimestamp = (text: Text) => call('parse_timestamp', 'timestamp', text);

/**
 * The calendar year in UTC.
 * @example
 * posts.select((row) => ({ post_year: year(row.made) }));
 */
export const year = (time: Expression<'timestamp'> | Expression<'date'>) => call('year', 'int', time);

/**
 * Null where the condition is true, else the value.
 * @example
 * posts.select((row) => ({ age: nullWhen(row.age, equals(row.age, 0)) }));
 */
export const nullWhen = <T extends ColumnType>(value: Expression<T>, condition: Condition) =>
  call('null_when', value.type, value, condition);

/**
 * True unless the value is null; never null itself.
 * @example
 * posts.where((row) => isNotNull(row.country));
 */
export const isNotNull = (value: Expression) => call('is_not_null', 'boolean', value);

/**
 * The opposite of a condition; null where it is null.
 * @example
 * posts.where((row) => not(startsWith(row.category, 'art')));
 */
export const not = (condition: Condition) => call('not', 'boolean', condition);

/**
 * True when all conditions are, false when one is false, else null.
 * @example
 * posts.where((row) => and(isNotNull(row.country), isNotNull(row.category)));
 */
export const and = (first: Condition, ...rest: readonly Condition[]) =>
  rest.reduce((all, next) => call('and', 'boolean', all, next), first);

/**
 * True when one condition is, false when all are false, else null.
 * @example
 * posts.where((row) => or(isNotNull(row.country), isNotNull(row.category)));
 */
export const or = (first: Condition, ...rest: readonly Condition[]) =>
  rest.reduce((any, next) => call('or', 'boolean', any, next), first);

/**
 * a = b; null where one is null.
 * @example
 * posts.where((row) => or(equals(row.first_name, row.last_name), equals(row.country, 'Peru')));
 */
export const equals = <T extends OrderedType>(a: Expression<T>, b: Operand<NoInfer<T>>) =>
  call('equals', 'boolean', a, operand<OrderedType>(a.type, b));

/**
 * a ≥ b; null where one is null.
 * @example
 * posts.where((row) => atLeast(row.age, 18));
 */
export const atLeast = <T extends OrderedType>(a: Expression<T>, b: Operand<NoInfer<T>>) =>
  call('at_least', 'boolean', a, operand<OrderedType>(a.type, b));

/**
 * a ≤ b; null where one is null.
 * @example
 * posts.where((row) => atMost(row.latitude, 66.5));
 */
export const atMost = <T extends OrderedType>(a: Expression<T>, b: Operand<NoInfer<T>>) =>
  call('at_most', 'boolean', a, operand<OrderedType>(a.type, b));

/**
 * first ≤ value ≤ last; null where the value is null.
 * @example
 * posts.where((row) => between(year(row.made), 2018, 2022));
 */
export const between = <T extends 'int' | 'bigint' | 'double'>(
  value: Expression<T>,
  first: number,
  last: number,
) =>
  and(
    atLeast<OrderedType>(value, literal(value.type, first)),
    atMost<OrderedType>(value, literal(value.type, last)),
  );

/**
 * True when the text or integer is one of these; null where it is null.
 * @example
 * posts.where((row) => isOneOf(row.country, 'Peru', 'Chile'));
 */
export const isOneOf = <T extends 'text' | 'int' | 'bigint'>(
  value: Expression<T>,
  first: ValueOfType[T],
  ...rest: readonly ValueOfType[T][]
) => {
  const is = (other: ValueOfType[T]) =>
    equals<OrderedType>(value, literal<'text' | 'int' | 'bigint'>(value.type, other));
  return or(is(first), ...rest.map(is));
};
