/**
 * Prints the states of a plan for Spark: what of its rows the answer needs, how new rows change that, and the answer from it.
 *
 * A state is a bag of tuples: the columns by which an aggregate groups, and those that it aggregates. All states are
 * rows of one table, `state STRING, cells ARRAY<STRING>, rows BIGINT`: a tuple's cells, and how many rows are equal to it.
 * See docs/decisions/spark-states.md.
 */
import { createHash } from 'node:crypto';
import type { ExpressionNode } from '../../../plan/expression.ts';
import { type RelationNode, sourcesOf } from '../../../plan/relation.ts';
import { partOf, type Schema } from '../../../plan/types.ts';
import { conjuncts, mapInputs } from '../../../plan/walk.ts';
import { indented } from '../block.ts';
import { expressionSql } from '../expression.ts';
import { laidOut } from '../line_breaks.ts';
import * as naming from '../naming.ts';
import { planSql } from '../plan_sql.ts';
import { identifier, stringLiteral } from '../quoting.ts';
import { belowSteps } from './below_steps.ts';
import { cellForm } from './cells.ts';
import { type KeptRelation, type KeyOf, keptRelations, type TopRelation } from './kept.ts';
import { weighted } from './weighted.ts';

/** The state of the row that says which states the table holds. */
const seen = 'seen';

/** The views that statements of states read, by the name of a dataset, which has no blank. */
const views = {
  /** Rows that are new since the state was written. */
  added: (source: string) => `${source} added`,
  /** Rows that were there before, of keys near those that are new. */
  before: (source: string) => `${source} before`,
  /** Both, of keys near those that are new. */
  near: (source: string) => `${source} near`,
} as const;

export interface State {
  /** Says what its rows are; another one where its statements are others, so that no state is read by other statements. */
  readonly name: string;
  /** The rows that bring its tuples. */
  readonly rows: StateRows;
  /** The cells of the tuple that a row brings, an expression over the row's columns; null for a row that brings none. */
  readonly tuple: string;
  /** Where only the first tuple of each partition is kept: the place of a tuple in its partition, over `cells`. */
  readonly place?: string;
}

/** Rows of one dataset, or joined ones of several, that states are made of: queries with the same columns. */
export interface StateRows {
  /** The datasets in their order, one for each time that it is read. */
  readonly sources: readonly string[];
  /** All rows. */
  readonly whole: string;
  /** By source, the rows that its new rows bring. */
  readonly added: readonly { readonly source: string; readonly sql: string }[];
}

export interface AnswerFromStates {
  /** The answer: a query over the view of states. */
  readonly sql: string;
  readonly states: readonly State[];
}

/**
 * The answer of a plan from states, undefined where it is computed from all rows.
 * @param table the table of states. The statement fails where it holds states of other statements, which would be taken for no rows.
 */
export function answerFromStates(
  plan: RelationNode,
  keyOf: KeyOf,
  table: string,
): AnswerFromStates | undefined {
  const kept = keptRelations(plan, keyOf);
  if (typeof kept === 'string') {
    return undefined;
  }
  const names = new naming.Names(sourcesOf(plan).keys());
  const states = new Map<string, State>();
  const relations = new Map<string, string>();
  const rest = replaced(plan, (node) => {
    const relation = kept.get(node);
    if (relation === undefined) {
      return undefined;
    }
    const state = stateOf(relation);
    states.set(state.name, state);
    const name = names.unused(naming.aggregated(relation.aggregate));
    relations.set(name, aggregatedState(relation, state, table));
    return { kind: 'source', schema: node.schema, name };
  });
  const sql = planSql(rest, { relationOf: (name) => relations.get(name) ?? identifier(name) });
  return { sql, states: [...states.values()] };
}

/** A plan with other relations in place of some. */
function replaced(
  node: RelationNode,
  change: (node: RelationNode) => RelationNode | undefined,
): RelationNode {
  return change(node) ?? mapInputs(node, (input) => replaced(input, change));
}

function stateOf({ aggregate, top }: KeptRelation): State {
  const schema = tupleSchema(aggregate);
  const { input, conditions, columns } = belowSteps(aggregate.input, Object.keys(schema));
  const rows = rowsFrom(input);
  const tuple = tupleSql(conditions, columns, schema);
  const place = top && placeSql(top, aggregate, schema);
  const definition = JSON.stringify([rows, tuple, place]);
  const hash = createHash('sha256').update(definition).digest('hex').slice(0, 16);
  const name = `${naming.aggregated(aggregate).slice(0, 80)} ${hash}`;
  return { name, rows, tuple, ...(place === undefined ? {} : { place }) };
}

