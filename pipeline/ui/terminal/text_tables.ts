/** Tables for terminals: aligned whatever is in them. */

import type { Row } from '../../columns/table.ts';
import type { Schema } from '../../plan/types.ts';
import { isNumeric, readableValue } from '../readable.ts';
import { cutToWidth, textWidth } from './text_width.ts';

/** Text wider than this many columns of the terminal is cut, with `…`. */
export const widestText = 40;

/**
 * Rows as an aligned table, a line each, below the names of the columns; without a last line end. Numbers stand
 * to the right, with separators; wide characters and emoji count as the two columns that they take.
 */
export function textTable(schema: Schema, rows: readonly Row[]): string {
  const columns = Object.entries(schema).map(([name, type]) => {
    const texts = rows.map((row) => onOneLine(readableValue(row[name] ?? null, type)));
    const cells = [name, ...texts.map((text) => cutToWidth(text, widestText))];
    const width = cells.reduce((widest, cell) => Math.max(widest, textWidth(cell)), 0);
    return { cells, width, numeric: isNumeric(type) };
  });
  const line = (index: number) =>
    columns
      .map(({ cells, width, numeric }) => aligned(cells[index] ?? '', width, numeric))
      .join('  ')
      .trimEnd();
  const rule = columns.map(({ width }) => '─'.repeat(width)).join('  ');
  const body = rows.length === 0 ? ['(no rows)'] : rows.map((_, index) => line(index + 1));
  return [line(0), rule, ...body].join('\n');
}

function aligned(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return right ? space + text : text + space;
}

/** Line ends, tabs, escapes and what turns the direction of writing would break the table, or worse, the terminal. */
function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
