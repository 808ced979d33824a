/** Strings. Positions and lengths count code points, as in Spark; upper and lower case are Unicode's for all languages. */
import { regularExpression } from '../patterns.ts';
import { PlanError } from '../types.ts';
import {
  blanks,
  exact,
  finite,
  type ScalarFunction,
  sqlExact,
  sqlFinite,
  strict,
  withLiteral,
} from './rules.ts';

const integer = /^[ \t\n\r]*([+-]?[0-9]+)[ \t\n\r]*$/;
const decimal = /^[ \t\n\r]*([+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?)[ \t\n\r]*$/;

/** A JavaScript pattern of this file in Java, where `$` would let a last line end through. */
function sqlPattern({ source }: RegExp): string {
  return `'${source.replace('^', '\\A').replace(/\$$/, '\\z').replaceAll('\\', '\\\\')}'`;
}

export const strings = {
  lower: strict(
    'lower',
    ['text'],
    'text',
    (text) => text.toLowerCase(),
    (text) => `lower(${text})`,
  ),
  upper: strict(
    'upper',
    ['text'],
    'text',
    (text) => text.toUpperCase(),
    (text) => `upper(${text})`,
  ),
  trim: strict(
    'trim',
    ['text'],
    'text',
    (text) => text.replace(/^[ \t\n\r]+/, '').replace(/(?<![ \t\n\r])[ \t\n\r]+$/, ''),
    (text) => `trim(BOTH ${blanks} FROM ${text})`,
  ),
  length: strict(
    'length',
    ['text'],
    'int',
    (text) => [...text].length,
    (text) => `char_length(${text})`,
  ),

  substring: strict(
    'substring',
    ['text', 'int', 'int'],
    'text',
    (text, position, length) => {
      const points = [...text];
      const start = position > 0 ? position - 1 : position < 0 ? points.length + position : 0;
      return points.slice(Math.max(0, start), Math.max(0, start + length)).join('');
    },
    (text, position, length) => `substring(${text}, ${position}, ${length})`,
  ),

  concat: {
    type: (args) => {
      if (args.length < 2 || args.some((type) => type !== 'text')) {
        throw new PlanError(`concat takes two or more texts, not (${args.join(', ')}).`);
      }
      return 'text';
    },
    evaluate: (...values) => (values.includes(null) ? null : values.join('')),
    spark: (...operands) => `concat(${operands.join(', ')})`,
  },

  contains: strict(
    'contains',
    ['text', 'text'],
    'boolean',
    (text, part) => text.includes(part),
    (text, part) => `contains(${text}, ${part})`,
  ),
  ends_with: strict(
    'ends_with',
    ['text', 'text'],
    'boolean',
    (text, suffix) => text.endsWith(suffix),
    (text, suffix) => `endswith(${text}, ${suffix})`,
  ),
  replace: strict(
    'replace',
    ['text', 'text', 'text'],
    'text',
    (text, search, replacement) => (search === '' ? text : text.replaceAll(search, () => replacement)),
    (text, search, replacement) => `replace(${text}, ${search}, ${replacement})`,
  ),

  matches: withLiteral(
    strict(
      'matches',
      ['text', 'text'],
      'boolean',
      (text, pattern) => regularExpression(pattern).test(text),
      (text, pattern) => `(${text} RLIKE ${pattern})`,
    ),
  ),
  extract: withLiteral(
    strict(
      'extract',
      ['text', 'text'],
      'text',
      (text, pattern) => regularExpression(pattern).exec(text)?.[1] || null,
      (text, pattern) => `nullif(regexp_extract(${text}, ${pattern}, 1), '')`,
    ),
  ),

  text_to_bigint: strict(
    'text_to_bigint',
    ['text'],
    'bigint',
    (text) => exact(Number(integer.exec(text)?.[1] ?? Number.NaN)),
    (text) => sqlExact(`try_cast(regexp_extract(${text}, ${sqlPattern(integer)}, 1) AS BIGINT)`),
  ),
  text_to_double: strict(
    'text_to_double',
    ['text'],
    'double',
    (text) => finite(Number(decimal.exec(text)?.[1] ?? Number.NaN)),
    (text) => sqlFinite(`try_cast(regexp_extract(${text}, ${sqlPattern(decimal)}, 1) AS DOUBLE)`),
  ),
  to_text: strict('to_text', ['bigint'], 'text', String, (number) => `CAST(${number} AS STRING)`),
} satisfies Record<string, ScalarFunction>;
