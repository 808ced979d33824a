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
import { neededOf } from '../../plan/needed.ts';
import { type AggregateNode, type RelationNode, unknownNode } from '../../plan/relation.ts';
import type { NonNullValue, Value } from '../../plan/types.ts';
import { columnsOf, expressionOf } from '../../plan/walk.ts';
import {
  type Arquero,
  type Columns,
  firstOfEach,
  groupId,
  groupIdsBy,
  rowsIn,
  sort,
  withGroupIds,
} from './rows.ts';
import { withWindows } from './windows.ts';

type NodeOf<K extends RelationNode['kind']> = Extract<RelationNode, { kind: K }>;

/**
 * The answer of a plan.
 * @param sources the tables that the plan reads, by name
 * @throws RangeError when a source is missing
 */
export function runPlan(node: RelationNode, sources: Readonly<Record<string, ColumnarTable>>): ColumnarTable {
  const names = Object.keys(node.schema);
  const answer = run(node, names, sources);
  return tableOfRows(node.schema, rowsIn(answer, names));
}

/** Carries along only the columns that are read further up. */
function run(node: RelationNode, needed: Columns, sources: Readonly<Record<string, ColumnarTable>>): Arquero {
  const columns = neededOf(node, needed);
  const input = (relation: RelationNode, at = 0) => run(relation, columns[at] ?? [], sources);
  switch (node.kind) {
    case 'source':
      return source(node.name, needed, sources);
    case 'select':
      return select(
        input(node.input),
        needed.map((name) => [name, expressionOf(node.columns, name)]),
      );
    case 'where': {
      const condition = ofRow(node.condition);
      return input(node.input).filter(aq.escape((row: Row) => condition(row) === true));
    }
    case 'distinct':
      return firstOfEach(input(node.input), Object.keys(node.schema), 1).select(...needed);
    case 'explode':
      return explode(input(node.input), node, needed);
    case 'join':
    case 'left_join':
      return join(input(node.left), input(node.right, 1), node, needed);
    case 'semi_join':
    case 'anti_join':
      return filterJoin(input(node.left), input(node.right, 1), node).select(...needed);
    case 'union':
      return input(node.left).concat(input(node.right, 1));
    case 'aggregate':
      return aggregate(input(node.input), node.by, node.aggregates);
    case 'top':
      return firstOfEach(sort(input(node.input), node.order), node.by, node.count);
    case 'window': {
      const wanted = Object.entries(node.windows).filter(([name]) => needed.includes(name));
      return withWindows(input(node.input), node, wanted).select(...needed);
    }
    case 'order':
      return sort(input(node.input), node.order);
    default:
      return unknownNode(node);
  }
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
  const others = needed.filter((name) => name !== as);
  const rows = rowsIn(table, [...others, column]).flatMap((row) => {
    const elements = row[column];
    return Array.isArray(elements) ? elements.map((element) => ({ ...row, [as]: element })) : [];
  });
  return aq.table(Object.fromEntries(needed.map((name) => [name, rows.map((row: Row) => row[name])])));
}

/** @param on.kind whether rows of the left without a row of the right remain */
function join(
  left: Arquero,
  right: Arquero,
  { kind, on }: { readonly kind: 'join' | 'left_join'; readonly on: Columns },
  needed: Columns,
): Arquero {
  const rightOnly = right.columnNames().filter((name) => !on.includes(name) && needed.includes(name));
  const values: [string[], string[]] = [
    left.columnNames().filter((name) => needed.includes(name)),
    rightOnly,
  ];
  const options = { left: kind === 'left_join' };
  const [key, ...more] = on;
  if (key !== undefined && more.length === 0) {
    return left.join(right, key, values, options);
  }
  const idOf = groupIdsBy(on);
  // A group's null is undefined here: that is what Arquero's `any` makes of it.
  const keyOf = (row: Row) => (on.some((name) => (row[name] ?? null) === null) ? null : idOf(row));
  const keyed = (table: Arquero) => table.derive({ [groupId]: aq.escape(keyOf) });
  return keyed(left).join(keyed(right), groupId, values, options);
}

/** The rows of the left with a row of the right, or those without. */
function filterJoin(
  left: Arquero,
  right: Arquero,
  { kind, on }: { readonly kind: 'semi_join' | 'anti_join'; readonly on: Columns },
): Arquero {
  const keyOf = (row: Row) => JSON.stringify(on.map((name) => row[name] ?? null));
  const keys = new Set<string>();
  for (const row of rowsIn(right, on)) {
    // A null equals nothing.
    if (on.every((name) => (row[name] ?? null) !== null)) {
      keys.add(keyOf(row));
    }
  }
  return left.filter(aq.escape((row: Row) => keys.has(keyOf(row)) === (kind === 'semi_join'))).reify();
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
