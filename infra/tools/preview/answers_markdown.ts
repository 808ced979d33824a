/** Changes to answers as Markdown: how many rows, and the first of them. */
import { cell } from './markdown.ts';
import type { Row, TableDifference } from './table_difference.ts';

const mostRows = 10;

/** A table of counts, and for each table that changes the first rows; one sentence when nothing does. */
export function answersMarkdown(tables: readonly TableDifference[], over: string): string {
  const changed = tables.filter(({ come, gone, changed }) => come.length + gone.length + changed.length > 0);
  const unchanged = tables.length - changed.length;
  if (changed.length === 0) {
    return `None of the ${tables.length} tables changes, over ${over}.`;
  }
  const counts = changed.map(
    ({ table, before, after, come, gone, changed }) =>
      `| ${cell(table)} | ${before} | ${after} | ${come.length} | ${gone.length} | ${changed.length} |`,
  );
  return [
    `Over ${over}; ${unchanged === 0 ? 'every table changes' : `${unchanged} other tables are as they were`}.`,
    '',
    '| table | rows before | rows after | come | gone | changed |',
    '|---|---|---|---|---|---|',
    ...counts,
    ...changed.flatMap((table) => ['', ...rowsOfTable(table)]),
  ].join('\n');
}

function rowsOfTable({ table, come, gone, changed }: TableDifference): readonly string[] {
  const columns = Object.keys(come[0] ?? gone[0] ?? changed[0]?.after ?? {});
  const lines = [
    ...changed.map(({ before, after }) =>
      line('changed', columns, (column) =>
        same(before[column], after[column])
          ? shown(after[column])
          : `<del>${shown(before[column])}</del> → ${shown(after[column])}`,
      ),
    ),
    ...gone.map((row) => line('gone', columns, (column) => shown(row[column]))),
    ...come.map((row: Row) => line('come', columns, (column) => shown(row[column]))),
  ];
  const more = lines.length > mostRows ? [`… and ${lines.length - mostRows} more rows.`] : [];
  return [
    `<details><summary>${cell(table)}</summary>`,
    '',
    `| | ${columns.map(cell).join(' | ')} |`,
    `|---|${'---|'.repeat(columns.length)}`,
    ...lines.slice(0, mostRows),
    '',
    ...more,
    '</details>',
  ];
}

function line(kind: string, columns: readonly string[], show: (column: string) => string): string {
  return `| ${kind} | ${columns.map(show).join(' | ')} |`;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return cell(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
