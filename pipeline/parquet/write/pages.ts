/** Rows of a column as encoded pages, and those of a column that is not an array. */

import type { Encoding, ParquetType } from 'hyparquet';
import type { ColumnStatistics } from './statistics.ts';
import { addHybrid, addRun, ByteBuffer } from './values.ts';

export const rowsInPage = 1 << 15;

/** One data page before compression. Its bytes are valid until the next page is asked for. */
export interface EncodedPage {
  readonly rows: number;
  /** Values and nulls. */
  readonly slots: number;
  readonly nulls: number;
  readonly repetition: Uint8Array;
  readonly definition: Uint8Array;
  readonly values: Uint8Array;
}

/** The pages of a column chunk. */
export interface EncodedPages {
  readonly type: ParquetType;
  readonly encoding: Encoding;
  readonly statistics: ColumnStatistics;
  readonly dictionary?: { readonly size: number; readonly values: Uint8Array };
  readonly pages: Iterable<EncodedPage>;
}

/** The rows of a column chunk, and where their pages end. */
export interface FlatRows {
  readonly from: number;
  readonly to: number;
  readonly hasNulls: boolean;
  /** Writes 0 for each null row and 1 for each other. */
  readonly levels: (into: Uint8Array, from: number, to: number) => void;
  /** The end of a page that begins at a row, when it is before `rowsInPage`. */
  readonly end?: (start: number, atMost: number) => number;
}

/** Makes pages of a column that is not an array. */
export function* flatPages(
  { from, to, hasNulls, levels, end = (_, atMost) => atMost }: FlatRows,
  valuesOf: (from: number, to: number) => Uint8Array,
): Generator<EncodedPage> {
  const defined = new Uint8Array(hasNulls ? rowsInPage : 0);
  const definition = new ByteBuffer();
  for (let start = from; start < to; ) {
    const next = end(start, Math.min(start + rowsInPage, to));
    const rows = next - start;
    let nulls = 0;
    if (hasNulls) {
      levels(defined, start, next);
      for (const level of defined.subarray(0, rows)) {
        nulls += 1 - level;
      }
    }
    definition.length = 0;
    if (nulls === 0) {
      addRun(definition, 1, rows, 1);
    } else {
      addHybrid(definition, defined, rows, 1);
    }
    const values = valuesOf(start, next);
    yield { rows, slots: rows, nulls, repetition: none, definition: definition.used, values };
    start = next;
  }
}

/** Encodes the values of each page into the same buffer: a page is written before the next is asked for. */
export function encodedValues(add: (into: ByteBuffer, from: number, to: number) => void) {
  return (from: number, to: number): Uint8Array => {
    pageValues.length = 0;
    add(pageValues, from, to);
    return pageValues.used;
  };
}

const pageValues = new ByteBuffer();

const none = new Uint8Array(0);
