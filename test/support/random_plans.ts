/** Plans of random shape, and rows for them: few different values, so that keys meet, groups form and orders tie. */
import fc from 'fast-check';
import type { Row } from '../../pipeline/columns/table.ts';
import {
  ageGroup,
  and,
  atLeast,
  atMost,
  blankToNull,
  type ColumnExpression,
  type Expression,
  equals,
  isNotNull,
  joinWords,
  literal,
  not,
  nullWhen,
  or,
  year,
} from '../../pipeline/plan/expression.ts';
import {
  type Aggregate,
  count,
  countDistinct,
  descending,
  max,
  median,
  min,
  sum,
  Table,
} from '../../pipeline/plan/table.ts';
import {
  type ColumnType,
  largestInteger,
  type OrderedType,
  orderedTypes,
  type Schema,
  type Value,
} from '../../pipeline/plan/types.ts';

/** The tables that plans read. Their columns differ in name but for `key` and `word`. */
export const sources = {
  left: { key: 'bigint', word: 'text', size: 'double', made: 'timestamp', likes: 'int', seen: 'boolean' },
  right: { key: 'bigint', word: 'text', age: 'bigint', name: 'text', place: 'array<double>' },
} as const satisfies Readonly<Record<string, Schema>>;

const words = ['', ' ', 'a', 'b', 'x"|"y', '🂡', 'ﬀ', 'é'];
const valuesOf: Readonly<Record<ColumnType, readonly Value[]>> = {
  bigint: [0, 1, 2, 17, 20, 30, 51, -1, largestInteger, -largestInteger],
  int: [0, 1, 2, -1, 2_147_483_647],
  double: [0, 0.5, -1.5, 1e300, 5e-324, 1.7976931348623157e308],
  text: words,
  boolean: [true, false],
  timestamp: [0, -1, 1_600_000_000_000, -62_135_596_800_000, 951_782_400_000, 253_402_300_799_000],
  'array<double>': [[0, 1], [0, 2], [], [1]],
};

const value = (type: ColumnType) =>
  fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...valuesOf[type]) }, fc.constant(null));

/** A row of a source. */
export const sourceRow = (schema: Schema): fc.Arbitrary<Row> =>
  fc.record(Object.fromEntries(Object.entries(schema).map(([name, type]) => [name, value(type)])));

/** Rows of the sources in the order of arrival: so many of one, so many of the other. */
export const arrivals = fc.array(
  fc.oneof(
    fc.record({
      source: fc.constant<'left'>('left'),
      rows: fc.array(sourceRow(sources.left), { minLength: 1, maxLength: 6 }),
    }),
    fc.record({
      source: fc.constant<'right'>('right'),
      rows: fc.array(sourceRow(sources.right), { minLength: 1, maxLength: 6 }),
    }),
  ),
  { minLength: 1, maxLength: 8 },
);

/** Takes one decision after another from a list, 0 when it has ended: so that a list of numbers is a plan. */
class Decisions {
  private next = 0;
  private given = 0;

  constructor(private readonly numbers: readonly number[]) {}

  /** A number from 0 up to below `choices`. */
  pick(choices: number): number {
    const number = this.numbers[this.next] ?? 0;
    this.next += 1;
    return number % choices;
  }

  /** A number that was not given before, for names. */
  serial(): number {
    this.given += 1;
    return this.given;
  }

  oneOf<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.pick(choices.length)] ?? choices[0];
  }
}

/** A plan of random shape. */
export const plan: fc.Arbitrary<Table<Schema>> = fc
  .array(fc.nat(1000), { minLength: 4, maxLength: 60 })
  .map((numbers) => {
    const decisions = new Decisions(numbers);
    const table = relation(decisions, 1 + decisions.pick(4));
    const sortable = ordered(table);
    // An order that leaves no ties: arrays have none.
    const total = sortable.length === Object.keys(table.schema).length;
    return decisions.pick(3) === 0 && total && sortable[0] !== undefined
      ? table.orderBy(sortable[0], ...sortable.slice(1))
      : table;
  });

const columnsWhere = ({ schema }: Table<Schema>, suits: (type: ColumnType) => boolean): string[] =>
  Object.keys(schema).filter((name) => suits(schema[name] ?? 'text'));
const ordered = (table: Table<Schema>) => columnsWhere(table, (type) => type !== 'array<double>');

function source(decisions: Decisions): Table<Schema> {
  const name = decisions.oneOf<keyof typeof sources>(['left', 'right']);
  return Table.source<Schema>(name, sources[name]);
}

function relation(decisions: Decisions, depth: number): Table<Schema> {
  if (depth === 0) {
    return source(decisions);
  }
  const input = relation(decisions, depth - 1);
  switch (decisions.pick(7)) {
    case 0:
      return input.select((row) => someColumns(decisions, row, input.schema));
    case 1:
      return input.where((row) => condition(decisions, row, input.schema, 2));
    case 2:
      return input.distinct();
    case 3:
      return join(decisions, input, relation(decisions, depth - 1));
    case 4:
      return aggregated(decisions, input);
    case 5:
      return top(decisions, input);
    default:
      return input;
  }
}

type AnyRow = Readonly<Record<string, ColumnExpression>>;

function cell(row: AnyRow, name: string): ColumnExpression {
  const expression = row[name];
  if (expression === undefined) throw new RangeError(name);
  return expression;
}

