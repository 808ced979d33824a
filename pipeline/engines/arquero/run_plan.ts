/**
 * Runs any plan with Arquero's verbs: the reference that the other engines are compared with.
 * Where Arquero's meaning differs from the plan's, it is given functions of the plan: expressions, keys of
 * several columns, the order of nulls and of strings (see the traps in docs/decisions/arquero.md).
 */
import * as aq from 'arquero';
import { rowFunction } from '../../columns/evaluate/row_function.ts';
import { type ColumnarTable, columnAt, type Row, tableOfRows } from '../../columns/table.ts';
import { type Accumulator, aggregates } from '../../plan/aggregates.ts';
import type { ExpressionNode } from '../../plan/expression.ts';
import { compareValues } from '../../plan/order.ts';
import { type AggregateNode, type RelationNode, type SortKey, unknownNode } from '../../plan/relation.ts';
import type { NonNullValue, Value } from '../../plan/types.ts';
import { columnsOf, expressionOf } from '../../plan/walk.ts';

type Arquero = aq.ColumnTable;
type Columns = readonly string[];
type NodeOf<K extends RelationNode['kind']> = Extract<RelationNode, { kind: K }>;

/** The column that holds the id of a row's group; a name that no plan can use. */
const groupId = '\u0000group';

/**
 * The answer of a plan.
 * @param sources the tables that the plan reads, by name
 * @throws RangeError when a source is missing
 */
export function runPlan(node: RelationNode, sources: Readonly<Record<string, ColumnarTable>>): ColumnarTable {
  const names = Object.keys(node.schema);
  const answer = run(node, names, sources);
  const columns = names.map((name) => answer.column(name));
  const rows: Row[] = [];
  // Arquero's own `objects()` generates and compiles a program.
  answer.scan((at) => {
    if (at !== undefined) {
      rows.push(Object.fromEntries(names.map((name, i) => [name, columns[i]?.at(at)])));
    }
  }, true);
  return tableOfRows(node.schema, rows);
}

/** Carries along only the columns that are read further up. */
function run(node: RelationNode, needed: Columns, sources: Readonly<Record<string, ColumnarTable>>): Arquero {
  const input = (relation: RelationNode, ...more: readonly Iterable<string>[]) =>
    run(relation, columnsIn(relation, needed, ...more), sources);
  switch (node.kind) {
    case 'source':
      return source(node.name, needed, sources);
    case 'select': {
      const columns = needed.map((name) => [name, expressionOf(node.columns, name)] as const);
      return select(
        run(node.input, columnsIn(node.input, ...columns.map(([, e]) => columnsOf(e))), sources),
        columns,
      );
    }
    case 'where': {
      const condition = ofRow(node.condition);
      return input(node.input, columnsOf(node.condition)).filter(
        aq.escape((row: Row) => condition(row) === true),
      );
    }
    case 'distinct': {
      const all = Object.keys(node.schema);
      return firstOfEach(run(node.input, all, sources), all).select(...needed);
    }
    case 'explode':
      return explode(input(node.input, [node.column]), node, needed);
    case 'join':
      return join(input(node.left, node.on), input(node.right, node.on), node.on, needed);
    case 'aggregate':
      return aggregate(
        run(node.input, argumentsOf(node.input, node.by, node.aggregates), sources),
        node.by,
        node.aggregates,
      );
    case 'top': {
      const table = input(
        node.input,
        node.by,
        node.order.map((key) => key.column),
      );
      return firstOfEach(sort(table, node.order), node.by);
    }
    case 'order':
      return sort(
        input(
          node.input,
          node.order.map((key) => key.column),
        ),
        node.order,
      );
    default:
      return unknownNode(node);
  }
}

/** The columns of a relation that are among the names, in its own order; at least one, to count rows by. */
function columnsIn(relation: RelationNode, ...names: readonly Iterable<string>[]): Columns {
  const wanted = new Set(names.flatMap((some) => [...some]));
  const all = Object.keys(relation.schema);
  const columns = all.filter((name) => wanted.has(name));
  return columns.length > 0 ? columns : all.slice(0, 1);
}

function argumentsOf(
  input: RelationNode,
  by: Columns,
  called: Readonly<Record<string, AggregateNode>>,
): Columns {
  return columnsIn(input, by, ...Object.values(called).map((aggregateNode) => aggregateNode.arguments));
}

function source(name: string, needed: Columns, sources: Readonly<Record<string, ColumnarTable>>): Arquero {
  const table = Object.hasOwn(sources, name) ? sources[name] : undefined;
  if (table === undefined) {
    throw new RangeError(
      `The plan reads "${name}", but the tables given are ${Object.keys(sources).join(', ')}.`,
    );
  }
  return new aq.ColumnTable(Object.fromEntries(needed.map((column) => [column, columnAt(table, column)])), [
    ...needed,
  ]);
}

function select(table: Arquero, columns: readonly (readonly [string, ExpressionNode])[]): Arquero {
  // Under other names first: a new column may have the name of an old one that a later expression reads.
  const derived = Object.fromEntries(
    columns.map(([, expression], i) => [`\u0000${i}`, aq.escape(ofRow(expression))]),
  );
  const renamed = Object.fromEntries(columns.map(([name], i) => [`\u0000${i}`, name]));
  return table.derive(derived).select(renamed);
}

