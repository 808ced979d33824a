/** Arithmetic of columns. Integers are exact, and null beyond ±(2⁵³−1); beside a double, integers become doubles. */
import { call, type Expression, literal } from '../expression.ts';
import type { OrderedType } from '../types.ts';

type Integer = Expression<'int'> | Expression<'bigint'>;
type Numeric = Integer | Expression<'double'>;

/** An integer where all operands are integers, else a double. */
interface Arithmetic {
  (a: Integer, b: Integer): Expression<'bigint'>;
  (a: Numeric, b: Numeric): Expression<'double'>;
}

const integer = (number: Numeric): Expression<'bigint'> =>
  number.type === 'int' ? call('to_bigint', 'bigint', number) : { type: 'bigint', node: number.node };

const double = (number: Numeric): Expression<'double'> =>
  number.type === 'double' ? number : call('to_double', 'double', integer(number));

function arithmetic(
  integers: 'add' | 'subtract' | 'multiply' | 'modulo',
  doubles: `${typeof integers}_doubles`,
): Arithmetic {
  function calculate(a: Integer, b: Integer): Expression<'bigint'>;
  function calculate(a: Numeric, b: Numeric): Expression<'double'>;
  function calculate(a: Numeric, b: Numeric): Expression<'bigint' | 'double'> {
    return a.type === 'double' || b.type === 'double'
      ? call(doubles, 'double', double(a), double(b))
      : call(integers, 'bigint', integer(a), integer(b));
  }
  return calculate;
}

/**
 * a + b.
 * @example
 * posts.select((row) => ({ next: add(row.age, literal('bigint', 1)) }));
 */
export const add = arithmetic('add', 'add_doubles');

/**
 * a − b.
 * @example
 * posts.select((row) => ({ left: subtract(literal('bigint', 100), row.age) }));
 */
export const subtract = arithmetic('subtract', 'subtract_doubles');

/**
 * a · b.
 * @example
 * posts.select((row) => ({ months: multiply(row.age, literal('bigint', 12)) }));
 */
export const multiply = arithmetic('multiply', 'multiply_doubles');

/**
 * The rest of a division, with the sign of a; null where b is 0.
 * @example
 * posts.select((row) => ({ bucket: modulo(row.ind, literal('bigint', 16)) }));
 */
export const modulo = arithmetic('modulo', 'modulo_doubles');

/**
 * a / b as a double; null where b is 0.
 * @example
 * posts.select((row) => ({ share: divide(row.likes, row.age) }));
 */
export const divide = (a: Numeric, b: Numeric) => call('divide', 'double', double(a), double(b));

/**
 * −a.
 * @example
 * posts.select((row) => ({ south: negate(row.latitude) }));
 */
export const negate = negation();

/**
 * The distance from 0.
 * @example
 * posts.where((row) => atMost(abs(row.latitude), 66.5));
 */
export const abs = distance();

/**
 * The double rounded to digits behind the point, half away from zero by its shortest decimal form.
 * @example
 * posts.select((row) => ({ latitude: round(row.latitude, 1) }));
 */
export const round = (number: Expression<'double'>, digits = 0) =>
  call('round', 'double', number, literal('int', digits));

/**
 * The largest integer that is not above the double; null beyond ±(2⁵³−1).
 * @example
 * posts.select((row) => ({ cell: floor(row.latitude) }));
 */
export const floor = (number: Expression<'double'>) => call('floor', 'bigint', number);

/**
 * The smallest integer that is not below the double; null beyond ±(2⁵³−1).
 * @example
 * posts.select((row) => ({ cell: ceil(row.latitude) }));
 */
export const ceil = (number: Expression<'double'>) => call('ceil', 'bigint', number);

/**
 * The square root; null of a negative number.
 * @example
 * posts.select((row) => ({ root: sqrt(row.likes) }));
 */
export const sqrt = (number: Numeric) => call('sqrt', 'double', double(number));

/**
 * The smallest of these values, nulls left out.
 * @example
 * posts.select((row) => ({ first: least(row.latitude, row.longitude) }));
 */
export const least = <T extends OrderedType>(
  a: Expression<T>,
  b: Expression<NoInfer<T>>,
  ...rest: readonly Expression<NoInfer<T>>[]
) => call('least', a.type, a, b, ...rest);

/**
 * The largest of these values, nulls left out.
 * @example
 * posts.select((row) => ({ last: greatest(row.latitude, row.longitude) }));
 */
export const greatest = <T extends OrderedType>(
  a: Expression<T>,
  b: Expression<NoInfer<T>>,
  ...rest: readonly Expression<NoInfer<T>>[]
) => call('greatest', a.type, a, b, ...rest);

/**
 * The integer that a number or a text stands for: a double without its fraction; null where there is none or beyond
 * ±(2⁵³−1).
 * @example
 * posts.select((row) => ({ followers: toBigint(row.followers) }));
 */
export const toBigint = (value: Numeric | Expression<'text'>) =>
  value.type === 'text'
    ? call('text_to_bigint', 'bigint', value)
    : value.type === 'double'
      ? call('truncate_to_bigint', 'bigint', value)
      : integer(value);

/**
 * The double that a number or a text stands for; null where there is none.
 * @example
 * posts.select((row) => ({ likes: toDouble(row.likes) }));
 */
export const toDouble = (value: Numeric | Expression<'text'>) =>
  value.type === 'text' ? call('text_to_double', 'double', value) : double(value);

interface OfOne {
  (number: Integer): Expression<'bigint'>;
  (number: Expression<'double'>): Expression<'double'>;
}

function negation(): OfOne {
  function negative(number: Integer): Expression<'bigint'>;
  function negative(number: Expression<'double'>): Expression<'double'>;
  function negative(number: Numeric): Expression<'bigint' | 'double'> {
    return number.type === 'double'
      ? subtract(literal('double', 0), number)
      : subtract(literal('bigint', 0), integer(number));
  }
  return negative;
}

function distance(): OfOne {
  function absolute(number: Integer): Expression<'bigint'>;
  function absolute(number: Expression<'double'>): Expression<'double'>;
  function absolute(number: Numeric): Expression<'bigint' | 'double'> {
    return number.type === 'double'
      ? call('abs_double', 'double', number)
      : call('abs', 'bigint', integer(number));
  }
  return absolute;
}
