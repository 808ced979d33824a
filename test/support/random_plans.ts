/** Plans of random shape, made through the same methods as anybody's: every engine must run what these let through. */
import fc from 'fast-check';
import { type ColumnarTable, rowsOf } from '../../pipeline/columns/table.ts';
import type { ColumnExpression, Expression } from '../../pipeline/plan/expression.ts';
import {
  type Aggregate,
  avg,
  count,
  countDistinct,
  countIf,
  max,
  maxBy,
  median,
  min,
  minBy,
  percentile,
  sum,
} from '../../pipeline/plan/expressions/aggregates.ts';
import {
  lag,
  lead,
  rank,
  rowNumber,
  runningSum,
  shareOf,
  type WindowColumn,
} from '../../pipeline/plan/expressions/windows.ts';
import type { RelationNode } from '../../pipeline/plan/relation.ts';
import { descending, type Table } from '../../pipeline/plan/table.ts';
import { orderedTypes, PlanError, type Schema } from '../../pipeline/plan/types.ts';
import { Decisions, nonEmpty, typed } from './decisions.ts';
import { ExpressionBuilder } from './random_expressions.ts';

/** A table whose columns are only known when it runs. */
export interface AnyTable extends Table<Schema> {}

/** Rows of an answer that two engines must agree on: only its keys come in order, since an order leaves ties to chance. */
export function comparable(node: RelationNode, table: Pick<ColumnarTable, 'schema' | 'columns' | 'length'>) {
  const rows = rowsOf(table);
  const isSorted = node.kind === 'order' || (node.kind === 'top' && node.by.length === 0);
  const keys = isSorted ? node.order.map(({ column }) => column) : [];
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

const columnNames = ['a', 'b', 'A', 'select', 'größe', '数', 'place', 'word', 'ind', 'size', '_1', 'group'];
const names = [...columnNames, 'x'.repeat(255)];

const orderedNames = ({ schema }: AnyTable) =>
  Object.keys(schema).filter((name) => orderedTypes.some((type) => type === schema[name]));

/** The columns that have an order: those without one leave the order of rows to chance. */
function withoutArrays(table: AnyTable): AnyTable {
  const names = orderedNames(table);
  return names.length === Object.keys(table.schema).length
    ? table
    : table.select((row) => Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name))));
}

const joins = ['join', 'leftJoin', 'semiJoin', 'antiJoin'] as const;

class PlanBuilder {
  private readonly expressions: ExpressionBuilder;

  constructor(
    private readonly decisions: Decisions,
    private readonly sources: readonly [AnyTable, ...AnyTable[]],
  ) {
    this.expressions = new ExpressionBuilder(decisions);
  }

  /** A few steps over a source; steps that the plan refuses are left out. */
  relation(steps: number): AnyTable {
    let table = this.decisions.oneOf(this.sources);
    for (let left = steps; left > 0; left -= 1) {
      try {
        table = this.step(table);
      } catch (error) {
        if (!(error instanceof PlanError)) {
          throw error;
        }
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
    switch (decisions.pick(13)) {
      case 1:
        return table.select(() => this.someColumns(table));
      case 2:
        return table.select(() =>
          Object.fromEntries(
            decisions
              .some([...names, ...columns], 2)
              .slice(0, 5)
              .map((name) => [name, this.expressions.any(table.columns)]),
          ),
        );
      case 3:
        return table.where(() => typed(this.expressions.of('boolean', table.columns), 'boolean'));
      case 4:
        return table.whereNotNull(...nonEmpty(decisions.some(columns, 1)));
      case 5:
        return table.distinct();
      case 6:
        return this.join(table);
      case 7:
        return this.aggregated(table);
      case 8:
        return this.top(withoutArrays(table));
      case 9:
        return this.windows(withoutArrays(table));
      case 10:
        return this.union(table);
      case 11:
        return this.limited(withoutArrays(table));
      case 12:
        return this.exploded(table);
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
        this.decisions.pick(3) === 1 ? this.expressions.any(table.columns) : column,
      ]),
    );
  }

