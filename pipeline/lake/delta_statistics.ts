/** The statistics of a file's rows that its log entry tells (Delta protocol, "Per-file Statistics"). */

import { ArrayColumn, type Column, type NumberColumn, TextColumn } from '../table/column.ts';
import { type ColumnarTable, columnAt } from '../table/columnar_table.ts';

type Bound = string | number;

interface ColumnStatistics {
  readonly nulls: number;
  readonly min?: Bound | undefined;
  readonly max?: Bound | undefined;
}

/** The `stats` of a table written as one file. */
export function statisticsOf(table: ColumnarTable): string {
  const columns = Object.keys(table.schema).map(
    (name) => [name, columnStatistics(columnAt(table, name))] as const,
  );
  const bounds = (bound: 'min' | 'max') =>
    Object.fromEntries(
      columns.flatMap(([name, found]) => (found[bound] === undefined ? [] : [[name, found[bound]]])),
    );
  return JSON.stringify({
    numRecords: table.length,
    minValues: bounds('min'),
    maxValues: bounds('max'),
    nullCount: Object.fromEntries(columns.map(([name, { nulls }]) => [name, nulls])),
  });
}

function columnStatistics(column: Column): ColumnStatistics {
  if (column instanceof TextColumn) {
    return textStatistics(column);
  }
  if (column instanceof ArrayColumn) {
    let nulls = 0;
    for (let row = 0; row < column.length; row += 1) {
      nulls += column.elementsAt(row) === undefined ? 1 : 0;
    }
    return { nulls };
  }
  return numberStatistics(column);
}

function numberStatistics(column: NumberColumn): ColumnStatistics {
  let nulls = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of column.values) {
    if (Number.isNaN(value)) {
      nulls += 1;
    } else {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  const bound = boundOf[column.type];
  return nulls === column.length
    ? { nulls }
    : { nulls, min: bound(Math.floor, min), max: bound(Math.ceil, max) };
}

type Rounding = (value: number) => number;

/** JSON knows no infinity; booleans are given no bounds, as other writers do. */
const boundOf = {
  bigint: (_, value) => value,
  int: (_, value) => value,
  double: (_, value) => (Number.isFinite(value) ? value : undefined),
  boolean: () => undefined,
  timestamp: (rounding, value) => timestampBound(rounding(value)),
} satisfies Record<NumberColumn['type'], (rounding: Rounding, value: number) => Bound | undefined>;

/** ISO 8601 with milliseconds, for the years that it writes with four digits. */
function timestampBound(milliseconds: number): string | undefined {
  const date = new Date(milliseconds);
  const text = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  return /^\d{4}-/.test(text) ? text : undefined;
}

function textStatistics(column: TextColumn): ColumnStatistics {
  const used = new Uint8Array(column.dictionary.size);
  let nulls = 0;
  let min = -1;
  let max = -1;
  const { dictionary } = column;
  for (const code of column.codes) {
    if (code < 0) {
      nulls += 1;
    } else if (used[code] === 0) {
      used[code] = 1;
      const bytes = dictionary.bytesOf(code);
      min = min < 0 || Buffer.compare(bytes, dictionary.bytesOf(min)) < 0 ? code : min;
      max = max < 0 || Buffer.compare(bytes, dictionary.bytesOf(max)) > 0 ? code : max;
    }
  }
  return min < 0
    ? { nulls }
    : { nulls, min: lowerBound(dictionary.text(min)), max: upperBound(dictionary.text(max)) };
}

/** Long texts are cut, as other writers do: the log is read whole by everyone. */
const boundLength = 32;
const lastCodePoint = '\u{10FFFF}';

/** A text's first characters, which are never after it. */
function lowerBound(text: string): string {
  return [...text.slice(0, boundLength * 2)].slice(0, boundLength).join('');
}

/** A text that is never before the one given; none where cutting could not tell. */
function upperBound(text: string): string | undefined {
  const start = lowerBound(text);
  if (start === text) {
    return text;
  }
  return text.startsWith(lastCodePoint, start.length) ? undefined : start + lastCodePoint;
}
