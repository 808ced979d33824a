/** Arrays. None of their elements is null. */
import { compareNonNull } from '../order.ts';
import { regularExpression } from '../patterns.ts';
import { type ColumnType, elementTypes, isArrayType, PlanError, type Value } from '../types.ts';
import { type ScalarFunction, strict, withLiteral } from './rules.ts';

/** A function of an array, and of what else `rest` allows beside it. */
function ofArray(
  name: string,
  takes: string,
  rest: (element: ColumnType, others: readonly ColumnType[]) => boolean,
  result: (element: ColumnType) => ColumnType,
): ScalarFunction['type'] {
  return (args) => {
    const [array, ...others] = args;
    if (array === undefined || !isArrayType(array) || !rest(elementTypes[array], others)) {
      throw new PlanError(`${name} takes ${takes}, not (${args.join(', ')}).`);
    }
    return result(elementTypes[array]);
  };
}

/** An array of the values that are not null. */
function arrayOf(
  name: string,
  element: 'double' | 'text',
  evaluate: (values: readonly Value[]) => Value,
  spark: (operand: string) => string,
): ScalarFunction {
  return {
    type: (args) => {
      if (args.length === 0 || args.some((type) => type !== element)) {
        throw new PlanError(`${name} takes values of type ${element}, not (${args.join(', ')}).`);
      }
      return `array<${element}>`;
    },
    evaluate: (...values) => evaluate(values),
    spark: (...operands) => `array_compact(array(${operands.map(spark).join(', ')}))`,
  };
}

export const arrays = {
  // Adding 0 turns −0 into 0: the two are equal, so which one a row shows would depend on chance.
  array_of_doubles: arrayOf(
    'array_of_doubles',
    'double',
    (values) => values.flatMap((value) => (typeof value === 'number' ? [value + 0] : [])),
    (operand) => `${operand} + 0.0D`,
  ),

  array_of_texts: arrayOf(
    'array_of_texts',
    'text',
    (values) => values.flatMap((value) => (typeof value === 'string' ? [value] : [])),
    (operand) => operand,
  ),

  split: withLiteral(
    strict(
      'split',
      ['text', 'text'],
      'array<text>',
      (text, pattern) => text.split(regularExpression(pattern)),
      (text, pattern) => `split(${text}, ${pattern})`,
    ),
  ),

  size: {
    type: ofArray(
      'size',
      'an array',
      (_, others) => others.length === 0,
      () => 'int',
    ),
    evaluate: (array = null) => (Array.isArray(array) ? array.length : null),
    spark: (array) => `array_size(${array})`,
  },

  /** From 1, or from −1 at the end; null beyond both ends, and at 0. Spark 4.0 fails at 0, and at the integer without a negative. */
  element_at: {
    type: ofArray(
      'element_at',
      'an array and an int',
      (_, others) => others.length === 1 && others[0] === 'int',
      (element) => element,
    ),
    evaluate: (array = null, position = null) => {
      const at = Number(position);
      return Array.isArray(array) && position !== null && at !== 0
        ? (array.at(at > 0 ? at - 1 : at) ?? null)
        : null;
    },
    spark: (array, position) => `try_element_at(${array}, greatest(nullif(${position}, 0), -2147483647))`,
  },

  array_contains: {
    type: ofArray(
      'array_contains',
      'an array and a value of the type of its elements',
      (element, others) => others.length === 1 && others[0] === element,
      () => 'boolean',
    ),
    evaluate: (array = null, value = null) =>
      Array.isArray(array) && value !== null
        ? array.some((element) => compareNonNull(element, value) === 0)
        : null,
    spark: (array, value) => `array_contains(${array}, ${value})`,
  },
} satisfies Record<string, ScalarFunction>;
