/** An answer as an HTML table with every row, which scrolls by itself when it is long. */

import type { Row } from '../../columns/table.ts';
import type { Query } from '../../plan/query.ts';
import { heading, isNumeric, readableNumber, readableValue } from '../readable.ts';
import { escapeHtml } from './html.ts';

/** The table of an answer, with its question as the caption. */
export function answerTable({ name, title, schema }: Query, rows: readonly Row[]): string {
  const columns = Object.entries(schema);
  const headings = columns.map(
    ([column, type]) =>
      `<th scope="col"${isNumeric(type) ? ' class="number"' : ''}>${escapeHtml(heading(column))}</th>`,
  );
  const lines = rows.map((row) => {
    const cells = columns.map(([column, type], index) => {
      const cell = escapeHtml(readableValue(row[column] ?? null, type));
      const css = isNumeric(type) ? ' class="number"' : '';
      return index === 0 ? `<th scope="row"${css}>${cell}</th>` : `<td${css}><bdi>${cell}</bdi></td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<div class="table" role="region" aria-labelledby="${escapeHtml(name)}-caption" tabindex="0">
<table>
<caption id="${escapeHtml(name)}-caption"><span class="unseen">${escapeHtml(title)} </span>${rowCount(rows.length)}</caption>
<thead><tr>${headings.join('')}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table>
</div>`;
}

function rowCount(rows: number): string {
  return rows === 1 ? '1 row' : `${readableNumber(rows)} rows`;
}
