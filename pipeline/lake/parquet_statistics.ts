/** What is known of a column's values without reading them: nulls, the smallest and the largest value. */

import type { NumberColumn, TextColumn } from '../table/column.ts';

/** A bound is a number as the column holds it, or a text's UTF-8; undefined where no value is known. */
export interface ColumnStatistics {
  readonly nulls: number;
  readonly min?: number | Uint8Array;
  readonly max?: number | Uint8Array;
}

/** The statistics of two parts of a column together. */
export function merged(a: ColumnStatistics, b: ColumnStatistics): ColumnStatistics {
  const min = first(a.min, b.min, (x, y) => compare(x, y) <= 0);
  const max = first(a.max, b.max, (x, y) => compare(x, y) >= 0);
  return {
    nulls: a.nulls + b.nulls,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
}

type Bound = number | Uint8Array;

function first(a: Bound | undefined, b: Bound | undefined, isFirst: (a: Bound, b: Bound) => boolean) {
  return a === undefined ? b : b === undefined || isFirst(a, b) ? a : b;
}

function compare(a: Bound, b: Bound): number {
  return typeof a === 'number' || typeof b === 'number' ? Number(a) - Number(b) : Buffer.compare(a, b);
}

/** The statistics of numbers from one row up to another. */
export function numberStatistics({ values }: NumberColumn, from: number, to: number): ColumnStatistics {
  let nulls = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let row = from; row < to; row += 1) {
    const value = values[row] ?? Number.NaN;
    if (Number.isNaN(value)) {
      nulls += 1;
    } else {
      min = value < min ? value : min;
      max = value > max ? value : max;
    }
  }
  return nulls === to - from ? { nulls } : { nulls, min, max };
}

/** The smallest and the largest of some texts of a column, by their UTF-8; none of no texts. */
export function textBounds({ dictionary }: TextColumn, codes: Int32Array): Omit<ColumnStatistics, 'nulls'> {
  const { bytes, ends } = dictionary.stored;
  const order = (a: number, b: number): number => {
    let x = a === 0 ? 0 : (ends[a - 1] ?? 0);
    let y = b === 0 ? 0 : (ends[b - 1] ?? 0);
    const xEnd = ends[a] ?? 0;
    const yEnd = ends[b] ?? 0;
    for (; x < xEnd && y < yEnd; x += 1, y += 1) {
      const difference = (bytes[x] ?? 0) - (bytes[y] ?? 0);
      if (difference !== 0) {
        return difference;
      }
    }
    return xEnd - x - (yEnd - y);
  };
  let min = codes[0];
  let max = min;
  if (min === undefined || max === undefined) {
    return {};
  }
  for (const code of codes) {
    if (order(code, min) < 0) {
      min = code;
    } else if (order(code, max) > 0) {
      max = code;
    }
  }
  return { min: dictionary.bytesOf(min).slice(), max: dictionary.bytesOf(max).slice() };
}
