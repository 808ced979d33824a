/** An answer as an HTML table with every row. */

import type { Row } from '../../columns/table.ts';
import type { Query } from '../../plan/query.ts';
import { heading, isNumeric, readableNumber, readableValue } from '../readable.ts';
import { escapeHtml } from './html.ts';
import { htmlTable } from './html_table.ts';

/** The table of an answer, with its question as the caption. */
export function answerTable({ name, title, schema }: Query, rows: readonly Row[]): string {
  const columns = Object.entries(schema);
  const count = rows.length === 1 ? '1 row' : `${readableNumber(rows.length)} rows`;
  return htmlTable({
    id: escapeHtml(name),
    caption: `<span class="unseen">${escapeHtml(title)} </span>${count}`,
    headings: columns.map(([column]) => escapeHtml(heading(column))),
    rows: rows.map((row) =>
      columns.map(([column, type], index) => {
        const value = escapeHtml(readableValue(row[column] ?? null, type));
        return index === 0 ? value : `<bdi>${value}</bdi>`;
      }),
    ),
    numeric: columns.flatMap(([, type], index) => (isNumeric(type) ? [index] : [])),
  });
}
