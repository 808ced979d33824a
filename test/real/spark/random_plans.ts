/** Plans made at random through the same methods as anybody's: what these let through, every engine must be able to run. */
import fc from 'fast-check';
import {
  ageGroup,
  and,
  atLeast,
  atMost,
  blankToNull,
  type ColumnExpression,
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
} from '../../../pipeline/plan/expression.ts';
import {
  type Aggregate,
  count,
  countDistinct,
  descending,
  max,
  median,
  min,
  sum,
  type Table,
} from '../../../pipeline/plan/table.ts';
import {
  type ColumnType,
  columnTypes,
  type OrderedType,
  orderedTypes,
  PlanError,
  type Schema,
} from '../../../pipeline/plan/types.ts';

/** A table whose columns are only known when it runs. */
export interface AnyTable extends Table<Schema> {}

/** Numbers that decide, one after another, what is built; the same numbers build the same. */
class Choices {
  private at = 0;

  constructor(private readonly numbers: readonly number[]) {}

  upTo(limit: number): number {
    const number = this.numbers[this.at % Math.max(1, this.numbers.length)] ?? 0;
    this.at += 1;
    return (number + this.at) % limit;
  }

  of<T>(first: T, ...rest: readonly T[]): T {
    const all = [first, ...rest];
    return all[this.upTo(all.length)] ?? first;
  }

  some<T>(all: readonly T[], least: number): T[] {
    const chosen = all.filter(() => this.upTo(2) === 0);
    return chosen.length >= least ? chosen : all.slice(0, least);
  }
}

const names = [...'a b A select größe 数 place word ind size _1 group'.split(' '), 'x'.repeat(255)];
const texts = [
  '',
  'a',
  ' ',
  "it's",
  '\\',
  '"""',
  'line\nend',
  '🂡',
  ['$', '{a}'].join(''),
  ...'` % 1.5k -- /*'.split(' '),
];

/** An expression of a type over a table's columns. */
function expression(type: ColumnType, table: AnyTable, choices: Choices, depth = 2): Expression {
  const of = <T extends ColumnType>(wanted: T) =>
    expression(wanted, table, choices, depth - 1) as Expression<T>;
  const columns = Object.values(table.columns).filter((column) => column.type === type);
  const [column] = choices.some(columns, Math.min(1, columns.length));
  if (column !== undefined && (depth === 0 || choices.upTo(3) === 0)) {
    return column;
  }
  const deeper = depth > 0;
  switch (type) {
    case 'text':
      return deeper
        ? choices.of(
            () => blankToNull(of('text')),
            () => removePrefix(of('text'), choices.of('', ...texts)),
            () => joinWords(of('text'), of('text')),
            () => ageGroup(of('bigint')),
            () => nullWhen(of('text'), of('boolean')),
          )()
        : literal('text', choices.of('', ...texts));
    case 'boolean':
      return deeper ? condition(of, choices) : literal('boolean', choices.upTo(2) === 0);
    case 'bigint':
      return deeper ? followerCount(of('text')) : literal('bigint', choices.of(0, -1, 17, 2 ** 53 - 1));
    case 'int':
      return deeper
        ? year(of('timestamp'))
        : literal('int', choices.of(0, -1, 2020, 2 ** 31 - 1, -(2 ** 31)));
    case 'double':
      return deeper
        ? nullWhen(of('double'), of('boolean'))
        : literal('double', choices.of(0, -0.5, 90, 1e300, 5e-324));
    case 'timestamp':
      return parseTimestamp(deeper ? of('text') : literal('text', '2020-02-29 00:00:00'));
    default:
      return deeper
        ? coordinates(of('double'), of('double'))
        : coordinates(literal('double', 1), literal('double', 2));
  }
}

