/** The page of a query: its answer over the fixture, its steps, lineage, cases and places. */
import { planSql } from '../../../pipeline/engines/spark/plan_sql.ts';
import { lineageOf } from '../../../pipeline/plan/lineage.ts';
import { readableNumber } from '../../../pipeline/ui/readable.ts';
import {
  type AnswerRows,
  answerCard,
  chartOptions,
  outlinesOf,
} from '../../../pipeline/ui/web/answer_cards.ts';
import { escapeHtml, jsonForScript } from '../../../pipeline/ui/web/html.ts';
import { htmlTable } from '../../../pipeline/ui/web/html_table.ts';
import {
  type Catalogue,
  casesSection,
  code,
  columnLink,
  foldedCode,
  page,
  placesSection,
  section,
} from './parts.ts';
import { placesOfQuery } from './places.ts';
import { planInWords } from './plan_words.ts';

const root = '../';

export function queryPage(answer: AnswerRows, catalogue: Catalogue): string {
  const { query } = answer;
  return page({
    title: query.title,
    root,
    lead: query.name,
    scripts: ['echarts.js', 'charts.js'],
    body: [
      section(
        'answer',
        `Over ${readableNumber(catalogue.posts)} generated posts`,
        `${outlinesOf([query])}<div class="cards">
${answerCard(answer)}
</div>
<script type="application/json" id="charts">${jsonForScript({ [query.name]: chartOptions(answer) })}</script>`,
      ),
      section(
        'steps',
        'Steps',
        `<ol class="list">
${planInWords(query.plan)
  .map((step) => `<li>${escapeHtml(step)}</li>`)
  .join('\n')}
</ol>
${foldedCode('The same as Spark SQL', planSql(query.plan))}`,
      ),
      section('lineage', 'Lineage', lineageTables(answer)),
      casesSection(catalogue.scores.get(query.name)),
      placesSection(catalogue.places, placesOfQuery(catalogue.places, query)),
    ].join('\n'),
  });
}

function lineageTables({ query }: AnswerRows): string {
  const { values, rows, sorted } = lineageOf(query.plan);
  const links = (sources: Iterable<string>) =>
    [...sources].map((source) => columnLink(source, root)).join(', ') || 'the number of rows alone';
  const roles = new Map([...rows].map(([source, of]) => [source, [...of]]));
  for (const source of sorted) {
    roles.set(source, [...(roles.get(source) ?? []), 'order']);
  }
  return [
    htmlTable({
      id: 'values',
      caption: 'Columns of the answer, and those from which their values are computed',
      headings: ['Column', 'Type', 'From'],
      rows: Object.entries(query.schema).map(([column, type]) => [
        code(column),
        escapeHtml(type),
        links(values.get(column) ?? []),
      ]),
      numeric: [],
    }),
    htmlTable({
      id: 'rows',
      caption: 'Columns that decide which rows there are',
      headings: ['Column', 'As'],
      rows: [...roles].map(([source, of]) => [columnLink(source, root), [...new Set(of)].join(', ')]),
      numeric: [],
    }),
  ].join('\n');
}
