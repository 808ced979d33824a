/** The statistics of a file's rows that its log entry tells (Delta protocol, "Per-file Statistics"). */

import type { ColumnStatistics } from '../parquet/write/statistics.ts';
import type { ColumnType, Schema } from '../plan/types.ts';

type Bound = string | number | undefined;

/** The `stats` of a file: so many rows of a schema, and what is known of each column. */
export function statisticsText(
  schema: Schema,
  numRecords: number,
  columns: Readonly<Record<string, ColumnStatistics>>,
): string {
  const known = Object.entries(schema).map(([name, type]) => ({
    name,
    type,
    of: columns[name] ?? { nulls: 0 },
  }));
  const bounds = (side: 'min' | 'max') =>
    Object.fromEntries(
      known.flatMap(({ name, type, of }) => {
        const value = of[side];
        const stated = value === undefined ? undefined : boundOf[type](value, side);
        return stated === undefined ? [] : [[name, stated]];
      }),
    );
  return JSON.stringify({
    numRecords,
    minValues: bounds('min'),
    maxValues: bounds('max'),
    nullCount: Object.fromEntries(known.map(({ name, of }) => [name, of.nulls])),
  });
}

type Side = 'min' | 'max';

/** JSON knows no infinity; booleans and arrays are given no bounds, as other writers do. */
const boundOf: Readonly<Record<ColumnType, (value: number | Uint8Array, side: Side) => Bound>> = {
  bigint: (value) => Number(value),
  int: (value) => Number(value),
  double: (value) => (Number.isFinite(value) ? Number(value) : undefined),
  boolean: () => undefined,
  timestamp: (value, side) =>
    timestampBound(side === 'min' ? Math.floor(Number(value)) : Math.ceil(Number(value))),
  text: (value, side) =>
    typeof value === 'number' ? undefined : textBound(Buffer.from(value).toString(), side),
  'array<double>': () => undefined,
};

/** ISO 8601 with milliseconds, for the years that it writes with four digits. */
function timestampBound(milliseconds: number): string | undefined {
  const date = new Date(milliseconds);
  const text = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  return /^\d{4}-/.test(text) ? text : undefined;
}

/** Long texts are cut, as other writers do: the log is read whole by everyone. */
const boundLength = 32;
const lastCodePoint = '\u{10FFFF}';

/** A text's first characters, which are never after it; or what is never before it, none where cutting could not tell. */
function textBound(text: string, side: Side): string | undefined {
  const start = [...text.slice(0, boundLength * 2)].slice(0, boundLength).join('');
  if (side === 'min' || start === text) {
    return start;
  }
  return text.startsWith(lastCodePoint, start.length) ? undefined : start + lastCodePoint;
}
