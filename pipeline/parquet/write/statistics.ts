/**
 * Statistics of a column's values: nulls, the smallest and the largest value.
 *
 * Rows are below the column's length, so no `??` of an indexed read is ever reached.
 */

import type { NumberColumn, StringColumn } from '../../columns/column.ts';
import { type PlainByteArrays, prefixBytes } from '../../columns/plain_byte_arrays.ts';

/** A bound is a number as the column holds it, or a string's UTF-8; undefined when all values are null. */
export interface ColumnStatistics {
  readonly nulls: number;
  readonly min?: number | Uint8Array;
  readonly max?: number | Uint8Array;
}

/** Merges the statistics of two parts of a column. */
export function mergeStatistics(a: ColumnStatistics, b: ColumnStatistics): ColumnStatistics {
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

/** The smallest and the largest of some strings of a column, by their UTF-8; no bounds for no strings. */
export function stringBounds(
  { dictionary }: StringColumn,
  codes: Int32Array,
): Omit<ColumnStatistics, 'nulls'> {
  const { bytes, ends } = dictionary.stored;
  const bounds = new StringBounds(bytes);
  for (const code of codes) {
    bounds.add(code === 0 ? 0 : (ends[code - 1] ?? 0), ends[code] ?? 0);
  }
  return bounds.found;
}

/** The statistics of strings from one row up to another, by their UTF-8. */
export function plainByteArrayStatistics(
  column: PlainByteArrays,
  from: number,
  to: number,
): ColumnStatistics {
  const bounds = new StringBounds(column.bytes);
  let nulls = 0;
  for (let row = from, start = column.endOf(from - 1); row < to; row += 1) {
    const end = column.endOf(row);
    if (column.isNull(row)) {
      nulls += 1;
    } else {
      bounds.add(start + prefixBytes, end);
    }
    start = end;
  }
  return { nulls, ...bounds.found };
}

/** The smallest and the largest of some strings of one byte array. */
class StringBounds {
  private readonly view: DataView;
  private min = -1;
  private minEnd = -1;
  private max = -1;
  private maxEnd = -1;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  add(start: number, end: number): void {
    if (this.min < 0) {
      this.min = start;
      this.minEnd = end;
      this.max = start;
      this.maxEnd = end;
    } else if (this.isBefore(start, end, this.min, this.minEnd)) {
      this.min = start;
      this.minEnd = end;
    } else if (this.isBefore(this.max, this.maxEnd, start, end)) {
      this.max = start;
      this.maxEnd = end;
    }
  }

  get found(): Omit<ColumnStatistics, 'nulls'> {
    const { bytes, min, minEnd, max, maxEnd } = this;
    return min < 0 ? {} : { min: bytes.slice(min, minEnd), max: bytes.slice(max, maxEnd) };
  }

  private isBefore(a: number, endOfA: number, b: number, endOfB: number): boolean {
    const { view } = this;
    const common = Math.min(endOfA - a, endOfB - b);
    let i = 0;
    for (; i + 4 <= common; i += 4) {
      const x = view.getUint32(a + i);
      const y = view.getUint32(b + i);
      if (x !== y) {
        return x < y;
      }
    }
    for (; i < common; i += 1) {
      const x = view.getUint8(a + i);
      const y = view.getUint8(b + i);
      if (x !== y) {
        return x < y;
      }
    }
    return endOfA - a < endOfB - b;
  }
}
