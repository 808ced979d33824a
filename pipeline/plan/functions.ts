/**
 * The table of functions that expressions can call. Each entry has its type rule, its meaning in JavaScript and its form
 * in Spark SQL side by side, and is the one place where the engines' meanings meet.
 *
 * A null argument makes the result of a `strict` function null, in both engines.
 * The Spark forms are written for Spark 4.0 in ANSI mode with the session time zone UTC.
 */
import { parseFollowerCount } from './follower_count.ts';
import { compareNonNull } from './order.ts';
import { parseUtcTimestamp, utcYear } from './timestamp.ts';
import { type ColumnType, orderedTypes, PlanError, type Value, type ValueOfType } from './types.ts';

export interface ScalarFunction {
  /** The type of the result. @throws PlanError when the arguments do not fit. */
  readonly type: (parameters: readonly ColumnType[]) => ColumnType;
  /** The meaning, one row at a time. The values have types that the type rule accepts. */
  readonly evaluate: (...values: readonly Value[]) => Value;
  /** The form in Spark SQL; each operand is a complete SQL expression. */
  readonly spark: (...operands: readonly string[]) => string;
}

type NonNullValues<P extends readonly ColumnType[]> = { [I in keyof P]: ValueOfType[P[I]] };
type Operands<P extends readonly ColumnType[]> = { [I in keyof P]: string };

/** A function of fixed types whose result is null where an argument is null. */
function strict<const P extends readonly ColumnType[], R extends ColumnType>(
  name: string,
  parameters: P,
  result: R,
  evaluate: (...values: NonNullValues<P>) => ValueOfType[R] | null,
  spark: (...operands: Operands<P>) => string,
): ScalarFunction {
  return fixed(
    name,
    parameters,
    result,
    (...values) => (values.includes(null) ? null : evaluate(...(values as NonNullValues<P>))),
    spark,
  );
}

/** A function of fixed types that receives nulls. The casts here and above rely on the type rule, which runs before `evaluate`. */
function fixed<const P extends readonly ColumnType[], R extends ColumnType>(
  name: string,
  parameters: P,
  result: R,
  evaluate: (...values: readonly Value[]) => ValueOfType[R] | null,
  spark: (...operands: Operands<P>) => string,
): ScalarFunction {
  return {
    type: (args) => {
      if (args.length !== parameters.length || args.some((type, i) => type !== parameters[i])) {
        throw new PlanError(`${name} takes (${parameters.join(', ')}), not (${args.join(', ')}).`);
      }
      return result;
    },
    evaluate,
    spark: (...operands) => spark(...(operands as Operands<P>)),
  };
}

/** A comparison of two values of one ordered type. */
function comparison(name: string, holds: (order: number) => boolean, operator: string): ScalarFunction {
  return {
    type: ([a, b, ...rest]) => {
      if (a === undefined || a !== b || rest.length > 0 || !orderedTypes.some((type) => type === a)) {
        throw new PlanError(
          `${name} compares two values of one type that has an order, not (${[a, b, ...rest].join(', ')}).`,
        );
      }
      return 'boolean';
    },
    evaluate: (a = null, b = null) => (a === null || b === null ? null : holds(compareNonNull(a, b))),
    spark: (a, b) => `(${a} ${operator} ${b})`,
  };
}

/** A function of one value of any type. */
function ofAny(
  name: string,
  evaluate: (value: Value) => boolean,
  spark: (operand: string) => string,
): ScalarFunction {
  return {
    type: (args) => {
      if (args.length !== 1) {
        throw new PlanError(`${name} takes one value, not ${args.length}.`);
      }
      return 'boolean';
    },
    evaluate: (value = null) => evaluate(value),
    spark: (operand = 'NULL') => spark(operand),
  };
}

const blanks = String.raw`' \t\n\r'`;

