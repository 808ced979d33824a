/** The cells and entries of notebooks that are generated from definitions. */
import { namesOf } from '../../../naming.ts';
import type { Dataset } from '../../../plan/dataset.ts';
import type { Query } from '../../../plan/query.ts';
import type { Schema } from '../../../plan/types.ts';
import { decodeSql } from '../decode_sql.ts';
import { planSql } from '../plan_sql.ts';
import { cells, markdown, pythonSql, pythonString } from '../python.ts';
import { identifier, sparkTypes, stringLiteral } from '../quoting.ts';
import { rulesFingerprint } from '../rules.ts';

/** One cell for each dataset: its columns, the reading of its lines, and their cleaning. */
export function datasetCells(datasets: readonly Dataset[], origin: readonly string[]): string {
  return cells(
    datasets.map((dataset) => {
      const { name, cleaning } = dataset;
      const key = pythonString(name);
      const lines = identifier(`${name}_lines`);
      return [
        `COLUMNS[${key}] = ${pythonString(columnsSql(cleaning.schema))}`,
        `DECODE[${key}] = ${pythonSql(decodeSql(dataset, { lines, origin }))}`,
        `CLEAN[${key}] = ${pythonSql(planSql(cleaning.node))}`,
      ].join('\n\n');
    }),
  );
}

/** Two cells for each query: its title, and the entry of a Python dictionary that holds its statement. */
export function queryCells(
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

/** The statement that makes a query's view. */
export function viewSql({ name, title, plan }: Query): string {
  return `CREATE OR REPLACE VIEW ${identifier(name)}\nCOMMENT ${stringLiteral(title)}\nAS\n${planSql(plan)}`;
}

/** The columns of each dataset's table. */
export function columnEntries(datasets: readonly Dataset[]): string {
  return entries(datasets, ({ table }) => pythonString(columnsSql(table.schema)));
}

/** Fingerprints of the rules, the same that Node writes, so that a lake can be written by either. */
export function ruleEntries(datasets: readonly Dataset[]): string {
  return entries(datasets, (dataset) => pythonString(rulesFingerprint(dataset)));
}

/** The stream of each dataset without a user prefix and with one; the template replaces `user-prefix` by it. */
export function streamEntries(datasets: readonly Dataset[]): string {
  return entries(datasets, (dataset) => {
    const names = [namesOf(dataset).stream, namesOf(dataset, 'user-prefix').stream];
    return `(${names.map(pythonString).join(', ')})`;
  });
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
