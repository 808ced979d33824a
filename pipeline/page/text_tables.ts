/** Tables for terminals: aligned whatever is in them. */
import type { Schema, Value } from '../plan/types.ts';
import { isNumeric, readableValue } from './readable.ts';

/** A row as a table prints it. */
type Row = Readonly<Record<string, Value>>;

/** Text wider than this many columns of the terminal is cut, with `…`. */
export const widestText = 40;

/**
 * Rows as an aligned table, a line each, below the names of the columns; without a last line end. Numbers stand
 * to the right, with separators; wide characters and emoji count as the two columns that they take.
 */
export function textTable(schema: Schema, rows: readonly Row[]): string {
  const columns = Object.entries(schema).map(([name, type]) => {
    const cells = [
      name,
      ...rows.map((row) => cut(onOneLine(readableValue(row[name] ?? null, type)), widestText)),
    ];
    const width = Math.max(...cells.map(textWidth));
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

/** How many columns of a terminal a text takes. */
export function textWidth(text: string): number {
  return graphemes(text).reduce((width, grapheme) => width + graphemeWidth(grapheme), 0);
}

function aligned(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return right ? space + text : text + space;
}

/** Line ends, tabs, escapes and what turns the direction of writing would break the table, or worse, the terminal. */
function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '�');
}

function cut(text: string, width: number): string {
  if (textWidth(text) <= width) {
    return text;
  }
  let kept = '';
  let left = width - 1;
  for (const grapheme of graphemes(text)) {
    left -= graphemeWidth(grapheme);
    if (left < 0) {
      break;
    }
    kept += grapheme;
  }
  return `${kept}…`;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** What a reader takes for one character: an emoji of several code points is one. */
function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

const emoji = /\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|\p{Regional_Indicator}/u;
const alone = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
/** East Asian scripts and full-width forms, after Unicode's EastAsianWidth W and F. */
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{17000}-\u{18CFF}\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]/u;

function graphemeWidth(grapheme: string): number {
  if (alone.test(grapheme)) {
    return 0;
  }
  return emoji.test(grapheme) || wide.test(grapheme) ? 2 : 1;
}