export const functions = {
  blank_to_null: strict(
    'blank_to_null',
    ['text'],
    'text',
    (text) => (/[^ \t\n\r]/.test(text) ? text : null),
    (text) => `CASE WHEN trim(BOTH ${blanks} FROM ${text}) <> '' THEN ${text} END`,
  ),

  starts_with: strict(
    'starts_with',
    ['text', 'text'],
    'boolean',
    (text, prefix) => text.startsWith(prefix),
    (text, prefix) => `startswith(${text}, ${prefix})`,
  ),

  remove_prefix: strict(
    'remove_prefix',
    ['text', 'text'],
    'text',
    (text, prefix) => (text.startsWith(prefix) ? text.slice(prefix.length) : text),
    (text, prefix) =>
      `CASE WHEN startswith(${text}, ${prefix}) THEN substring(${text}, char_length(${prefix}) + 1) WHEN NOT startswith(${text}, ${prefix}) THEN ${text} END`,
  ),

  follower_count: strict('follower_count', ['text'], 'bigint', parseFollowerCount, (text) => {
    const wellFormed = String.raw`${text} RLIKE '\\A[ \\t\\n\\r]*[0-9]+([.][0-9]+)?[kKmMbB]?[ \\t\\n\\r]*\\z'`;
    const whole = `regexp_extract(${text}, '[0-9]+', 0)`;
    const fraction = `regexp_extract(${text}, '[.]([0-9]+)', 1)`;
    const zeros = `CASE lower(regexp_extract(${text}, '[kKmMbB]', 0)) WHEN 'k' THEN 3 WHEN 'm' THEN 6 WHEN 'b' THEN 9 ELSE 0 END`;
    const followers = `try_cast(concat(${whole}, left(concat(${fraction}, '000000000'), ${zeros})) AS BIGINT)`;
    // A value that is too large or not a BIGINT (`least` ignores nulls) becomes 2⁵³, and 2⁵³ becomes null.
    return `CASE WHEN ${wellFormed} THEN nullif(least(${followers}, 9007199254740992), 9007199254740992) END`;
  }),

  coordinates: strict(
    'coordinates',
    ['double', 'double'],
    'array<double>',
    (latitude, longitude) =>
      Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? [latitude + 0, longitude + 0] : null,
    // Adding 0 turns −0 into 0: the two are equal, so which one a row shows would depend on chance.
    (latitude, longitude) =>
      `CASE WHEN abs(${latitude}) <= 90 AND abs(${longitude}) <= 180 THEN array(${latitude} + 0.0D, ${longitude} + 0.0D) END`,
  ),

  join_words: fixed(
    'join_words',
    ['text', 'text'],
    'text',
    (...words) => {
      const notNull = words.filter((word) => word !== null);
      return notNull.length === 0 ? null : notNull.join(' ');
    },
    (first, second) =>
      `array_join(nullif(array_compact(array(${first}, ${second})), CAST(array() AS ARRAY<STRING>)), ' ')`,
  ),

  parse_timestamp: strict('parse_timestamp', ['text'], 'timestamp', parseUtcTimestamp, (text) => {
    const wellFormed = String.raw`${text} RLIKE '\\A[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}\\z'`;
    return `CASE WHEN ${wellFormed} AND left(${text}, 4) <> '0000' THEN try_cast(${text} AS TIMESTAMP) END`;
  }),

  year: strict('year', ['timestamp'], 'int', utcYear, (timestamp) => `year(${timestamp})`),

  age_group: strict(
    'age_group',
    ['bigint'],
    'text',
    (age) => (age < 18 ? null : age <= 24 ? '18-24' : age <= 35 ? '25-35' : age <= 50 ? '36-50' : '50+'),
    (age) =>
      `CASE WHEN ${age} < 18 THEN NULL WHEN ${age} <= 24 THEN '18-24' WHEN ${age} <= 35 THEN '25-35' WHEN ${age} <= 50 THEN '36-50' WHEN ${age} > 50 THEN '50+' END`,
  ),

  null_when: {
    type: ([value, condition, ...rest]) => {
      if (value === undefined || condition !== 'boolean' || rest.length > 0) {
        throw new PlanError('null_when takes a value and a condition.');
      }
      return value;
    },
    evaluate: (value = null, condition = null) => (condition === true ? null : value),
    spark: (value, condition) => `CASE WHEN ${condition} THEN NULL ELSE ${value} END`,
  },

  is_not_null: ofAny(
    'is_not_null',
    (value) => value !== null,
    (value) => `(${value} IS NOT NULL)`,
  ),

  not: strict(
    'not',
    ['boolean'],
    'boolean',
    (condition) => !condition,
    (condition) => `(NOT ${condition})`,
  ),

  and: fixed(
    'and',
    ['boolean', 'boolean'],
    'boolean',
    (a, b) => (a === false || b === false ? false : a === null || b === null ? null : true),
    (a, b) => `(${a} AND ${b})`,
  ),

  or: fixed(
    'or',
    ['boolean', 'boolean'],
    'boolean',
    (a, b) => (a === true || b === true ? true : a === null || b === null ? null : false),
    (a, b) => `(${a} OR ${b})`,
  ),

  equals: comparison('equals', (order) => order === 0, '='),
  at_least: comparison('at_least', (order) => order >= 0, '>='),
  at_most: comparison('at_most', (order) => order <= 0, '<='),
} satisfies Record<string, ScalarFunction>;

export type FunctionName = keyof typeof functions;
