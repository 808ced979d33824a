/** The report of a run: one self-contained page that opens from disk, with every answer as a chart and a table. */
import { replaceFile } from '../../storage/durable_files.ts';
import { readableNumber, readableTime } from '../readable.ts';
import type { Summary } from '../summary.ts';
import { type AnswerRows, answersSection, chartOptions } from './answer_cards.ts';
import { chartScript, echartsScript, pageFile } from './assets.ts';
import { contentSecurityPolicy } from './content_security_policy.ts';
import { htmlDocument } from './document.ts';
import { escapeScript, jsonForScript } from './html.ts';
import { summarySection } from './summary_section.ts';

export interface ReportContents {
  readonly answers: readonly AnswerRows[];
  readonly summary: Summary;
  readonly generatedAt: Date;
}

/** ECharts escaped for a script element. Latin-1 keeps all other bytes as they are. */
function echartsForScript(): Uint8Array {
  return Buffer.from(escapeScript(echartsScript().toString('latin1')), 'latin1');
}

/** Marks where ECharts goes. Names in the data are escaped, so nothing else on the page looks like it. */
const echartsMark = '<script></script>';

/** The report as consecutive parts of HTML. The same contents give the same bytes. */
export function reportPage({
  answers,
  summary,
  generatedAt,
}: ReportContents): readonly (string | Uint8Array)[] {
  const echarts = echartsForScript();
  const drawing = escapeScript(chartScript() + pageFile('report_charts.js'));
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
${echartsMark}
<script>${drawing}</script>`,
  });
  const [before = '', after = ''] = page.split(echartsMark);
  return [`${before}<script>`, echarts, `</script>${after}`];
}

/**
 * Writes the report atomically, and creates its folder.
 * @throws Error when the file cannot be written, naming it
 */
export async function writeReport(file: string, contents: ReportContents): Promise<void> {
  const page = reportPage(contents);
  try {
    await replaceFile(file, page);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The report ${file} could not be written: ${reason}.`, { cause: error });
  }
}

function eventsRead({ datasets }: Summary): number {
  return datasets.reduce((sum, { read }) => sum + read, 0);
}