function explode(table: Arquero, { column, as }: NodeOf<'explode'>, needed: Columns): Arquero {
  const rows: Row[] = [];
  table.scan((at = 0) => {
    const elements = table.column(column)?.at(at) ?? [];
    for (const element of elements) {
      const row = needed.map((name) => [name, name === as ? element : table.column(name)?.at(at)]);
      rows.push(Object.fromEntries(row));
    }
  }, true);
  return aq.table(Object.fromEntries(needed.map((name) => [name, rows.map((row) => row[name])])));
}

function join(left: Arquero, right: Arquero, on: Columns, needed: Columns): Arquero {
  const rightOnly = right.columnNames().filter((name) => !on.includes(name) && needed.includes(name));
  const values: [string[], string[]] = [
    left.columnNames().filter((name) => needed.includes(name)),
    rightOnly,
  ];
  const [key, ...more] = on;
  if (key !== undefined && more.length === 0) {
    return left.join(right, key, values);
  }
  const idOf = groupIdsBy(on);
  // A group's null is undefined here: that is what Arquero's `any` makes of it.
  const keyOf = (row: Row) => (on.some((name) => (row[name] ?? null) === null) ? null : idOf(row));
  const keyed = (table: Arquero) => table.derive({ [groupId]: aq.escape(keyOf) });
  return keyed(left).join(keyed(right), groupId, values);
}

function aggregate(table: Arquero, by: Columns, called: Readonly<Record<string, AggregateNode>>): Arquero {
  const wanted = Object.entries(called);
  if (table.numRows() === 0) {
    // Arquero makes one group of no rows.
    return aq.table(Object.fromEntries([...by, ...Object.keys(called)].map((name) => [name, []])));
  }
  // Arquero's aggregates take two columns at most: ours take one, of tuples; null where an argument is null.
  const tuples = wanted.map(([, { arguments: columns }], i) => [
    `\u0000${i}`,
    aq.escape((row: Row) => {
      const values = columns.map((column) => row[column] ?? null);
      return values.includes(null) ? null : values;
    }),
  ]);
  const results = wanted.map(([name, node], i) => [
    name,
    `d => op.plan_${node.function}(d['\\u0000${i}'], ${node.fraction ?? 0})`,
  ]);
  const groups = by.map((name) => [name, `d => op.any(d[${JSON.stringify(name)}])`]);
  return withGroupIds(table.derive(Object.fromEntries(tuples)), by)
    .groupby(groupId)
    .rollup(Object.fromEntries([...groups, ...results]))
    .select(...by, ...Object.keys(called));
}

/** The accumulator of each of Arquero's groups. One aggregate uses one state object: see `aggregate` on tuples. */
const accumulators = new WeakMap<object, Accumulator>();

for (const [name, { accumulator }] of Object.entries(aggregates)) {
  aq.addAggregateFunction(
    `plan_${name}`,
    {
      param: [1, 1],
      create: (fraction: number) => ({
        init: (group: object) => {
          accumulators.set(group, accumulator(fraction));
        },
        add: (group: object, values: readonly NonNullValue[]) => accumulators.get(group)?.add(...values),
        rem: () => {},
        value: (group: object) => accumulators.get(group)?.value() ?? null,
      }),
    },
    { override: true },
  );
}

/** The first row, in the table's order, of each group of rows equal in the columns. */
function firstOfEach(table: Arquero, by: Columns): Arquero {
  return by.length === 0
    ? table.slice(0, 1).reify()
    : withGroupIds(table, by).groupby(groupId).slice(0, 1).ungroup().reify().select(aq.not(groupId));
}

/** The table with the id of each row's group. */
function withGroupIds(table: Arquero, by: Columns): Arquero {
  return table.derive({ [groupId]: aq.escape(groupIdsBy(by)) });
}

/**
 * Gives rows that are equal in the columns one id, nulls being equal.
 * Arquero's own key of several columns joins them without escaping, and mixes up groups.
 */
function groupIdsBy(by: Columns): (row: Row) => number {
  const ids = new Map<string, number>();
  return (row) => {
    const key = JSON.stringify(by.map((name) => row[name]));
    const id = ids.get(key) ?? ids.size;
    ids.set(key, id);
    return id;
  };
}

function sort(table: Arquero, order: readonly SortKey[]): Arquero {
  const keys = order.map((key) => ({ column: table.column(key.column), descending: key.descending }));
  const compare = (a: number, b: number): number => {
    for (const { column, descending } of keys) {
      const result = compareValues(column?.at(a) ?? null, column?.at(b) ?? null, descending);
      if (result !== 0) {
        return result;
      }
    }
    return 0;
  };
  return table.create({ order: compare }).reify();
}

/** An expression as a function of a row. */
function ofRow(node: ExpressionNode): (row: Row) => Value {
  let current: Row = {};
  const columns = Object.fromEntries(
    [...columnsOf(node)].map((name) => [name, { at: () => current[name] ?? null }]),
  );
  const evaluate = rowFunction(node, columns);
  return (row) => {
    current = row;
    return evaluate(0);
  };
}
