/** Expressions, aggregates and windows in English, for people who read no SQL. */
import { type CompositionName, compositionOf } from '../../../pipeline/datasets/compositions.ts';
import type { AggregateName } from '../../../pipeline/plan/aggregates.ts';
import type { ExpressionNode } from '../../../pipeline/plan/expression.ts';
import type { FunctionName } from '../../../pipeline/plan/functions.ts';
import { type AggregateNode, unknownNode, type WindowNode } from '../../../pipeline/plan/relation.ts';
import type { WindowName } from '../../../pipeline/plan/windows.ts';
import { readableValue } from '../../../pipeline/ui/readable.ts';

type Words = (...operands: readonly string[]) => string;

const between =
  (word: string): Words =>
  (a, b) =>
    `${a} ${word} ${b}`;
const of =
  (word: string): Words =>
  (...operands) =>
    `${word} of ${listed(operands, 'and')}`;

const compositionWords = {
  coordinates: (latitude, longitude) =>
    `${latitude} and ${longitude} as a pair; null outside ±90 and ±180 degrees`,
  join_words: (a, b) => `(${a}) and (${b}) with a space between; one alone when the other is null`,
} satisfies Record<CompositionName, Words>;

const functionWords = {
  array_of_doubles: of('the list'),
  array_of_texts: of('the list'),
  split: (text, pattern) => `the parts of ${text} between matches of ${pattern}`,
  size: of('the number of elements'),
  element_at: (array, position) => `element ${position} of ${array}`,
  array_contains: between('contains'),

  blank_to_null: (text) => `${text}, or null when blank`,
  starts_with: between('starts with'),
  remove_prefix: (text, prefix) => `${text} without ${prefix} at its start`,
  follower_count: (text) => `the number that ${text} writes, such as 12k; null when it writes none`,
  parse_timestamp: (text) =>
    `the UTC time that ${text} writes as YYYY-MM-DD hh:mm:ss; null when it writes none`,

  null_when: (value, condition) => `${value}, or null when ${condition}`,
  case_when: (...operands) => choice(operands),
  coalesce: (...operands) => `the first of ${listed(operands, 'and')} that is known`,
  is_null: (value) => `${value} is unknown`,
  is_not_null: (value) => `${value} is known`,
  not: (condition) => `not (${condition})`,
  and: between('and'),
  // One word for a chain of them.
  or: (a = '', b) => `either ${a.replace(/^either /, '')} or ${b}`,
  equals: between('is'),
  not_equals: between('is not'),
  less_than: between('is less than'),
  more_than: between('is more than'),
  at_least: between('is at least'),
  at_most: between('is at most'),

  add: between('plus'),
  add_doubles: between('plus'),
  subtract: between('minus'),
  subtract_doubles: between('minus'),
  multiply: between('times'),
  multiply_doubles: between('times'),
  divide: between('divided by'),
  modulo: between('modulo'),
  modulo_doubles: between('modulo'),
  abs: of('the absolute value'),
  abs_double: of('the absolute value'),
  round: (number, digits) => `${number} rounded to ${digits} decimals`,
  floor: (number) => `${number} rounded down`,
  ceil: (number) => `${number} rounded up`,
  sqrt: of('the square root'),
  least: of('the least'),
  greatest: of('the greatest'),
  // A wider type holds the same number.
  to_bigint: (number) => number ?? '',
  to_double: (number) => number ?? '',
  truncate_to_bigint: (number) => `${number} without its fraction`,

  lower: (text) => `${text} in lower case`,
  upper: (text) => `${text} in upper case`,
  trim: (text) => `${text} without white space at its ends`,
  length: of('the number of characters'),
  substring: (text, position, length) => `${length} characters of ${text} from character ${position} on`,
  concat: (...texts) => `${listed(texts, 'and')} written together`,
  contains: between('contains'),
  ends_with: between('ends with'),
  replace: (text, search, replacement) => `${text} with ${replacement} in place of ${search}`,
  matches: between('matches'),
  extract: (text, pattern) => `the group of ${pattern} in ${text}; null when nothing matches`,
  text_to_bigint: (text) => `the whole number that ${text} writes; null when it writes none`,
  text_to_double: (text) => `the number that ${text} writes; null when it writes none`,
  to_text: (number) => `${number} as text`,

  year: of('the year'),
  quarter: of('the quarter'),
  month: of('the month'),
  day_of_month: of('the day of the month'),
  day_of_week: of('the day of the week (1 for Sunday)'),
  iso_week: of('the ISO week'),
  hour: of('the hour'),
  truncate_to: (time, unit) => `the start of the ${unit} of ${time}`,
  date_of: of('the date'),
  days_between: (from, to) => `the days from ${from} to ${to}`,
  seconds_between: (from, to) => `the seconds from ${from} to ${to}`,
  add_days: (date, days) => `${date} plus ${days} days`,
  text_to_date: (text) => `the date that ${text} writes as YYYY-MM-DD; null when it writes none`,
  date_to_text: (date) => `${date} as YYYY-MM-DD`,
  timestamp_to_text: (time) => `${time} as YYYY-MM-DD hh:mm:ss`,
} satisfies Record<FunctionName, Words>;

