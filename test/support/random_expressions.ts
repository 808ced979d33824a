/** Expressions of random shape, and the decisions that make them. */
import {
  ageGroup,
  and,
  atLeast,
  atMost,
  blankToNull,
  coordinates,
  type Expression,
  equals,
  followerCount,
  isNotNull,
  joinWords,
  literal,
  not,
  nullWhen,
  or,
  parseTimestamp,
  removePrefix,
  startsWith,
  year,
} from '../../pipeline/plan/expression.ts';
import {
  type ColumnType,
  columnTypes,
  largestInteger,
  type OrderedType,
  orderedTypes,
  PlanError,
} from '../../pipeline/plan/types.ts';

/** Takes one decision after another from a list of numbers, 0 when it has ended. */
export class Decisions {
  private next = 0;
  private serials = 0;

  constructor(private readonly numbers: readonly number[]) {}

  /** A number from 0 up to below `choices`. */
  pick(choices: number): number {
    const number = this.numbers[this.next] ?? 0;
    this.next += 1;
    return number % choices;
  }

  oneOf<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.pick(choices.length)] ?? choices[0];
  }

  /** About one in `ofEach` of all, the first ones where these are fewer than `least`. */
  some<T>(all: readonly T[], least: number, ofEach = 2): T[] {
    const chosen = all.filter(() => this.pick(ofEach) === 1);
    return chosen.length >= least ? chosen : all.slice(0, least);
  }

  /** A number that no other call returned, for names. */
  serial(): number {
    this.serials += 1;
    return this.serials;
  }
}

/** @throws PlanError when there is nothing to choose from, so that the step is left out */
export function nonEmpty<T>([first, ...rest]: readonly T[]): [T, ...T[]] {
  if (first === undefined) {
    throw new PlanError('There is nothing to choose from.');
  }
  return [first, ...rest];
}

export function typed<T extends ColumnType, E extends Expression>(
  { type, node }: E,
  ...types: readonly T[]
): { readonly type: T; readonly node: E['node'] } {
  const found = types.find((one) => one === type);
  if (found === undefined) {
    throw new PlanError(`${type} is none of ${types.join(', ')}.`);
  }
  return { type: found, node };
}

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
    switch (type) {
      case 'text':
        return decisions.oneOf([
          () => blankToNull(of('text')),
          () => removePrefix(of('text'), this.string()),
          () => joinWords(of('text'), of('text')),
          () => ageGroup(of('bigint')),
          () => nullWhen(of('text'), of('boolean')),
        ])();
      case 'boolean':
        return this.condition(of);
      case 'bigint':
        return decisions.pick(2) === 0 ? followerCount(of('text')) : nullWhen(of('bigint'), of('boolean'));
      case 'int':
        return decisions.pick(2) === 0 ? year(of('timestamp')) : nullWhen(of('int'), of('boolean'));
      case 'double':
        return nullWhen(of('double'), of('boolean'));
      case 'timestamp':
        return parseTimestamp(of('text'));
      default:
        return coordinates(of('double'), of('double'));
    }
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
      default:
        return coordinates(literal('double', 1), literal('double', 2));
    }
  }

  private condition(of: <T extends ColumnType>(type: T) => Expression<T>): Expression<'boolean'> {
    const { decisions } = this;
    const ordered = decisions.oneOf(nonEmpty<OrderedType>(orderedTypes));
    const compare = decisions.oneOf([equals<OrderedType>, atLeast<OrderedType>, atMost<OrderedType>]);
    return decisions.oneOf([
      () => isNotNull(of(decisions.oneOf(nonEmpty<ColumnType>(columnTypes)))),
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
