/** Expressions of random shape. */
import { coordinates } from '../../pipeline/datasets/coordinates.ts';
import { joinWords } from '../../pipeline/datasets/join_words.ts';
import {
  and,
  atLeast,
  atMost,
  blankToNull,
  type Expression,
  equals,
  followerCount,
  isNotNull,
  literal,
  not,
  nullWhen,
  or,
  parseTimestamp,
  removePrefix,
  startsWith,
  year,
} from '../../pipeline/plan/expression.ts';
import { array, arrayContains, elementAt, size, split } from '../../pipeline/plan/expressions/arrays.ts';
import {
  caseWhen,
  coalesce,
  isNull,
  lessThan,
  moreThan,
  notEquals,
} from '../../pipeline/plan/expressions/conditions.ts';
import {
  abs,
  add,
  ceil,
  divide,
  floor,
  greatest,
  least,
  modulo,
  multiply,
  negate,
  round,
  sqrt,
  subtract,
  toBigint,
  toDouble,
} from '../../pipeline/plan/expressions/numbers.ts';
import {
  concat,
  contains,
  endsWith,
  extract,
  length,
  lower,
  matches,
  replace,
  substring,
  trim,
  upper,
} from '../../pipeline/plan/expressions/strings.ts';
import {
  addDays,
  dateOf,
  dayOfMonth,
  dayOfWeek,
  daysBetween,
  hour,
  isoWeek,
  month,
  quarter,
  secondsBetween,
  toDate,
  toText,
  truncateTo,
} from '../../pipeline/plan/expressions/times.ts';
import { timeUnits } from '../../pipeline/plan/timestamp.ts';
import {
  type ColumnType,
  columnTypes,
  largestInteger,
  type OrderedType,
  orderedTypes,
} from '../../pipeline/plan/types.ts';
import { type Decisions, nonEmpty, typed } from './decisions.ts';

const placeholder = ['$', '{a}'].join('');
const strings = [
  '',
  'a',
  'ﬀ',
  ' ',
  "it's",
  '\\',
  '"""',
  '`',
  '%',
  'line\nend',
  '🂡',
  placeholder,
  '1.5k',
  '--',
  '/*',
];

type AnyRow = Readonly<Record<string, Expression>>;

export class ExpressionBuilder {
  constructor(private readonly decisions: Decisions) {}

  any(row: AnyRow): Expression {
    return this.of(this.decisions.oneOf(nonEmpty<ColumnType>(columnTypes)), row);
  }

  /** An expression of a type over a table's columns. */
  of(type: ColumnType, row: AnyRow, depth = 2): Expression {
    const { decisions } = this;
    const columns = Object.values(row).filter((column) => column.type === type);
    const [column] = decisions.some(columns, Math.min(1, columns.length));
    if (column !== undefined && decisions.pick(depth === 0 ? 4 : 3) < (depth === 0 ? 3 : 1)) {
      return column;
    }
    if (depth === 0) {
      return this.constant(type);
    }
    const of = <T extends ColumnType>(wanted: T) => typed(this.of(wanted, row, depth - 1), wanted);
    if (decisions.pick(6) === 1) {
      return this.choice(type, of);
    }
    switch (type) {
      case 'text':
        return decisions.oneOf([
          () => blankToNull(of('text')),
          () => removePrefix(of('text'), this.string()),
          () => joinWords(of('text'), of('text')),
          () => nullWhen(of('text'), of('boolean')),
          () => decisions.oneOf([lower, upper, trim])(of('text')),
          () => substring(of('text'), decisions.pick(5) - 2, decisions.pick(4)),
          () => concat(of('text'), this.string(), of('text')),
          () => replace(of('text'), this.string(), of('text')),
          () => elementAt(of('array<text>'), decisions.oneOf([1, 2, -1])),
          () => extract(of('text'), decisions.oneOf(['a', '^(.)', '\\d+k?$'])),
          () => toText(of('bigint')),
          () => toText(of('date')),
          () => toText(of('timestamp')),
        ])();
      case 'boolean':
        return this.condition(of);
      case 'bigint':
        return decisions.oneOf([
          () => followerCount(of('text')),
          () => nullWhen(of('bigint'), of('boolean')),
          () => decisions.oneOf([add, subtract, multiply, modulo])(of('bigint'), of('int')),
          () => decisions.oneOf([abs, negate])(of('int')),
          () => decisions.oneOf([floor, ceil, toBigint])(of('double')),
          () => toBigint(of('text')),
          () => secondsBetween(of('timestamp'), of('timestamp')),
        ])();
      case 'int':
        return decisions.oneOf([
          () => year(of('timestamp')),
          () => nullWhen(of('int'), of('boolean')),
          () => decisions.oneOf([quarter, month, dayOfMonth, dayOfWeek, isoWeek, year])(of('date')),
          () => hour(of('timestamp')),
          () => length(of('text')),
          () => size(of('array<text>')),
          () => size(of('array<double>')),
          () => daysBetween(of('date'), of('timestamp')),
        ])();
      case 'double':
        return decisions.oneOf([
          () => nullWhen(of('double'), of('boolean')),
          () => decisions.oneOf([add, subtract, multiply, modulo, divide])(of('double'), of('bigint')),
          () => decisions.oneOf([abs, negate, sqrt, round])(of('double')),
          () => toDouble(of('text')),
          () => elementAt(of('array<double>'), decisions.oneOf([1, 2, 3])),
        ])();
      case 'timestamp':
        return decisions.oneOf([
          () => parseTimestamp(of('text')),
          () => truncateTo(of('timestamp'), decisions.oneOf(timeUnits)),
        ])();
      case 'date':
        return decisions.oneOf([
          () => dateOf(of('timestamp')),
          () => toDate(of('text')),
          () => addDays(of('date'), of('int')),
        ])();
      case 'array<text>':
        return decisions.oneOf([
          () => split(of('text'), decisions.oneOf(['a', ' ', '[^a-z]', '\\d+'])),
          () => array(of('text'), of('text')),
        ])();
      default:
        return decisions.oneOf([coordinates, array<'double'>])(of('double'), of('double'));
    }
  }