const aggregateWords = {
  count: () => 'the number of rows',
  count_distinct: (...columns) => `the number of different values of ${listed(columns, 'and')}`,
  count_if: (condition) => `the number of rows where ${condition} is true`,
  sum: of('the sum'),
  sum_doubles: of('the sum'),
  avg: of('the mean'),
  avg_doubles: of('the mean'),
  min: of('the smallest value'),
  max: of('the largest value'),
  min_by: (value, by) => `${value} of the row with the smallest ${by}`,
  max_by: (value, by) => `${value} of the row with the largest ${by}`,
  median: of('the median'),
  percentile: (column, fraction) => `the value below which ${fraction} of the values of ${column} lie`,
} satisfies Record<AggregateName, Words>;

const windowWords = {
  row_number: () => 'the number of the row',
  rank: () => 'the place of the row, shared by rows that tie',
  lag: (column, offset) => `${column} ${offset} rows before`,
  lead: (column, offset) => `${column} ${offset} rows after`,
  running_sum: (column) => `the sum of ${column} up to the row`,
  share_of: (column) => `the share of ${column} in its sum`,
} satisfies Record<WindowName, Words>;

/** An expression in words. @example expressionInWords(year(row.timestamp).node) // 'the year of timestamp' */
export function expressionInWords(node: ExpressionNode): string {
  switch (node.kind) {
    case 'column':
      return node.name;
    case 'literal':
      return typeof node.value === 'string' ? `“${node.value}”` : readableValue(node.value, node.type);
    case 'call': {
      const composition = compositionOf(node);
      const words: Words = composition ? compositionWords[composition.name] : functionWords[node.function];
      return words(...(composition?.operands ?? node.arguments).map(expressionInWords));
    }
    default:
      return unknownNode(node);
  }
}

export function aggregateInWords({ function: name, arguments: columns, fraction }: AggregateNode): string {
  const words: Words = aggregateWords[name];
  return words(...columns, ...(fraction === undefined ? [] : [String(fraction)]));
}

export function windowInWords({ function: name, arguments: columns, offset }: WindowNode): string {
  const words: Words = windowWords[name];
  return words(...columns, ...(offset === undefined ? [] : [String(offset)]));
}

/** `a, b and c`. */
export function listed(parts: readonly string[], last: string): string {
  return parts.length < 2
    ? parts.join('')
    : `${parts.slice(0, -1).join(', ')} ${last} ${parts[parts.length - 1]}`;
}

function choice(operands: readonly string[]): string {
  const branches = operands.flatMap((operand, at) => {
    const value = operands[at + 1];
    if (at % 2 === 1) {
      return [];
    }
    return [value === undefined ? `else ${operand}` : `${value} when ${operand}`];
  });
  return `${branches.join('; ')}${operands.length % 2 === 0 ? '; else null' : ''}`;
}
