/** The cells and entries of notebooks that are generated from definitions. */
import { namesOf } from '../../../naming.ts';
import type { Dataset } from '../../../plan/dataset.ts';
import type { ExpressionNode } from '../../../plan/expression.ts';
import type { Query } from '../../../plan/query.ts';
import { sourcesOf } from '../../../plan/relation.ts';
import type { Schema } from '../../../plan/types.ts';
import { columnsOf } from '../../../plan/walk.ts';
import { decodeSql } from '../decode_sql.ts';
import { expressionSql } from '../expression.ts';
import { laidOut } from '../line_breaks.ts';
import { Names } from '../naming.ts';
import { planSql } from '../plan_sql.ts';
import { cells, markdown, pythonSql, pythonString } from '../python.ts';
import { identifier, sparkTypes, stringLiteral } from '../quoting.ts';
import { knownRules } from '../rules.ts';
import { keyOf } from '../states/kept.ts';
import { answerFromStates, type State, type StateRows } from '../states/state.ts';

/** One cell for each dataset: its columns, the reading of its lines, their cleaning, and the key of its raw fields. */
export function datasetCells(datasets: readonly Dataset[], origin: readonly string[]): string {
  return cells(
    datasets.map((dataset) => {
      const { name, cleaning } = dataset;
      const key = pythonString(name);
      const lines = identifier(`${name}_lines`);
      return [
        `COLUMNS[${key}] = ${pythonString(columnsSql(cleaning.schema))}`,
        `DECODE[${key}] = ${pythonSql(decodeSql(dataset, { lines, origin }))}`,
        `CLEAN[${key}] = ${cleanSql(dataset)}`,
        `KEY[${key}] = ${keySql(dataset)}`,
      ].join('\n\n');
    }),
  );
}

/** The expression of each cleaned column. */
function cleanSql({ clean }: Dataset): string {
  return dictionary(clean, (node) => laidOut(expressionSql(node)));
}

/** By cleaned column that is not a raw field as it is: that a line has a value in a raw field of this column. */
function givenSql({ clean }: Dataset): string {
  const changed = Object.entries(clean).filter(([, node]) => node.kind !== 'column');
  return dictionary(Object.fromEntries(changed), (node) =>
    [...columnsOf(node)].map((field) => `${identifier(field)} IS NOT NULL`).join(' OR '),
  );
}

/** A Python dictionary of SQL by column. */
function dictionary(columns: Dataset['clean'], sqlOf: (node: ExpressionNode) => string): string {
  const lines = Object.entries(columns).map(
    ([column, node]) => `    ${pythonString(column)}: ${pythonSql(sqlOf(node))},`,
  );
  return ['{', ...lines, '}'].join('\n');
}

/** Two cells for each query: its title, and the entry of a Python dictionary that holds its statement. */
function queryCells(
  dictionary: string,
  queries: readonly Query[],
  statement: (query: Query) => string,
): string {
  return cells(
    queries.flatMap((query) => [
      markdown(`## ${query.title}`),
      `${dictionary}[${pythonString(query.name)}] = ${pythonSql(statement(query))}`,
    ]),
  );
}

/** The statement of each query's answer, from its states where it has any, and cells for the states of all queries and their rows. */
export function answerCells(datasets: readonly Dataset[], queries: readonly Query[]) {
  const answers = answersOf(datasets, queries, 'states of answers');
  const all = [...answers.values()].flatMap((answer) => answer?.states ?? []);
  const states = new Map(all.map((state) => [state.name, state]));
  const rows = new Map([...states.values()].map((state) => [state.rows.whole, state.rows]));
  const names = new Names([]);
  const nameOf = new Map(
    [...rows].map(([whole, { sources }]) => [whole, names.unused(sources.join('_with_'))]),
  );
  const named = (of: StateRows) => nameOf.get(of.whole) ?? '';
  return {
    queries: queryCells('GOLD', queries, ({ name, plan }) => answers.get(name)?.sql ?? planSql(plan)),
    states: cells([
      ...[...rows.values()].map((of) => rowsCell(named(of), of)),
      ...[...states.values()].map((state) => stateCell(state, named(state.rows))),
    ]),
  };
}

