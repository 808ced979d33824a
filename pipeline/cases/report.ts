/** Prints failures as tables of differences. */
import { at } from '../columns/at.ts';
import type { Row } from '../columns/table.ts';
import type { Schema } from '../plan/types.ts';
import { type Case, nameOf, type Step } from './case.ts';
import type { Score } from './mutation/score.ts';
import type { Difference, DifferenceLine, Failure } from './run_cases.ts';
import { cellText } from './values.ts';

/** Long tables are cut: what differs comes first in them. */
const linesShown = 40;
const linesOfFailure = 12;

/**
 * Each failure: the case and its place, what was given up to the step that failed, and the differences of each group of
 * engines. An error that ended many cases is told at the first.
 */
export function failuresText(failures: readonly Failure[], schemas: ReadonlyMap<string, Schema>): string {
  const parts: string[] = [];
  let last: Case | undefined;
  let lastStep = -1;
  const told = new Set<string>();
  for (const { of, step, engines, difference } of failures) {
    if ('failure' in difference && told.has(difference.failure)) {
      continue;
    }
    told.add('failure' in difference ? difference.failure : '');
    if (of !== last || step !== lastStep) {
      parts.push(headOf(of, step), ...givenText(of, step, schemas));
    }
    [last, lastStep] = [of, step];
    parts.push(`  ${engines.join('; ')}:\n`, differenceText(difference));
  }
  return parts.join('');
}

function headOf(of: Case, step: number): string {
  const where = step === 0 ? '' : `, after ${step === 1 ? 'its' : `${step} of its`} "then"`;
  return `\n${of.file}:${of.line}: ${nameOf(of.subject)}: ${of.name}${where}\n`;
}

function givenText(of: Case, step: number, schemas: ReadonlyMap<string, Schema>): readonly string[] {
  return of.steps.slice(0, step + 1).flatMap((each, number) => {
    const title = number === 0 ? 'given' : 'then given';
    return [...tablesOf(each, schemas)].map(([name, table]) => `  ${title} ${name}:\n${table}`);
  });
}

function* tablesOf({ given }: Step, schemas: ReadonlyMap<string, Schema>): Iterable<[string, string]> {
  for (const [name, rows] of given) {
    if (rows.form === 'lines') {
      yield [name, rows.lines.map((line) => `      ${line}\n`).join('')];
    } else {
      yield [name, rowsText(rows.rows, schemas.get(name) ?? {})];
    }
  }
}

/** Rows as a table of the columns that are not null everywhere. */
function rowsText(rows: readonly Row[], schema: Schema): string {
  const columns = Object.entries(schema).filter(([name]) => rows.some((row) => (row[name] ?? null) !== null));
  const lines = rows.map(
    (row): DifferenceLine => ({
      sign: ' ',
      cells: columns.map(([name, type]) => cellText(type, row[name] ?? null)),
    }),
  );
  return tableText(
    columns.map(([name]) => name),
    lines,
  );
}

function differenceText(difference: Difference): string {
  if ('failure' in difference) {
    // A traceback says at its end what is wrong.
    const lines = difference.failure.trim().split('\n').slice(-linesOfFailure);
    return `      failed: ${lines.join('\n      ')}\n`;
  }
  const { table, columns, lines } = difference;
  const title = table === 'rows' ? '' : '      quarantine:\n';
  const kept = lines.length > linesShown ? lines.filter(({ sign }) => sign !== ' ') : lines;
  const cut = kept.slice(0, linesShown);
  const rest = lines.length - cut.length;
  return `${title}${tableText(columns, cut)}${rest > 0 ? `      … and ${rest} more rows\n` : ''}      (- expected, + got)\n`;
}

function tableText(columns: readonly string[], lines: readonly DifferenceLine[]): string {
  const rows = [{ sign: ' ', cells: columns }, ...lines];
  const widths = columns.map((_, at) => Math.max(...rows.map(({ cells }) => (cells[at] ?? '').length)));
  return rows
    .map(({ sign, cells }) =>
      `    ${sign} ${cells.map((cell, column) => cell.padEnd(at(widths, column))).join(' | ')}`.trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** The faults that no case notices, query by query. */
export function scoreText({ file, planted, unnoticed, outdated }: Score): string {
  const lines = [`${nameOf(file.subject)}: ${planted - unnoticed.length} of ${planted} faults noticed\n`];
  for (const { text, because } of unnoticed) {
    lines.push(
      because === undefined ? `  not noticed: ${text}\n` : `  changes no answer: ${text}\n    ${because}\n`,
    );
  }
  for (const { fault, line } of outdated) {
    lines.push(`  ${file.file}:${line}: no fault that cases leave unnoticed is called: ${fault}\n`);
  }
  return lines.join('');
}
