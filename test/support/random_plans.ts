/** Plans of random shape, made through the same methods as anybody's: every engine must run what these let through. */
import fc from 'fast-check';
import { type ColumnarTable, rowsOf } from '../../pipeline/columns/table.ts';
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
import type { RelationNode } from '../../pipeline/plan/relation.ts';
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
} from '../../pipeline/plan/table.ts';
import {
  type ColumnType,
  columnTypes,
  largestInteger,
  type OrderedType,
  orderedTypes,
  PlanError,
  type Schema,
} from '../../pipeline/plan/types.ts';

/** A table whose columns are only known when it runs. */
export interface AnyTable extends Table<Schema> {}

/** Rows of an answer that two engines must agree on: an order leaves ties to chance, so only its keys come in order. */
export function comparable(node: RelationNode, table: Pick<ColumnarTable, 'schema' | 'columns' | 'length'>) {
  const rows = rowsOf(table);
  const keys = node.kind === 'order' ? node.order.map(({ column }) => column) : [];
  return {
    order: keys.length === 0 ? [] : rows.map((row) => JSON.stringify(keys.map((key) => row[key]))),
    rows: rows.map((row) => JSON.stringify(row)).sort(),
  };
}

/** A plan over some of the sources. The numbers decide: the same numbers build the same plan, smaller ones a simpler one. */
export function plansOver(first: AnyTable, ...rest: readonly AnyTable[]): fc.Arbitrary<AnyTable> {
  return fc.array(fc.nat(10_000), { minLength: 30, maxLength: 70, size: 'max' }).map((numbers) => {
    const decisions = new Decisions(numbers);
    const builder = new PlanBuilder(decisions, [first, ...rest]);
    const table = builder.relation(1 + decisions.pick(6));
    return decisions.pick(3) === 2 ? builder.ordered(table) : table;
  });
}

/** Takes one decision after another from a list of numbers, 0 when it has ended. */
class Decisions {
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
function nonEmpty<T>([first, ...rest]: readonly T[]): [T, ...T[]] {
  if (first === undefined) {
    throw new PlanError('There is nothing to choose from.');
  }
  return [first, ...rest];
}

function typed<T extends ColumnType>({ type, node }: Expression, ...types: readonly T[]): Expression<T> {
  const found = types.find((one) => one === type);
  if (found === undefined) throw new PlanError(`${type} is none of ${types.join(', ')}.`);
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
const columnNames = ['a', 'b', 'A', 'select', 'größe', '数', 'place', 'word', 'ind', 'size', '_1', 'group'];
const names = [...columnNames, 'x'.repeat(255)];

const orderedNames = ({ schema }: AnyTable) =>
  Object.keys(schema).filter((name) => schema[name] !== 'array<double>');

class PlanBuilder {
  constructor(
    private readonly decisions: Decisions,
    private readonly sources: readonly [AnyTable, ...AnyTable[]],
  ) {}

  /** A few steps over a source; steps that the plan refuses are left out. */
  relation(steps: number): AnyTable {
    let table = this.decisions.oneOf(this.sources);
    for (let left = steps; left > 0; left -= 1) {
      try {
        table = this.step(table);
      } catch (error) {
        if (!(error instanceof PlanError)) throw error;
      }
    }
    return table;
  }

  ordered(table: AnyTable): AnyTable {
    const [first, ...rest] = this.decisions.some(orderedNames(table), 1).map((name) => this.sortKey(name));
    return first === undefined ? table : table.orderBy(first, ...rest);
  }

  private step(table: AnyTable): AnyTable {
    const { decisions } = this;
    const columns = nonEmpty(Object.keys(table.schema));
    switch (decisions.pick(9)) {
      case 1:
        return table.select(() => this.someColumns(table));
      case 2:
        return table.select(() =>
          Object.fromEntries(
            decisions
              .some([...names, ...columns], 2)
              .slice(0, 5)
              .map((name) => [name, this.anyExpression(table)]),
          ),
        );
      case 3:
        return table.where(() => typed(this.expression('boolean', table), 'boolean'));
      case 4:
        return table.whereNotNull(...nonEmpty(decisions.some(columns, 1)));
      case 5:
        return table.distinct();
      case 6:
        return this.join(table);
      case 7:
        return this.aggregated(table);
      case 8:
        return this.top(table);
      default:
        return table;
    }
  }

  /** All columns but perhaps one, some of them computed. */
  private someColumns(table: AnyTable): Record<string, Expression> {
    const all = Object.entries(table.columns);
    const omitted = all.length > 1 ? this.decisions.pick(all.length + 1) : all.length;
    const chosen = all.filter((_, i) => i !== omitted);
    return Object.fromEntries(
      chosen.map(([name, column]) => [
        name,
        this.decisions.pick(3) === 1 ? this.anyExpression(table) : column,
      ]),
    );
  }

  private anyExpression(table: AnyTable): Expression {
    return this.expression(this.decisions.oneOf(nonEmpty<ColumnType>(columnTypes)), table);
  }

  /** An expression of a type over a table's columns. */
  private expression(type: ColumnType, table: AnyTable, depth = 2): Expression {
    const { decisions } = this;
    const columns = Object.values(table.columns).filter((column) => column.type === type);
    const [column] = decisions.some(columns, Math.min(1, columns.length));
    if (column !== undefined && decisions.pick(depth === 0 ? 4 : 3) < (depth === 0 ? 3 : 1)) {
      return column;
    }
    if (depth === 0) {
      return this.constant(type);
    }
    const of = <T extends ColumnType>(wanted: T) => typed(this.expression(wanted, table, depth - 1), wanted);
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

  /** A join on some of the columns that both sides have; the others are renamed, or must differ already. */
  private join(left: AnyTable): AnyTable {
    const { decisions } = this;
    const right = decisions.pick(4) === 0 ? left.distinct() : this.relation(decisions.pick(3));
    const both = orderedNames(left).filter((name) => left.schema[name] === right.schema[name]);
    if (decisions.pick(3) === 0) {
      return left.join(right, ...nonEmpty(both));
    }
    const keys = nonEmpty(decisions.some(both, 1));
    const serial = decisions.serial();
    const renamed = right.select((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, column]) => [
          keys.includes(name) ? name : `${name}_${serial}`,
          column,
        ]),
      ),
    );
    return left.join(renamed, ...keys);
  }

