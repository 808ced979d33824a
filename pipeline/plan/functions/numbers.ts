/**
 * Arithmetic. Integers are exact and null beyond ±(2⁵³−1); doubles are null beyond the largest double, and never −0.
 * Expressions widen `int` to `bigint`, and integers to `double` beside a double, before they call these.
 */

import { compareNonNull } from '../order.ts';
import { roundHalfAwayFromZero } from '../round.ts';
import { orderedTypes, PlanError, type Value } from '../types.ts';
import { exact, finite, type ScalarFunction, sqlExact, sqlFinite, strict, withLiteral } from './rules.ts';

/** The greatest or least of values of one ordered type, nulls left out as in Spark. */
function extremeOf(name: string, replaces: (order: number) => boolean): ScalarFunction {
  return {
    type: ([first, ...rest]) => {
      const fits = rest.length > 0 && rest.every((type) => type === first);
      if (first === undefined || !fits || !orderedTypes.some((type) => type === first)) {
        throw new PlanError(
          `${name} takes two or more values of one type that has an order, not (${[first, ...rest].join(', ')}).`,
        );
      }
      return first;
    },
    evaluate: (...values) =>
      values.reduce<Value>(
        (best, value) =>
          value !== null && (best === null || replaces(compareNonNull(value, best))) ? value : best,
        null,
      ),
    spark: (...operands) => `${name}(${operands.join(', ')})`,
  };
}

export const numbers = {
  add: strict(
    'add',
    ['bigint', 'bigint'],
    'bigint',
    (a, b) => exact(a + b),
    (a, b) => sqlExact(`${a} + ${b}`),
  ),
  add_doubles: strict(
    'add_doubles',
    ['double', 'double'],
    'double',
    (a, b) => finite(a + b),
    (a, b) => sqlFinite(`${a} + ${b}`),
  ),
  subtract: strict(
    'subtract',
    ['bigint', 'bigint'],
    'bigint',
    (a, b) => exact(a - b),
    (a, b) => sqlExact(`${a} - ${b}`),
  ),
  subtract_doubles: strict(
    'subtract_doubles',
    ['double', 'double'],
    'double',
    (a, b) => finite(a - b),
    (a, b) => sqlFinite(`${a} - ${b}`),
  ),
  // A product beyond 2⁵³ is not exact as a double, but it is beyond 2⁵³ as well.
  multiply: strict(
    'multiply',
    ['bigint', 'bigint'],
    'bigint',
    (a, b) => exact(a * b),
    (a, b) => sqlExact(`try_multiply(${a}, ${b})`),
  ),
  multiply_doubles: strict(
    'multiply_doubles',
    ['double', 'double'],
    'double',
    (a, b) => finite(a * b),
    (a, b) => sqlFinite(`${a} * ${b}`),
  ),
  divide: strict(
    'divide',
    ['double', 'double'],
    'double',
    (a, b) => (b === 0 ? null : finite(a / b)),
    (a, b) => sqlFinite(`try_divide(${a}, ${b})`),
  ),
  modulo: strict(
    'modulo',
    ['bigint', 'bigint'],
    'bigint',
    (a, b) => (b === 0 ? null : (a % b) + 0),
    (a, b) => `try_mod(${a}, ${b})`,
  ),
  modulo_doubles: strict(
    'modulo_doubles',
    ['double', 'double'],
    'double',
    (a, b) => (b === 0 ? null : (a % b) + 0),
    (a, b) => `(try_mod(${a}, ${b}) + 0.0D)`,
  ),
  abs: strict('abs', ['bigint'], 'bigint', Math.abs, (number) => `abs(${number})`),
  abs_double: strict('abs_double', ['double'], 'double', Math.abs, (number) => `abs(${number})`),
  round: withLiteral(
    strict(
      'round',
      ['double', 'int'],
      'double',
      (number, digits) => finite(roundHalfAwayFromZero(number, digits)),
      (number, digits) => sqlFinite(`round(${number}, ${digits})`),
    ),
  ),
  floor: strict(
    'floor',
    ['double'],
    'bigint',
    (number) => exact(Math.floor(number)),
    (number) => sqlExact(`floor(${number})`),
  ),
  ceil: strict(
    'ceil',
    ['double'],
    'bigint',
    (number) => exact(Math.ceil(number)),
    (number) => sqlExact(`ceil(${number})`),
  ),
  sqrt: strict(
    'sqrt',
    ['double'],
    'double',
    (number) => (number < 0 ? null : Math.sqrt(number) + 0),
    (number) => `(nullif(sqrt(${number}), double('NaN')) + 0.0D)`,
  ),
  least: extremeOf('least', (order) => order < 0),
  greatest: extremeOf('greatest', (order) => order > 0),

  to_bigint: strict(
    'to_bigint',
    ['int'],
    'bigint',
    (number) => number,
    (number) => `CAST(${number} AS BIGINT)`,
  ),
  truncate_to_bigint: strict(
    'truncate_to_bigint',
    ['double'],
    'bigint',
    (number) => exact(Math.trunc(number)),
    (number) => sqlExact(`try_cast(${number} AS BIGINT)`),
  ),
  to_double: strict(
    'to_double',
    ['bigint'],
    'double',
    (number) => number,
    (number) => `CAST(${number} AS DOUBLE)`,
  ),
} satisfies Record<string, ScalarFunction>;
