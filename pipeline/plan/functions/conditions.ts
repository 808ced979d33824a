/** Functions of and for conditions: comparisons, logic, nulls and choices. */
import { PlanError } from '../types.ts';
import { comparison, fixed, ofAny, type ScalarFunction, strict } from './rules.ts';

export const conditions = {
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

  /** Conditions and values in turn, then perhaps the value for rows where no condition is true; without it, null. */
  case_when: {
    type: (args) => {
      const [, value] = args;
      const isCondition = (at: number) => at % 2 === 0 && at + 1 < args.length;
      if (value === undefined || !args.every((type, at) => type === (isCondition(at) ? 'boolean' : value))) {
        throw new PlanError(
          `case_when takes conditions and values of one type in turn, then perhaps one more value, not (${args.join(', ')}).`,
        );
      }
      return value;
    },
    evaluate: (...values) => {
      const at = values.findIndex((value, i) => i % 2 === 0 && i + 1 < values.length && value === true);
      const otherwise = values.length % 2 === 0 ? null : values.at(-1);
      return (at < 0 ? otherwise : values[at + 1]) ?? null;
    },
    spark: (...operands) => {
      const branches = operands.flatMap((operand, i) =>
        i % 2 === 0 && i + 1 < operands.length ? [`WHEN ${operand} THEN ${operands[i + 1]}`] : [],
      );
      const otherwise = operands.length % 2 === 0 ? '' : ` ELSE ${operands.at(-1)}`;
      return `CASE ${branches.join(' ')}${otherwise} END`;
    },
  },

  coalesce: {
    type: ([first, ...rest]) => {
      if (first === undefined || rest.some((type) => type !== first)) {
        throw new PlanError(`coalesce takes values of one type, not (${[first, ...rest].join(', ')}).`);
      }
      return first;
    },
    evaluate: (...values) => values.find((value) => value !== null) ?? null,
    spark: (...operands) => `coalesce(${operands.join(', ')})`,
  },

  is_null: ofAny(
    'is_null',
    (value) => value === null,
    (value) => `(${value} IS NULL)`,
  ),

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

  not_equals: comparison('not_equals', (order) => order !== 0, '<>'),
  less_than: comparison('less_than', (order) => order < 0, '<'),
  more_than: comparison('more_than', (order) => order > 0, '>'),
  at_least: comparison('at_least', (order) => order >= 0, '>='),

  at_most: comparison('at_most', (order) => order <= 0, '<='),
} satisfies Record<string, ScalarFunction>;