  /** A join on some of the columns that both sides have; the others are renamed, or must differ already. */
  private join(left: AnyTable): AnyTable {
    const { decisions } = this;
    const right = decisions.pick(4) === 0 ? left.distinct() : this.relation(decisions.pick(3));
    const both = orderedNames(left).filter((name) => left.schema[name] === right.schema[name]);
    const method = decisions.oneOf<(typeof joins)[number]>(joins);
    if (method === 'semiJoin' || method === 'antiJoin') {
      return left[method](right, ...nonEmpty(decisions.some(both, 1)));
    }
    if (decisions.pick(3) === 0) {
      return left[method](right, ...nonEmpty(both));
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
    return left[method](renamed, ...keys);
  }

  /** The rows of a table and some of its own or another's, with its columns in any order. */
  private union(table: AnyTable): AnyTable {
    const { decisions } = this;
    const other = decisions.pick(2) === 0 ? this.relation(decisions.pick(3)) : table;
    const columns = Object.entries(table.schema).map(([name, type]) => {
      const alike = Object.values(other.columns).filter((column) => column.type === type);
      return [name, decisions.oneOf(nonEmpty(alike))];
    });
    return table.union(other.select(() => Object.fromEntries(columns.reverse())));
  }

  private limited(table: AnyTable): AnyTable {
    const sorted = this.decisions.pick(2) === 0 ? table : this.ordered(table);
    return sorted.limit(1 + this.decisions.pick(5));
  }

  private windows(table: AnyTable): AnyTable {
    const { decisions } = this;
    const [first, ...rest] = nonEmpty(decisions.some(orderedNames(table), 1).slice(0, 3));
    const by = decisions.some(
      orderedNames(table).filter((name) => name !== first),
      0,
      4,
    );
    const order = [first, ...rest].map((name) => this.sortKey(name));
    return table.window(by, ...order).withColumns(() => {
      const chosen = decisions.some(names, 1).slice(0, 4);
      return Object.fromEntries(chosen.map((name) => [name, this.windowColumn(table)]));
    });
  }

  private windowColumn(table: AnyTable): WindowColumn {
    const { decisions } = this;
    const column = decisions.oneOf(nonEmpty(Object.values(table.columns)));
    const choices: [() => WindowColumn, ...(() => WindowColumn)[]] = [
      rank,
      rowNumber,
      () => lag(typed(column, ...orderedTypes), 1 + decisions.pick(2)),
      () => lead(typed(column, ...orderedTypes), 1 + decisions.pick(2)),
    ];
    if (column.type === 'bigint' || column.type === 'int') {
      const integer = typed(column, 'bigint', 'int');
      choices.push(
        () => runningSum(integer),
        () => shareOf(integer),
      );
    }
    return decisions.oneOf(choices)();
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
    const ordered = (of: ColumnExpression) => typed(of, ...orderedTypes);
    const others = orderedNames(table).flatMap((name) => table.columns[name] ?? []);
    const choices: [() => Aggregate, ...(() => Aggregate)[]] = [() => count()];
    if (orderedTypes.some((one) => one === type)) {
      choices.push(
        () => countDistinct(ordered(column), ...decisions.some(others, 0).map(ordered)),
        () => minBy(ordered(column), ordered(decisions.oneOf(nonEmpty(others)))),
        () => maxBy(ordered(column), ordered(decisions.oneOf(nonEmpty(others)))),
        () => min(ordered(column)),
        () => max(ordered(column)),
      );
    }
    if (type === 'boolean') {
      choices.push(() => countIf(typed(column, 'boolean')));
    }
    if (type === 'double') {
      choices.push(() => sum(typed(column, 'double')));
    }
    if (type === 'bigint' || type === 'int') {
      choices.push(() => sum(typed(column, 'bigint', 'int')));
    }
    if (type === 'bigint' || type === 'int' || type === 'double') {
      const numbers = typed(column, 'bigint', 'int', 'double');
      choices.push(
        () => median(numbers),
        () => avg(numbers),
        () => percentile(numbers, decisions.pick(11) / 10),
      );
    }
    return decisions.oneOf(choices)();
  }

  private exploded(table: AnyTable): AnyTable {
    const arrays = Object.keys(table.schema).filter((name) => !orderedNames(table).includes(name));
    return table.explode(this.decisions.oneOf(nonEmpty(arrays)), this.decisions.oneOf(nonEmpty(names)));
  }

  private top(table: AnyTable): AnyTable {
    const by = this.decisions.some(orderedNames(table), 0, 4);
    const rest = Object.keys(table.schema).filter((name) => !by.includes(name));
    // The last columns first: these are the aggregates, where there are any. Those left out break ties.
    const order = rest.reverse().slice(0, 1 + this.decisions.pick(rest.length));
    const keys = order.map((name) => this.sortKey(name));
    const count = this.decisions.pick(4);
    return count < 2 ? table.topOfEach(by, ...keys) : table.topOfEach(by, count, ...keys);
  }

  private sortKey(name: string) {
    return this.decisions.pick(3) === 0 ? name : descending(name);
  }
}
