import { type FunctionName, functions } from './functions.ts';
import type { ColumnType, OrderedType, Value, ValueOfType } from './types.ts';
import { PlanError } from './types.ts';

/** An expression as plain data: it prints, compares and travels. */
export type ExpressionNode =
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'literal'; readonly type: ColumnType; readonly value: Value }
  | {
      readonly kind: 'call';
      readonly function: FunctionName;
      readonly arguments: readonly ExpressionNode[];
    };

/** An expression whose type TypeScript knows, and the plan too. */
export interface Expression<T extends ColumnType = ColumnType> {
  readonly type: T;
  readonly node: ExpressionNode;
}

/** One expression for every column of a table. */
export type RowOf<S> = { readonly [C in keyof S]: Expression<S[C] & ColumnType> };

export function column<T extends ColumnType>(name: string, type: T): Expression<T> {
  return { type, node: { kind: 'column', name } };
}

/** Whether a value is one of a type, in every engine. */
const isHeld: Readonly<Record<ColumnType, (value: Value) => boolean>> = {
  bigint: Number.isSafeInteger,
  int: (value) => Number.isInteger(value) && Math.abs(Number(value) + 0.5) < 2 ** 31,
  double: Number.isFinite,
  // Half of a pair cannot be written in UTF-8.
  text: (value) => typeof value === 'string' && !/\p{Surrogate}/u.test(value),
  boolean: (value) => typeof value === 'boolean',
  timestamp: Number.isSafeInteger,
  'array<double>': (value) => Array.isArray(value) && value.every(Number.isFinite),
};

/**
 * A value written in the plan.
 * @throws PlanError when the type does not have it
 */
export function literal<T extends 'bigint' | 'int' | 'double' | 'text' | 'boolean'>(
  type: T,
  value: ValueOfType[T],
): Expression<T> {
  if (!isHeld[type](value)) {
    throw new PlanError(`${JSON.stringify(value)} is no ${type} that a plan can hold.`);
  }
  return { type, node: { kind: 'literal', type, value } };
}

/**
 * Calls a function of the table of functions, checking the types of its arguments.
 * @throws PlanError naming the function, the argument and the type that it should have.
 */
export function call<T extends ColumnType>(
  name: FunctionName,
  type: T,
  ...operands: readonly Expression[]
): Expression<T> {
  const resultType = functions[name].type(operands.map((operand) => operand.type));
  if (resultType !== type) {
    throw new PlanError(`${name} gives ${resultType}, not ${type}.`);
  }
  return { type, node: { kind: 'call', function: name, arguments: operands.map((operand) => operand.node) } };
}

type Condition = Expression<'boolean'>;
type Text = Expression<'text'>;

/** Blank text, nothing but U+0020, 0009, 000A, 000D, becomes null. */
export const blankToNull = (text: Text) => call('blank_to_null', 'text', text);

/** Whether the text begins with the prefix. */
export const startsWith = (text: Text, prefix: string) =>
  call('starts_with', 'boolean', text, literal('text', prefix));

/** The text without the prefix, when it begins with it. */
export const removePrefix = (text: Text, prefix: string) =>
  call('remove_prefix', 'text', text, literal('text', prefix));

/** A count as people write it (`316`, `12k`, `1.5M`), exactly. */
export const followerCount = (text: Text) => call('follower_count', 'bigint', text);

/** [latitude, longitude] in degrees, null when out of range. */
export const coordinates = (latitude: Expression<'double'>, longitude: Expression<'double'>) =>
  call('coordinates', 'array<double>', latitude, longitude);

/** Two words joined by a space; the one that is there when the other is null. */
export const joinWords = (first: Text, second: Text) => call('join_words', 'text', first, second);

/** `YYYY-MM-DD HH:MM:SS`, or `T` for the space, in UTC. */
export const parseTimestamp = (text: Text) => call('parse_timestamp', 'timestamp', text);

/** The calendar year in UTC. */
export const year = (timestamp: Expression<'timestamp'>) => call('year', 'int', timestamp);

/** `18-24`, `25-35`, `36-50`, `50+`; null for younger people and unknown ages. */
export const ageGroup = (age: Expression<'bigint'>) => call('age_group', 'text', age);

/** The value, but null where the condition is true. */
export const nullWhen = <T extends ColumnType>(value: Expression<T>, condition: Condition) =>
  call('null_when', value.type, value, condition);

export const isNotNull = (value: Expression) => call('is_not_null', 'boolean', value);
export const not = (condition: Condition) => call('not', 'boolean', condition);
export const and = (first: Condition, ...rest: readonly Condition[]) =>
  rest.reduce((all, next) => call('and', 'boolean', all, next), first);
export const or = (first: Condition, ...rest: readonly Condition[]) =>
  rest.reduce((any, next) => call('or', 'boolean', any, next), first);

export const equals = <T extends OrderedType>(a: Expression<T>, b: Expression<T>) =>
  call('equals', 'boolean', a, b);
export const atLeast = <T extends OrderedType>(a: Expression<T>, b: Expression<T>) =>
  call('at_least', 'boolean', a, b);
export const atMost = <T extends OrderedType>(a: Expression<T>, b: Expression<T>) =>
  call('at_most', 'boolean', a, b);

/** Whether first ≤ value ≤ last. */
export const between = <T extends 'int' | 'bigint' | 'double'>(
  value: Expression<T>,
  first: number,
  last: number,
) =>
  and(
    atLeast<OrderedType>(value, literal(value.type, first)),
    atMost<OrderedType>(value, literal(value.type, last)),
  );

/** Whether the text is one of these. */
export const isOneOf = (text: Text, first: string, ...rest: readonly string[]) =>
  or(equals(text, literal('text', first)), ...rest.map((other) => equals(text, literal('text', other))));