function typed<T extends ColumnType, E extends Expression>(
  { type, node }: E,
  ...types: readonly T[]
): { readonly type: T; readonly node: E['node'] } {
  const found = types.find((wanted) => wanted === type);
  if (found === undefined) throw new TypeError(`${type} is none of ${types.join(', ')}.`);
  return { type: found, node };
}

/** All columns but perhaps one, some of them computed. */
function someColumns(decisions: Decisions, row: AnyRow, schema: Schema): Record<string, Expression> {
  const names = Object.keys(schema);
  const left = names.length > 1 ? decisions.pick(names.length + 1) : names.length;
  const chosen = names.filter((_, i) => i !== left);
  return Object.fromEntries(chosen.map((name) => [name, computed(decisions, cell(row, name))]));
}

function computed(decisions: Decisions, expression: Expression): Expression {
  if (decisions.pick(3) > 0) {
    return expression;
  }
  switch (expression.type) {
    case 'timestamp':
      return year(typed(expression, 'timestamp'));
    case 'bigint':
      return ageGroup(typed(expression, 'bigint'));
    case 'text':
      return joinWords(blankToNull(typed(expression, 'text')), literal('text', 'é'));
    case 'int':
      return nullWhen(expression, atLeast(typed(expression, 'int'), literal('int', 1)));
    default:
      return isNotNull(expression);
  }
}

function condition(decisions: Decisions, row: AnyRow, schema: Schema, depth: number): Expression<'boolean'> {
  const names = Object.keys(schema);
  const expression = cell(row, names[decisions.pick(names.length)] ?? '');
  const again = () => condition(decisions, row, schema, depth - 1);
  switch (depth === 0 ? 3 + decisions.pick(2) : decisions.pick(5)) {
    case 0:
      return and(again(), again());
    case 1:
      return or(again(), again());
    case 2:
      return not(again());
    case 3:
      return isNotNull(expression);
    default:
      return comparison(decisions, expression);
  }
}

function comparison(decisions: Decisions, expression: Expression): Expression<'boolean'> {
  const compare = decisions.oneOf([equals<OrderedType>, atLeast<OrderedType>, atMost<OrderedType>]);
  switch (expression.type) {
    case 'boolean':
      return typed(expression, 'boolean');
    case 'text':
      return compare(typed(expression, 'text'), literal('text', decisions.oneOf(['a', 'ﬀ', ''])));
    case 'int':
      return compare(typed(expression, 'int'), literal('int', decisions.pick(3)));
    case 'bigint':
      return compare(typed(expression, 'bigint'), literal('bigint', decisions.pick(3)));
    case 'double':
      return compare(typed(expression, 'double'), literal('double', decisions.pick(3) - 1));
    case 'timestamp':
      return compare(year(typed(expression, 'timestamp')), literal('int', 1970));
    default:
      return isNotNull(expression);
  }
}

/** A join on what both sides have; where nothing fits, the left side alone. */
function join(decisions: Decisions, left: Table<Schema>, right: Table<Schema>): Table<Schema> {
  const both = ordered(left).filter((name) => left.schema[name] === right.schema[name]);
  const key = both[decisions.pick(Math.max(1, both.length))];
  if (key === undefined) {
    return left;
  }
  const serial = decisions.serial();
  const renamed = right.select((row) =>
    Object.fromEntries(
      Object.keys(right.schema).map((name) => [name === key ? name : `${name}_${serial}`, cell(row, name)]),
    ),
  );
  return left.join(renamed, key);
}

function aggregated(decisions: Decisions, input: Table<Schema>): Table<Schema> {
  const names = ordered(input);
  const by = names.filter((_, i) => i === 0 || decisions.pick(3) === 0);
  const [first, ...rest] = by;
  return first === undefined
    ? input
    : input.groupBy(first, ...rest).aggregate((row) => someAggregates(decisions, row, names));
}

function someAggregates(
  decisions: Decisions,
  row: AnyRow,
  names: readonly string[],
): Record<string, Aggregate> {
  const name = names[decisions.pick(names.length)] ?? '';
  const expression = cell(row, name);
  const integer =
    expression.type === 'bigint'
      ? typed(expression, 'bigint')
      : expression.type === 'int'
        ? typed(expression, 'int')
        : undefined;
  const prefix = `of${decisions.serial()}_`;
  const all: Record<string, Aggregate> = {
    [`${prefix}rows`]: count(),
    [`${prefix}different`]: countDistinct(
      typed(expression, ...orderedTypes),
      typed(cell(row, names[0] ?? name), ...orderedTypes),
    ),
    [`${prefix}least`]: min(typed(expression, ...orderedTypes)),
    [`${prefix}most`]: max(typed(expression, ...orderedTypes)),
    ...(integer && { [`${prefix}total`]: sum(integer), [`${prefix}middle`]: median(integer) }),
    ...(expression.type === 'double' && { [`${prefix}middle`]: median(typed(expression, 'double')) }),
  };
  const wanted = Object.entries(all).filter(() => decisions.pick(3) > 0);
  return wanted.length > 0 ? Object.fromEntries(wanted) : all;
}

function top(decisions: Decisions, input: Table<Schema>): Table<Schema> {
  const names = ordered(input);
  if (names.length < Object.keys(input.schema).length) {
    return input;
  }
  const by = names.filter(() => decisions.pick(4) === 0);
  const rest = names.filter((name) => !by.includes(name));
  // The last columns first: these are the aggregates, where there are any.
  const order = rest.reverse().map((name) => (decisions.pick(3) === 0 ? name : descending(name)));
  return order.length === 0 ? input : input.topOfEach(by, ...order);
}
