/** Aligned tables for terminals. */

import type { Row } from '../../columns/table.ts';
import type { Schema } from '../../plan/types.ts';
import { isNumeric, readableValue } from '../readable.ts';
import { displayWidth, truncateToWidth } from './display_width.ts';

/** Cells wider than this many terminal columns are truncated with `…`. */
const maximumCellWidth = 40;

/**
 * Rows as an aligned table, one line each, below the names of the columns; without a final line end. Numbers have
 * separators and are right-aligned; wide characters and emoji count as the two terminal columns that they take.
 */
export function textTable(schema: Schema, rows: readonly Row[]): string {
  const columns = Object.entries(schema).map(([name, type]) => {
    const values = rows.map((row) => singleLine(readableValue(row[name] ?? null, type)));
    const cells = [name, ...values.map((value) => truncateToWidth(value, maximumCellWidth))];
    const width = cells.reduce((widest, cell) => Math.max(widest, displayWidth(cell)), 0);
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

function aligned(cell: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(cell)));
  return right ? space + cell : cell + space;
}

/** Replaces control characters and direction overrides, which would break the table or the terminal. */
function singleLine(value: string): string {
  return value.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