/** By query, its answer from the states of a table. */
function answersOf(datasets: readonly Dataset[], queries: readonly Query[], table: string) {
  const keys = keyOf(datasets);
  return new Map(queries.map(({ name, plan }) => [name, answerFromStates(plan, keys, table)]));
}

function rowsCell(name: string, { whole, added }: StateRows): string {
  return [
    `ROWS[${pythonString(name)}] = {`,
    `    "whole": ${pythonSql(whole)},`,
    '    "added": [',
    ...added.map(({ source, sql }) => `        (${pythonString(source)}, ${pythonSql(sql)}),`),
    '    ],',
    '}',
  ].join('\n');
}

function stateCell({ name, tuple, place }: State, rows: string): string {
  return [
    `STATES[${pythonString(name)}] = {`,
    `    "rows": ${pythonString(rows)},`,
    `    "tuple": ${pythonSql(tuple)},`,
    `    "place": ${place === undefined ? 'None' : pythonString(place)},`,
    '}',
  ].join('\n');
}

/** The name of the states' table among the views. */
export const statesName = 'states_of_answers';

/** Two cells for each query, the second with the statement that makes its view: over its states where it has any. */
export function viewCells(datasets: readonly Dataset[], queries: readonly Query[]): string {
  const answers = answersOf(datasets, queries, statesName);
  return queryCells('VIEWS', queries, ({ name, title, plan }) => {
    const answer = answers.get(name)?.sql ?? planSql(plan);
    return `CREATE OR REPLACE VIEW ${identifier(name)}\nCOMMENT ${stringLiteral(title)}\nAS\n${answer}`;
  });
}

/** The key of each dataset: the raw field, in backticks, and the column. */
export function keyEntries(datasets: readonly Dataset[]): string {
  return entries(datasets, keySql);
}

function keySql({ key, keyColumn }: Dataset): string {
  return `(${pythonString(identifier(key))}, ${pythonString(keyColumn)})`;
}

/** The columns of each dataset's table. */
export function columnEntries(datasets: readonly Dataset[]): string {
  return entries(datasets, ({ table }) => pythonString(columnsSql(table.schema)));
}

/** Fingerprints of the rules, the same that Node writes, so that a lake can be written by either. */
export function ruleEntries(datasets: readonly Dataset[]): string {
  return entries(datasets, (dataset) => `[${knownRules(dataset).map(pythonString).join(', ')}]`);
}

/** The stream of each dataset without a user prefix and with one; the template replaces `user-prefix` by it. */
export function streamEntries(datasets: readonly Dataset[]): string {
  return entries(datasets, (dataset) => {
    const names = [namesOf(dataset).stream, namesOf(dataset, 'user-prefix').stream];
    return `(${names.map(pythonString).join(', ')})`;
  });
}

/** One cell for each dataset: by column, the condition that a line gives it a value. */
export function givenCells(datasets: readonly Dataset[]): string {
  return cells(datasets.map((of) => `GIVEN[${pythonString(of.name)}] = ${givenSql(of)}`));
}

/** The datasets that each query reads. */
export function sourceEntries(queries: readonly Query[]): string {
  const names = ({ plan }: Query) => [...sourcesOf(plan).keys()].map(pythonString).join(', ');
  return queries.map((query) => `    ${pythonString(query.name)}: [${names(query)}],`).join('\n');
}

/** Names as entries of a Python list, one a line. */
export function nameEntries(named: readonly { readonly name: string }[]): string {
  return named.map(({ name }) => `    ${pythonString(name)},`).join('\n');
}

/** Entries of a Python dictionary, one a line. */
function entries(datasets: readonly Dataset[], value: (dataset: Dataset) => string): string {
  return datasets.map((dataset) => `    ${pythonString(dataset.name)}: ${value(dataset)},`).join('\n');
}

function columnsSql(schema: Schema): string {
  return Object.entries(schema)
    .map(([name, type]) => `${identifier(name)} ${sparkTypes[type]}`)
    .join(', ');
}