  /** A function of values of any type. */
  private choice(type: ColumnType, of: <T extends ColumnType>(type: T) => Expression<T>): Expression {
    const ordered = orderedTypes.find((one) => one === type);
    return this.decisions.oneOf([
      () => caseWhen([[of('boolean'), of(type)]], of(type)),
      () => caseWhen([[of('boolean'), of(type)]]),
      () => coalesce(of(type), of(type)),
      () =>
        ordered === undefined
          ? coalesce(of(type), of(type), of(type))
          : this.decisions.oneOf([least<OrderedType>, greatest<OrderedType>])(of(ordered), of(ordered)),
    ])();
  }

  private string(): string {
    return this.decisions.oneOf(nonEmpty(strings));
  }

  private constant(type: ColumnType): Expression {
    const { decisions } = this;
    switch (type) {
      case 'text':
        return literal('text', this.string());
      case 'boolean':
        return literal('boolean', decisions.pick(2) === 0);
      case 'bigint':
        return literal('bigint', decisions.oneOf([0, 1, 2, -1, 17, largestInteger]));
      case 'int':
        return literal('int', decisions.oneOf([0, 1, 2, -1, 1970, 2020, 2 ** 31 - 1, -(2 ** 31)]));
      case 'double':
        return literal('double', decisions.oneOf([0, 1, -1, -0.5, 90, 1e300, 5e-324]));
      case 'timestamp':
        return parseTimestamp(literal('text', '2020-02-29 00:00:00'));
      case 'date':
        return toDate(literal('text', '2021-01-03'));
      case 'array<text>':
        return split(literal('text', 'a b  a'), ' ');
      default:
        return coordinates(literal('double', 1), literal('double', 2));
    }
  }

  private condition(of: <T extends ColumnType>(type: T) => Expression<T>): Expression<'boolean'> {
    const { decisions } = this;
    const ordered = decisions.oneOf(nonEmpty<OrderedType>(orderedTypes));
    const compare = decisions.oneOf([
      equals<OrderedType>,
      notEquals<OrderedType>,
      atLeast<OrderedType>,
      atMost<OrderedType>,
      lessThan<OrderedType>,
      moreThan<OrderedType>,
    ]);
    return decisions.oneOf([
      () => isNotNull(of(decisions.oneOf(nonEmpty<ColumnType>(columnTypes)))),
      () => isNull(of(decisions.oneOf(nonEmpty<ColumnType>(columnTypes)))),
      () => contains(of('text'), this.string()),
      () => endsWith(of('text'), of('text')),
      () => matches(of('text'), decisions.oneOf(['a', '^.$', '[^a-z]+'])),
      () => arrayContains(of('array<text>'), of('text')),
      () => arrayContains(of('array<double>'), of('double')),
      () => not(of('boolean')),
      () => and(of('boolean'), of('boolean')),
      () => or(of('boolean'), of('boolean'), of('boolean')),
      () => compare(of(ordered), of(ordered)),
      () => compare(of(ordered), typed(this.constant(ordered), ordered)),
      () => compare(year(of('timestamp')), literal('int', 1970)),
      () => startsWith(of('text'), this.string()),
    ])();
  }
}
