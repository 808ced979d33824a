/** The outputs of the batch path beside the lake: a JSON file, a report, and tables for a terminal. */
import type { Answer, BatchResult } from '../batch/run.ts';
import { type Row, rowsOf } from '../columns/table.ts';
import type { Comparison } from '../compare/comparison.ts';
import { writeJson } from './json_file.ts';
import { summaryOf } from './summary.ts';
import { textTable } from './terminal/text_tables.ts';
import { writeReport } from './web/report.ts';

/** Writes `{"<query name>": [{column: value}, …], …}`: the whole file or none of it; `-` is standard output. */
export async function writeAnswers(file: string, answers: readonly Answer[]): Promise<void> {
  const rows = Object.fromEntries(answers.map(({ query, table }) => [query.name, rowsOf(table)]));
  await writeJson(file, rows);
}

/** Writes the report page. */
export async function writeBatchReport(file: string, result: BatchResult): Promise<void> {
  const answers = result.answers.map(({ query, table }) => ({ query, rows: rowsOf(table) }));
  await writeReport(file, {
    answers,
    summary: summaryOf(result.landing, result.seconds),
    generatedAt: new Date(),
  });
}

/** Rows of an answer that are printed; the report and the JSON file have all. */
const printedRows = 24;

/** The nine tables and the totals, for a terminal. */
export function printedBatch(result: BatchResult): string {
  const answers = result.answers.map(({ query, table }) => {
    const rows = rowsOf(table);
    const more = rows.length > printedRows ? `\n… and ${rows.length - printedRows} more` : '';
    return `${query.title}\n${textTable(query.schema, rows.slice(0, printedRows))}${more}\n`;
  });
  const { datasets, files, filesBefore, seconds, warnings } = summaryOf(result.landing, result.seconds);
  const totals = datasets.map(
    ({ name, read, kept, repeated, quarantined, erased, known }): Row => ({
      dataset: name,
      read,
      kept,
      repeated,
      ...quarantined,
      erased,
      known,
    }),
  );
  const nulled = datasets.flatMap(({ name, nulled: values }) =>
    Object.entries(values).map(([rule, count]) => `${name}: ${count} values made null by ${rule}`),
  );
  const columns = { dataset: 'text', read: 'bigint', kept: 'bigint', repeated: 'bigint' } as const;
  const reasons = { malformed_json: 'bigint', missing_key: 'bigint' } as const;
  const others = { erased: 'bigint', known: 'bigint' } as const;
  const before = filesBefore === 0 ? '' : `; ${filesBefore} were read before`;
  const { filesFromBronze } = result.landing;
  const copied = filesFromBronze === 0 ? '' : ` (${filesFromBronze} gone, from bronze)`;
  return [
    ...answers,
    `Read from ${files} landing files${copied} in ${seconds.toFixed(1)} s${before}`,
    textTable({ ...columns, ...reasons, ...others }, totals),
    ...nulled,
    ...warnings.map((warning) => `Warning: ${warning}`),
    '',
  ].join('\n');
}

/** The comparison of both paths, for a terminal. */
export function printedComparison({ verdict, parts }: Comparison): string {
  const rows = parts.map(({ what, batch, stream, same }) => ({
    what,
    batch,
    stream,
    same: same ? 'yes' : 'NO',
  }));
  const schema = { what: 'text', batch: 'bigint', stream: 'bigint', same: 'text' } as const;
  const words = verdict === 'same' ? 'the same rows, the same answers' : verdict;
  return `Batch and stream: ${words}\n${textTable(schema, rows)}\n`;
}
