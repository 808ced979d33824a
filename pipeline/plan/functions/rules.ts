/** The form of an entry in the tables of functions, and the type rules that entries share. */
import { compareNonNull } from '../order.ts';
import { type ColumnType, orderedTypes, PlanError, type Value, type ValueOfType } from '../types.ts';

export interface ScalarFunction {
  /** The type of the result. @throws PlanError when the arguments do not fit. */
  readonly type: (parameters: readonly ColumnType[]) => ColumnType;
  /** The meaning, one row at a time. The values have types that the type rule accepts. */
  readonly evaluate: (...values: readonly Value[]) => Value;
  /** The form in Spark SQL; each operand is a complete SQL expression. */
  readonly spark: (...operands: readonly string[]) => string;
  /** True when the second argument must be a literal, as Spark asks or because it is checked when the plan is built. */
  readonly literalSecond?: true;
}

type NonNullValues<P extends readonly ColumnType[]> = { [I in keyof P]: ValueOfType[P[I]] };
type Operands<P extends readonly ColumnType[]> = { [I in keyof P]: string };

/** A function of fixed types whose result is null where an argument is null. */
export function strict<const P extends readonly ColumnType[], R extends ColumnType>(
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
export function fixed<const P extends readonly ColumnType[], R extends ColumnType>(
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

/** The same function, of a literal in second place. */
export function withLiteral(scalar: ScalarFunction): ScalarFunction {
  return { ...scalar, literalSecond: true };
}

/** A comparison of two values of one ordered type. */
export function comparison(
  name: string,
  holds: (order: number) => boolean,
  operator: string,
): ScalarFunction {
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
export function ofAny(
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

/** The characters that make a text blank, as a string in Spark SQL. */
export const blanks = String.raw`' \t\n\r'`;

/** An integer that a `bigint` holds, else null. −0 becomes 0. */
export function exact(number: number): number | null {
  return Number.isSafeInteger(number) ? number + 0 : null;
}

/** A number that a `double` holds, else null. −0 becomes 0. */
export function finite(number: number): number | null {
  return Number.isFinite(number) ? number + 0 : null;
}

/**
 * A BIGINT within ±(2⁵³−1), else null. `least` and `greatest` pass over nulls, so null becomes 2⁵³ and then null again.
 * The operand is printed once: a condition would print it twice, and an expression of depth n 2ⁿ times.
 */
export function sqlExact(operand: string): string {
  const clamped = `greatest(least(${operand}, 9007199254740992L), -9007199254740992L)`;
  return `nullif(nullif(${clamped}, 9007199254740992L), -9007199254740992L)`;
}

/** A finite DOUBLE that is not −0, else null. */
export function sqlFinite(operand: string): string {
  return `(nullif(nullif(${operand}, double('Infinity')), double('-Infinity')) + 0.0D)`;
}