  private aggregated(table: AnyTable): AnyTable {
    const [first, ...rest] = nonEmpty(this.decisions.some(orderedNames(table), 1).slice(0, 3));
    const free = names.filter((name) => name !== first && !rest.includes(name));
    return table.groupBy(first, ...rest).aggregate(() => {
      const chosen = this.decisions.some(free, 1).slice(0, 4);
      return Object.fromEntries(chosen.map((name) => [name, this.aggregate(table)]));
    });
  }

  private aggregate(table: AnyTable): Aggregate {
    const { decisions } = this;
    const column = decisions.oneOf(nonEmpty(Object.values(table.columns)));
    const { type } = column;
    const others = orderedNames(table).flatMap((name) => table.columns[name] ?? []);
    const choices: [() => Aggregate, ...(() => Aggregate)[]] = [() => count()];
    if (type !== 'array<double>') {
      choices.push(
        () => countDistinct(column, ...decisions.some(others, 0)),
        () => min(typed<OrderedType>(column, ...orderedTypes)),
        () => max(typed<OrderedType>(column, ...orderedTypes)),
      );
    }
    if (type === 'bigint' || type === 'int') choices.push(() => sum(typed(column, 'bigint', 'int')));
    if (type === 'bigint' || type === 'int' || type === 'double') {
      choices.push(() => median(typed(column, 'bigint', 'int', 'double')));
    }
    return decisions.oneOf(choices)();
  }

  private top(table: AnyTable): AnyTable {
    const by = this.decisions.some(orderedNames(table), 0, 4);
    const rest = Object.keys(table.schema).filter((name) => !by.includes(name));
    // The last columns first: these are the aggregates, where there are any.
    return table.topOfEach(by, ...rest.reverse().map((name) => this.sortKey(name)));
  }

  private sortKey(name: string) {
    return this.decisions.pick(3) === 0 ? name : descending(name);
  }
}
