/** Answers as HTML cards: question, chart and table; and the options of their charts. */

import type { Row } from '../../columns/table.ts';
import type { Query } from '../../plan/query.ts';
import { heading, readableValue } from '../readable.ts';
import { answerTable } from './answer_table.ts';
import { pageFile } from './assets.ts';
import type { ChartOption } from './chart.ts';
import { chartOfAnswer, pointsOf } from './charts.ts';
import { dark, light } from './colours.ts';
import { escapeHtml } from './html.ts';
import { countryMap } from './map/country_map.ts';

/** An answer, with its rows as objects. */
export interface AnswerRows {
  readonly query: Query;
  readonly rows: readonly Row[];
}

/** Answers of more rows take the whole width of the page, the table beside the chart where both fit. */
const longAnswer = 10;

/** The section of all answers, with a link to each. */
export function answersSection(answers: readonly AnswerRows[]): string {
  const links = answers.map(
    ({ query }) => `<li><a href="#${escapeHtml(query.name)}">${escapeHtml(query.title)}</a></li>`,
  );
  return `<section id="answers" aria-labelledby="answers-heading" tabindex="-1">
<h2 id="answers-heading">Answers</h2>
<nav aria-label="Answers">
<ol>
${links.join('\n')}
</ol>
</nav>
<noscript><p class="note">The charts need JavaScript; the tables hold the same numbers.</p></noscript>
${outlinesOf(answers.map(({ query }) => query))}<div class="cards">
${answers.map(answerCard).join('\n')}
</div>
</section>`;
}

/** The outlines of countries, which a page has once for all of its maps; empty for a page without maps. */
export function outlinesOf(queries: readonly Query[]): string {
  return queries.some(({ chart }) => chart.kind === 'map') ? pageFile('map/world.svg') : '';
}

/** The card of one answer. A script draws its chart into the element `chart-<query name>`. */
export function answerCard({ query, rows }: AnswerRows): string {
  const name = escapeHtml(query.name);
  const { description, height, leftOut } = chartOfAnswer(query, rows, light);
  const chart =
    rows.length === 0
      ? '<p class="note">No row answers this question yet.</p>'
      : `<div class="chart" id="chart-${name}" role="img" aria-label="${escapeHtml(description)}" style="height: ${height}px"></div>`;
  const wide = rows.length > longAnswer ? ' class="wide"' : '';
  return `<article id="${name}"${wide} aria-labelledby="${name}-heading" tabindex="-1">
<h3 id="${name}-heading">${escapeHtml(query.title)}</h3>
${mapOf(query, rows)}<div class="drawn">
${onlyRow(query, rows)}${chart}
${leftOut === undefined ? '' : `<p class="note">${escapeHtml(leftOut)}</p>`}
</div>
${answerTable(query, rows)}
</article>`;
}

/** The map of an answer that has one; empty for others. */
function mapOf(query: Query, rows: readonly Row[]): string {
  return query.chart.kind === 'map' && rows.length > 0 ? `${countryMap(query, pointsOf(query, rows))}\n` : '';
}

/** An answer's ECharts options in both colour schemes; plain data. */
export function chartOptions({ query, rows }: AnswerRows): { light: ChartOption; dark: ChartOption } {
  return {
    light: chartOfAnswer(query, rows, light).option,
    dark: chartOfAnswer(query, rows, dark).option,
  };
}

/** The one row of an answer as a large sentence; empty for other answers. */
function onlyRow({ chart, schema }: Query, rows: readonly Row[]): string {
  const [row] = rows;
  const type = schema[chart.category];
  const valueType = schema[chart.value];
  if (row === undefined || rows.length > 1 || type === undefined || valueType === undefined) {
    return '';
  }
  const category = readableValue(row[chart.category] ?? null, type);
  const value = readableValue(row[chart.value] ?? null, valueType);
  return `<p class="figure"><strong>${escapeHtml(category)}</strong> ${escapeHtml(heading(chart.value).toLowerCase())} ${escapeHtml(value)}</p>\n`;
}
