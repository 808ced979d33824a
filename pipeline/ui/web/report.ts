/** The report of a run: one page that stands alone and opens from disk, with every answer as chart and as table. */
import { createHash } from 'node:crypto';
import { replaceFile } from '../../storage/durable_files.ts';
import { readableNumber, readableTime } from '../readable.ts';
import type { Summary } from '../summary.ts';
import { type AnswerRows, answersSection, chartOptions } from './answer_cards.ts';
import { drawingProgram, echartsProgram, pageFile } from './assets.ts';
import { htmlDocument } from './document.ts';
import { jsonForScript, programForScript } from './html.ts';
import { summarySection } from './summary_section.ts';

export interface ReportContents {
  readonly answers: readonly AnswerRows[];
  readonly summary: Summary;
  readonly generatedAt: Date;
}

/** No network, and no program but those that are here: names in the data cannot become one. */
function contentSecurityPolicy(programs: readonly (string | Uint8Array)[]): string {
  return [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `script-src ${programs.map(sourceHash).join(' ')}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** ECharts for inside a script element, byte by byte as it is otherwise. */
function echartsForScript(): Uint8Array {
  return Buffer.from(programForScript(echartsProgram().toString('latin1')), 'latin1');
}

/** Where ECharts goes. Names in the data are escaped, so nothing else on the page looks like it. */
const placeOfEcharts = '<script></script>';

/** The report as HTML, in parts that follow each other. The same contents give the same text. */
export function reportPage({
  answers,
  summary,
  generatedAt,
}: ReportContents): readonly (string | Uint8Array)[] {
  const echarts = echartsForScript();
  const drawing = programForScript(drawingProgram() + pageFile('report_charts.js'));
  const time = readableTime(generatedAt.getTime());
  const charts = Object.fromEntries(answers.map((answer) => [answer.query.name, chartOptions(answer)]));
  const page = htmlDocument({
    title: 'Pinterest pipeline: the answers',
    head: `<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy([echarts, drawing])}">
<style>
${pageFile('style.css')}</style>`,
    body: `<header>
<h1>What the posts say</h1>
<p>${readableNumber(answers.length)} answers from ${readableNumber(eventsRead(summary))} events, made <time datetime="${generatedAt.toISOString()}">${time}</time>.</p>
</header>
<main>
${summarySection(summary)}
${answersSection(answers)}
</main>
<script type="application/json" id="charts">${jsonForScript(charts)}</script>
${placeOfEcharts}
<script>${drawing}</script>`,
  });
  const [before = '', after = ''] = page.split(placeOfEcharts);
  return [`${before}<script>`, echarts, `</script>${after}`];
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

function eventsRead({ datasets }: Summary): number {
  return datasets.reduce((sum, { read }) => sum + read, 0);
}

function sourceHash(program: string | Uint8Array): string {
  return `'sha256-${createHash('sha256').update(program).digest('base64')}'`;
}
