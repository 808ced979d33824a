/** The page of a dataset: fields, columns, rules, lineage, cases and places. */
import { expressionSql } from '../../../pipeline/engines/spark/expression.ts';
import { planSql } from '../../../pipeline/engines/spark/plan_sql.ts';
import type { Dataset } from '../../../pipeline/plan/dataset.ts';
import { lineageOf } from '../../../pipeline/plan/lineage.ts';
import { columnsOf } from '../../../pipeline/plan/walk.ts';
import { escapeHtml } from '../../../pipeline/ui/web/html.ts';
import { htmlTable } from '../../../pipeline/ui/web/html_table.ts';
import {
  type Catalogue,
  casesSection,
  code,
  contractFile,
  facts,
  fileOfQuery,
  foldedCode,
  idOfColumn,
  page,
  placesSection,
  schemaFile,
  scoreInShort,
  section,
} from './parts.ts';
import { placesOfDataset } from './places.ts';
import { expressionInWords } from './words.ts';

const root = '../';

export function datasetPage(dataset: Dataset, catalogue: Catalogue): string {
  const { name, description, raw, clean, personal, cleaning } = dataset;
  const score = catalogue.scores.get(name);
  return page({
    title: name,
    root,
    lead: description,
    body: [
      facts([
        ['Fields of an event', String(Object.keys(raw).length)],
        ['Columns', String(Object.keys(clean).length)],
        ['Personal columns', String(personal.length)],
        ['Faults noticed', scoreInShort(score)],
      ]),
      `<p>For other tools: the <a href="${root}${contractFile(dataset)}">open data contract</a> of the table and the <a href="${root}${schemaFile(dataset)}">JSON Schema</a> of its events.</p>`,
      section('fields', 'Fields of an event', fieldsTable(dataset)),
      section(
        'columns',
        'Columns',
        `${columnsTable(dataset, catalogue)}\n${foldedCode('All rules as Spark SQL', planSql(cleaning.node))}`,
      ),
      casesSection(score),
      placesSection(catalogue.places, placesOfDataset(catalogue.places, dataset)),
    ].join('\n'),
  });
}

function fieldsTable({ raw, key, clean }: Dataset): string {
  const rows = Object.entries(raw).map(([field, type]) => {
    const columns = Object.entries(clean).filter(([, expression]) => columnsOf(expression).has(field));
    return [
      `<span id="field-${escapeHtml(field)}">${code(field)}</span>`,
      `${type}${field === key ? ', the key' : ' or null'}`,
      columns.length === 0
        ? 'no column'
        : columns
            .map(([column]) => `<a href="#${idOfColumn(escapeHtml(column))}">${escapeHtml(column)}</a>`)
            .join(', '),
    ];
  });
  return htmlTable({
    id: 'fields',
    caption: 'As they are in the JSON of an event',
    headings: ['Field', 'Type', 'Becomes'],
    rows,
    numeric: [],
  });
}

function columnsTable(dataset: Dataset, { answers }: Catalogue): string {
  const { name, clean, cleaning, personal } = dataset;
  const lineages = answers.map(({ query }) => ({ query, lineage: lineageOf(query.plan) }));
  const rows = Object.entries(clean).map(([column, expression]) => {
    const source = `${name}.${column}` as const;
    const readers = lineages.filter(
      ({ lineage: { values, rows, sorted } }) =>
        rows.has(source) || sorted.has(source) || [...values.values()].some((from) => from.has(source)),
    );
    return [
      `<span id="${idOfColumn(escapeHtml(column))}">${code(column)}</span>`,
      `${escapeHtml(cleaning.schema[column] ?? '')}${personal.includes(column) ? ', personal' : ''}`,
      `${escapeHtml(expressionInWords(expression))}${foldedCode('SQL', expressionSql(expression))}`,
      [...columnsOf(expression)]
        .map((field) => `<a href="#field-${escapeHtml(field)}">${escapeHtml(field)}</a>`)
        .join(', '),
      readers.length === 0
        ? 'no answer'
        : readers
            .map(({ query }) => `<a href="${root}${fileOfQuery(query)}">${escapeHtml(query.name)}</a>`)
            .join(', '),
    ];
  });
  return htmlTable({
    id: 'columns',
    caption: 'As they are in the silver table',
    headings: ['Column', 'Type', 'Rule', 'From fields', 'Read by'],
    rows,
    numeric: [],
  });
}
