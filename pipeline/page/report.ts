/** The report of a run: one page that stands alone and opens from disk, with every answer as chart and as table. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { replaceFile } from '../files.ts';
import type { Query } from '../plan/query.ts';
import type { Row } from '../table/columnar_table.ts';
import { answerTable } from './answer_table.ts';
import { chartOfAnswer } from './charts.ts';
import { dark, light } from './colours.ts';
import { escapeHtml, jsonForScript, programForScript } from './html.ts';
import { heading, readableNumber, readableTime, readableValue } from './readable.ts';
import type { Summary } from './summary.ts';
import { summarySection } from './summary_section.ts';

export interface ReportContents {
  readonly answers: readonly { readonly query: Query; readonly rows: readonly Row[] }[];
  readonly summary: Summary;
  readonly generatedAt: Date;
}

const style = readFileSync(new URL('style.css', import.meta.url), 'utf8');
const echarts = programForScript(
  readFileSync(createRequire(import.meta.url).resolve('echarts/dist/echarts.common.min.js'), 'utf8'),
);
const drawing = programForScript(readFileSync(new URL('report_charts.js', import.meta.url), 'utf8'));

/** No network, and no program but the two that are here: names in the data cannot become one. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  `script-src ${[echarts, drawing].map(sourceHash).join(' ')}`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The report as HTML. Pure: the same contents give the same text. */
export function reportPage({ answers, summary, generatedAt }: ReportContents): string {
  const time = readableTime(generatedAt.getTime());
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Pinterest pipeline: the answers</title>
<link rel="icon" href="data:,">
<style>
${style}</style>
</head>
<body>
<a class="skip" href="#answers">Skip to the answers</a>
<header>
<h1>What the posts say</h1>
<p>${readableNumber(answers.length)} answers from ${readableNumber(eventsRead(summary))} events, made <time datetime="${generatedAt.toISOString()}">${time}</time>.</p>
</header>
<main>
${summarySection(summary)}
<section id="answers" aria-labelledby="answers-heading" tabindex="-1">
<h2 id="answers-heading">Answers</h2>
<nav aria-label="Answers">
<ol>
${answers.map(({ query }) => `<li><a href="#${escapeHtml(query.name)}">${escapeHtml(query.title)}</a></li>`).join('\n')}
</ol>
</nav>
<noscript><p class="note">The charts need JavaScript; the tables hold the same numbers.</p></noscript>
<div class="cards">
${answers.map(({ query, rows }) => answerCard(query, rows)).join('\n')}
</div>
</section>
</main>
<script type="application/json" id="charts">${jsonForScript(chartOptions(answers))}</script>
<script>${echarts}</script>
<script>${drawing}</script>
</body>
</html>
`;
}

/**
 * Writes the report, whole or not at all, and makes its folder where there is none.
 * @throws Error when the file cannot be written, naming it
 */
export async function writeReport(file: string, contents: ReportContents): Promise<void> {
  const page = reportPage(contents);
  try {
    await replaceFile(file, page);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The report ${file} could not be written: ${why}.`, { cause: error });
  }
}

/** Answers of more rows take the width of the page, with the table beside the chart where both fit. */
const longAnswer = 10;

function answerCard(query: Query, rows: readonly Row[]): string {
  const name = escapeHtml(query.name);
  const { description, height, leftOut } = chartOfAnswer(query, rows, light);
  const chart =
    rows.length === 0
      ? '<p class="note">No row answers this question yet.</p>'
      : `<div class="chart" id="chart-${name}" role="img" aria-label="${escapeHtml(description)}" style="height: ${height}px"></div>`;
  const wide = rows.length > longAnswer ? ' class="wide"' : '';
  return `<article id="${name}"${wide} aria-labelledby="${name}-heading" tabindex="-1">
<h3 id="${name}-heading">${escapeHtml(query.title)}</h3>
<div class="drawn">
${onlyRow(query, rows)}${chart}
${leftOut === undefined ? '' : `<p class="note">${escapeHtml(leftOut)}</p>`}
</div>
${answerTable(query, rows)}
</article>`;
}

/** An answer of one row is one sentence, large. */
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

/** The ECharts options of all answers, by query, in both colour schemes. */
function chartOptions(answers: ReportContents['answers']) {
  return Object.fromEntries(
    answers.map(({ query, rows }) => [
      query.name,
      {
        light: chartOfAnswer(query, rows, light).option,
        dark: chartOfAnswer(query, rows, dark).option,
      },
    ]),
  );
}

function eventsRead({ datasets }: Summary): number {
  return datasets.reduce((sum, { read }) => sum + read, 0);
}

function sourceHash(program: string): string {
  return `'sha256-${createHash('sha256').update(program).digest('base64')}'`;
}