function condition(of: <T extends ColumnType>(type: T) => Expression<T>, choices: Choices): Expression {
  const ordered = choices.of<OrderedType>('bigint', ...orderedTypes);
  return choices.of(
    () => isNotNull(of(choices.of<ColumnType>('text', ...columnTypes))),
    () => not(of('boolean')),
    () => and(of('boolean'), of('boolean')),
    () => or(of('boolean'), of('boolean'), of('boolean')),
    () => equals(of(ordered), of(ordered)),
    () => atLeast(of(ordered), of(ordered)),
    () => atMost(of(ordered), of(ordered)),
    () => startsWith(of('text'), choices.of('a', ...texts)),
  )();
}

function aggregate(table: AnyTable, choices: Choices): Aggregate {
  const columns = Object.values(table.columns) as readonly ColumnExpression<OrderedType>[];
  const column: ColumnExpression = choices.of(...nonEmpty(columns));
  // What does not fit is refused when the plan is built.
  return choices.of<() => Aggregate>(
    () => count(),
    () => countDistinct(column as ColumnExpression<OrderedType>, ...choices.some(columns, 0)),
    () => sum(column as ColumnExpression<'bigint'>),
    () => min(column as ColumnExpression<OrderedType>),
    () => max(column as ColumnExpression<OrderedType>),
    () => median(column as ColumnExpression<'double'>),
  )();
}

function nonEmpty<T>(all: readonly T[]): readonly [T, ...T[]] {
  const [first, ...rest] = all;
  if (first === undefined) {
    throw new RangeError('There is nothing to choose from.');
  }
  return [first, ...rest];
}

/** One more step. Throws PlanError where the step is refused. */
function step(table: AnyTable, sources: readonly AnyTable[], choices: Choices): AnyTable {
  const columns = Object.keys(table.schema);
  const named = (least: number) => nonEmpty(choices.some(columns, least));
  const [first, ...rest] = named(1);
  switch (choices.upTo(9)) {
    case 0:
    case 1:
      return table.select(() => {
        const chosen = choices.some([...names, ...columns], 2).slice(0, 5);
        return Object.fromEntries(
          chosen.map((name) => [
            name,
            expression(choices.of<ColumnType>('text', ...columnTypes), table, choices),
          ]),
        );
      });
    case 2:
      return table.where(() => expression('boolean', table, choices) as Expression<'boolean'>);
    case 3:
      return table.whereNotNull(first, ...rest);
    case 4:
      return table.distinct();
    case 5: {
      const right = choices.of(...nonEmpty(sources), table.distinct());
      const shared = nonEmpty(columns.filter((name) => name in right.schema).concat(first));
      return table.join(right, ...(right.schema === table.schema ? nonEmpty(columns) : shared));
    }
    case 6:
      return table.groupBy(first, ...rest.slice(0, 2)).aggregate(() => {
        const chosen = choices.some(names, 1).slice(0, 4);
        return Object.fromEntries(chosen.map((name) => [name, aggregate(table, choices)]));
      });
    case 7:
      return table.topOfEach(
        rest.slice(0, 2),
        ...columns.map((name) => (choices.upTo(2) === 0 ? name : descending(name))),
      );
    default:
      return table.topOfEach([], ...columns);
  }
}

/** A plan of a few steps over the sources, perhaps sorted at the end; steps that are refused are left out. */
function planOf(numbers: readonly number[], sources: readonly AnyTable[]): AnyTable {
  const choices = new Choices(numbers);
  let table = choices.of(...nonEmpty(sources));
  const attempt = (change: () => AnyTable) => {
    try {
      table = change();
    } catch (error) {
      if (!(error instanceof PlanError)) {
        throw error;
      }
    }
  };
  for (let left = 2 + choices.upTo(5); left > 0; left -= 1) {
    attempt(() => step(table, sources, choices));
  }
  if (choices.upTo(3) === 0) {
    attempt(() => table.orderBy(...nonEmpty(choices.some(Object.keys(table.schema), 1))));
  }
  return table;
}

/** So many plans, the same ones for the same seed. */
export function randomPlans(seed: number, wanted: number, sources: readonly AnyTable[]): readonly AnyTable[] {
  const numbers = fc.array(fc.nat(10_000), { minLength: 30, maxLength: 60 });
  return fc.sample(numbers, { seed, numRuns: wanted }).map((given) => planOf(given, sources));
}
