/** Writes a case into the file of its query. */
import { Document, isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';
import type { Row } from '../columns/table.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Query } from '../plan/query.ts';
import type { Schema } from '../plan/types.ts';
import type { SilverRow } from './shrink.ts';
import { cellText } from './values.ts';

/** A case as an item of a list in YAML, one row a line. */
export function caseYaml(
  name: string,
  datasets: readonly Dataset[],
  rows: readonly SilverRow[],
  query: Query,
  answer: readonly Row[],
): string {
  const document = new Document([{ name, given: {}, expect: [] }]);
  const flow = (row: Row, schema: Schema) => document.createNode(written(row, schema), { flow: true });
  for (const dataset of datasets) {
    const given = rows.filter((each) => each.dataset === dataset);
    if (given.length > 0) {
      const list = given.map(({ row }) => flow(row, dataset.cleaning.schema));
      document.setIn([0, 'given', dataset.name], document.createNode(list, { flow: false }));
    }
  }
  const expected = answer.map((row) => flow(row, query.schema));
  document.setIn([0, 'expect'], document.createNode(expected, { flow: expected.length === 0 }));
  return document.toString({ lineWidth: 0, flowCollectionPadding: false, singleQuote: true });
}

/** The values of a row that are not null. */
function written(row: Row, schema: Schema): Readonly<Record<string, unknown>> {
  const cells = Object.entries(schema).flatMap(([name, type]) => {
    const value = row[name] ?? null;
    const text = type === 'timestamp' || type === 'date';
    return value === null ? [] : [[name, text ? cellText(type, value) : value] as const];
  });
  return Object.fromEntries(cells);
}

/** The text of a file of cases with one more behind the last. @throws RangeError when the text has no list of cases */
export function withCaseAdded(text: string, added: string): string {
  const item = added.trimEnd().replace(/^(?=.)/gm, '  ');
  if (text.trim() === '') {
    return `cases:\n${item}\n`;
  }
  const root = parseDocument(text).contents;
  const cases = isMap(root) ? (root as YAMLMap).get('cases', true) : undefined;
  const end = isSeq(cases) ? cases.range?.[1] : undefined;
  if (end === undefined) {
    throw new RangeError('The file has no list "cases".');
  }
  const [before, after] = [text.slice(0, end).trimEnd(), text.slice(end).trim()];
  return `${before}\n\n${item}\n${after === '' ? '' : `\n${after}\n`}`;
}