/** The columns of an aggregate's tuples: those of its groups, and those that it aggregates. */
function tupleSchema({ by, aggregates, input }: KeptRelation['aggregate']): Schema {
  const values = Object.values(aggregates).flatMap((node) => node.arguments);
  return partOf(input.schema, [...by, ...values]);
}

/** The cells of a tuple where all conditions hold, else null. */
function tupleSql(
  conditions: readonly ExpressionNode[],
  columns: Readonly<Record<string, ExpressionNode>>,
  schema: Schema,
): string {
  const sql = (node: ExpressionNode) => laidOut(expressionSql(node));
  const cells = Object.entries(columns).map(([name, node]) => cellForm(schema[name]).write(sql(node)));
  const tuple = `array(\n${indented(cells.join(',\n'))}\n)`;
  const held = conditions.flatMap(conjuncts).map(sql);
  return held.length === 0
    ? tuple
    : `CASE\n  WHEN ${held.join('\n    AND ')}\n  THEN ${tuple.replaceAll('\n', '\n  ')}\nEND`;
}

/** The rows of a relation, and those that it gains. */
function rowsFrom(input: RelationNode): StateRows {
  const added = addedTo(input).map(({ source, relation }) => ({ source, sql: planSql(relation) }));
  return { sources: leavesOf(input), whole: planSql(input), added };
}

/**
 * The rows that a relation gains, by the source whose new rows bring them: these meet the rows after of the sources on
 * their left, and the rows before of those on their right, so that each new pair is found once.
 */
function addedTo(
  input: RelationNode,
): readonly { readonly source: string; readonly relation: RelationNode }[] {
  const leaves = leavesOf(input);
  return leaves.map((source, at) => {
    let leaf = -1;
    const relation = replaced(input, (node) => {
      if (node.kind !== 'source') {
        return undefined;
      }
      leaf += 1;
      const view = leaf < at ? views.near : leaf === at ? views.added : views.before;
      return { ...node, name: view(node.name) };
    });
    return { source, relation };
  });
}

/** The sources of a relation in their order, one for each time that it is read. */
function leavesOf(node: RelationNode): readonly string[] {
  const found: string[] = [];
  replaced(node, (leaf) => {
    if (leaf.kind === 'source') {
      found.push(leaf.name);
    }
    return undefined;
  });
  return found;
}

/** The place of a tuple in its partition: only the first can ever be in the answer. */
function placeSql(top: TopRelation, aggregate: KeptRelation['aggregate'], schema: Schema): string {
  const names = Object.keys(schema);
  const read = (column: string) => {
    const name = aggregate.aggregates[column]?.arguments[0] ?? column;
    return cellForm(schema[name]).read(`cells[${names.indexOf(name)}]`);
  };
  const order = top.order.map(({ column, descending }) => `${read(column)} ${descending ? 'DESC' : 'ASC'}`);
  const partition = top.by.length === 0 ? '' : `PARTITION BY ${top.by.map(read).join(', ')} `;
  return `row_number() OVER (${partition}ORDER BY ${order.join(', ')})`;
}

/** Never true; fails when the table does not hold a state, by its row that says what it holds. */
function isHeld(name: string): string {
  const message =
    'The states are those of other questions: run this notebook again, and start the stream again.';
  const held = "from_json(cells[0], 'states ARRAY<STRING>').states";
  return `assert_true(array_contains(${held}, ${stringLiteral(name)}), ${stringLiteral(message)}) IS NOT NULL`;
}

/** The rows of an aggregate, from its state. */
function aggregatedState({ aggregate }: KeptRelation, { name }: State, table: string): string {
  const schema = tupleSchema(aggregate);
  const rows = naming.unusedColumn('rows', schema);
  const columns = Object.entries(schema).map(
    ([column, type], at) => `${cellForm(type).read(`cells[${at}]`)} AS ${identifier(column)},`,
  );
  const groups = aggregate.by.map(identifier);
  const aggregates = Object.entries(aggregate.aggregates).map(([column, node]) => {
    const form = weighted[node.function];
    if (form === undefined) {
      throw new TypeError(`There is no state for the aggregate ${node.function}.`);
    }
    return `${form(identifier(rows), ...node.arguments.map(identifier))} AS ${identifier(column)}`;
  });
  const tuples = [
    'SELECT',
    ...columns.map(indented),
    `  rows AS ${identifier(rows)}`,
    `FROM ${identifier(table)}`,
    `WHERE CASE`,
    `  WHEN state = ${stringLiteral(seen)} THEN ${isHeld(name)}`,
    `  ELSE state = ${stringLiteral(name)}`,
    `END`,
  ].join('\n');
  return `(\n${indented(
    `SELECT ${[...groups, ...aggregates].join(', ')}\nFROM (\n${indented(tuples)}\n)\nGROUP BY ${groups.join(', ')}`,
  )}\n)`;
}
