/** The statistics of a data file in the log (Delta protocol, "Per-file Statistics"). */

import * as z from 'zod';
import type { ColumnStatistics } from '../parquet/write/statistics.ts';
import type { ColumnType, Schema } from '../plan/types.ts';

type Bound = string | number | undefined;

const statisticsSchema = z.object({
  minValues: z.record(z.string(), z.unknown()).nullish(),
  maxValues: z.record(z.string(), z.unknown()).nullish(),
});

/** The bounds of a column in the `stats` of a file; undefined where they do not tell both. */
export function boundsOf(
  stats: string | null | undefined,
  column: string,
): { readonly min: unknown; readonly max: unknown } | undefined {
  const { minValues, maxValues } = stats ? statisticsSchema.parse(JSON.parse(stats)) : {};
  const [min, max] = [minValues?.[column], maxValues?.[column]];
  return min === undefined || max === undefined ? undefined : { min, max };
}

/** The `stats` of a file in JSON: the number of rows, and the bounds and nulls of each column. */
export function statisticsJson(
  schema: Schema,
  numRecords: number,
  columns: Readonly<Record<string, ColumnStatistics>>,
): string {
  const described = Object.entries(schema).map(([name, type]) => ({
    name,
    type,
    statistics: columns[name] ?? { nulls: 0 },
  }));
  const bounds = (side: 'min' | 'max') =>
    Object.fromEntries(
      described.flatMap(({ name, type, statistics }) => {
        const value = statistics[side];
        const bound = value === undefined ? undefined : boundOf[type](value, side);
        return bound === undefined ? [] : [[name, bound]];
      }),
    );
  return JSON.stringify({
    numRecords,
    minValues: bounds('min'),
    maxValues: bounds('max'),
    nullCount: Object.fromEntries(described.map(({ name, statistics }) => [name, statistics.nulls])),
  });
}

type Side = 'min' | 'max';

/** JSON has no infinity. Booleans and arrays have no bounds, as with other writers. */
const boundOf: Readonly<Record<ColumnType, (value: number | Uint8Array, side: Side) => Bound>> = {
  bigint: (value) => Number(value),
  int: (value) => Number(value),
  double: (value) => (Number.isFinite(value) ? Number(value) : undefined),
  boolean: () => undefined,
  timestamp: (value, side) =>
    timestampBound(side === 'min' ? Math.floor(Number(value)) : Math.ceil(Number(value))),
  date: (value) => timestampBound(Number(value))?.slice(0, 10),
  text: (value, side) =>
    typeof value === 'number' ? undefined : stringBound(Buffer.from(value).toString(), side),
  'array<double>': () => undefined,
  'array<text>': () => undefined,
};

/** ISO 8601 with milliseconds; undefined for years that need more than four digits. */
function timestampBound(milliseconds: number): string | undefined {
  const date = new Date(milliseconds);
  const iso = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  return /^\d{4}-/.test(iso) ? iso : undefined;
}

/** Code points of a string's bound. Longer strings are cut, as with other writers: every reader reads the whole log. */
const boundLength = 32;
const lastCodePoint = '\u{10FFFF}';

/** A lower bound is the string's start; an upper bound its start and the last code point, undefined where even that is too low. */
function stringBound(value: string, side: Side): string | undefined {
  const start = [...value.slice(0, boundLength * 2)].slice(0, boundLength).join('');
  if (side === 'min' || start === value) {
    return start;
  }
  return value.startsWith(lastCodePoint, start.length) ? undefined : start + lastCodePoint;
}
