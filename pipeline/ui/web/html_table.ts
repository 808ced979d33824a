/** Tables as HTML, which scroll by themselves when they are long. */

/** A table whose caption, headings and cells are HTML already; the first cell of a row is its header. */
export interface HtmlTable {
  /** The prefix of its ids on the page. */
  readonly id: string;
  readonly caption: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The indexes of columns of numbers, which are right-aligned. */
  readonly numeric: readonly number[];
}

export function htmlTable({ id, caption, headings, rows, numeric }: HtmlTable): string {
  const css = (column: number) => (numeric.includes(column) ? ' class="number"' : '');
  const lines = rows.map((cells) => {
    const row = cells.map((cell, column) =>
      column === 0 ? `<th scope="row"${css(column)}>${cell}</th>` : `<td${css(column)}>${cell}</td>`,
    );
    return `<tr>${row.join('')}</tr>`;
  });
  return `<div class="table" role="region" aria-labelledby="${id}-caption" tabindex="0">
<table>
<caption id="${id}-caption">${caption}</caption>
<thead><tr>${headings.map((heading, column) => `<th scope="col"${css(column)}>${heading}</th>`).join('')}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table>
</div>`;
}
