/**
 * The pages of a column of strings: offsets into a dictionary of the row group, or the strings themselves.
 *
 * Rows are below the column's length, and codes below the dictionary's size, so no `?? 0` or `?? -1` here is ever reached
 * for a wrong index; checking each would slow the loops over rows.
 */
import type { StringColumn } from '../../columns/column.ts';
import type { PlainByteArrays } from '../../columns/plain_byte_arrays.ts';
import { type EncodedPages, encodedValues, type FlatRows, flatPages, rowsInPage } from './pages.ts';
import { plainByteArrayStatistics, stringBounds } from './statistics.ts';
import { addHybrid, addStrings, ByteBuffer, bitWidthOf, lengthOfString } from './values.ts';

/** Bytes of strings in a page: it ends after the string that reaches this. */
const stringBytesInPage = 1 << 20;

/** A dictionary is written when it makes the strings shorter than this share. */
const worthwhileShare = 0.6;

/** Encodes a column's row groups, one after the other. */
export class StringPages {
  /** By code: the offset of the string in the row group's dictionary, plus `base`; less than `base` from older groups. */
  private offsets = new Int32Array(0);
  private base = 1;

  constructor(private readonly column: StringColumn) {}

  /** The pages of the rows from one up to another. */
  of(from: number, to: number): EncodedPages {
    const { dictionary, codes } = this.column;
    const { base, distinct, nulls, bytes, distinctBytes } = this.distinctCodes(codes.subarray(from, to));
    const statistics = { nulls, ...stringBounds(this.column, distinct) };
    const width = bitWidthOf(distinct.length - 1);
    const levels = (into: Uint8Array, start: number, end: number) => {
      for (let row = start; row < end; row += 1) {
        into[row - start] = (codes[row] ?? -1) < 0 ? 0 : 1;
      }
    };
    const rows = { from, to, levels, hasNulls: nulls > 0 };
    const encodedBytes = distinctBytes + ((to - from - nulls) * width) / 8;
    if (distinct.length === 0 || encodedBytes > bytes * worthwhileShare) {
      return this.plain(rows, statistics);
    }
    const values = dictionaryValues;
    values.length = 0;
    values.reserve(distinctBytes);
    addStrings(values, dictionary.stored, distinct, 0, distinct.length);
    const page = new Int32Array(rowsInPage);
    return {
      type: 'BYTE_ARRAY',
      encoding: 'RLE_DICTIONARY',
      statistics,
      dictionary: { size: distinct.length, values: values.used },
      pages: flatPages(
        rows,
        encodedValues((into, start, end) => {
          const count = this.offsetsOf(codes.subarray(start, end), base, page);
          into.reserve(1);
          into.bytes[into.length++] = width;
          addHybrid(into, page, count, width);
        }),
      ),
    };
  }

  private plain(rows: FlatRows, statistics: EncodedPages['statistics']): EncodedPages {
    const { dictionary, codes } = this.column;
    return {
      type: 'BYTE_ARRAY',
      encoding: 'PLAIN',
      statistics,
      pages: flatPages(
        { ...rows, end: pageEnds(this.column) },
        encodedValues((into, start, end) => addStrings(into, dictionary.stored, codes, start, end)),
      ),
    };
  }

  /** Finds the distinct codes of a row group and gives each an offset. */
  private distinctCodes(codes: Int32Array) {
    const { size, stored } = this.column.dictionary;
    const { ends } = stored;
    if (this.offsets.length < size) {
      this.offsets = new Int32Array(size);
      this.base = 1;
    }
    const { offsets, base } = this;
    const distinct = new Int32Array(Math.min(codes.length, size));
    let count = 0;
    let nulls = 0;
    /** Bytes of all rows' strings, and of the distinct ones, with their lengths. */
    let bytes = 0;
    let distinctBytes = 0;
    for (let row = 0; row < codes.length; row += 1) {
      const code = codes[row] ?? -1;
      if (code < 0) {
        nulls += 1;
        continue;
      }
      const length = lengthOfString(ends, code) + 4;
      bytes += length;
      if ((offsets[code] ?? 0) < base) {
        offsets[code] = base + count;
        distinct[count] = code;
        count += 1;
        distinctBytes += length;
      }
    }
    this.base += count;
    return { base, distinct: distinct.subarray(0, count), nulls, bytes, distinctBytes };
  }

  /** Writes the offsets of the rows that are not null. @returns their number */
  private offsetsOf(codes: Int32Array, base: number, into: Int32Array): number {
    const { offsets } = this;
    let count = 0;
    for (let row = 0; row < codes.length; row += 1) {
      const code = codes[row] ?? -1;
      if (code >= 0) {
        into[count] = (offsets[code] ?? 0) - base;
        count += 1;
      }
    }
    return count;
  }
}

const dictionaryValues = new ByteBuffer();

function pageEnds({ dictionary, codes }: StringColumn) {
  const { ends } = dictionary.stored;
  return (start: number, atMost: number): number => {
    let row = start;
    for (let bytes = 0; row < atMost && bytes < stringBytesInPage; row += 1) {
      const code = codes[row] ?? -1;
      bytes += code < 0 ? 0 : lengthOfString(ends, code) + 4;
    }
    return row;
  };
}

/** Pages that are slices of strings that are encoded already. */
export function plainByteArrayPages(column: PlainByteArrays, from: number, to: number): EncodedPages {
  const statistics = plainByteArrayStatistics(column, from, to);
  const { bytes } = column;
  const levels = (into: Uint8Array, start: number, next: number) => {
    for (let row = start; row < next; row += 1) {
      into[row - start] = column.isNull(row) ? 0 : 1;
    }
  };
  const end = (start: number, atMost: number): number => {
    const first = column.endOf(start - 1);
    let row = start + 1;
    while (row < atMost && column.endOf(row - 1) - first < stringBytesInPage) {
      row += 1;
    }
    return row;
  };
  return {
    type: 'BYTE_ARRAY',
    encoding: 'PLAIN',
    statistics,
    pages: flatPages({ from, to, levels, hasNulls: statistics.nulls > 0, end }, (start, next) =>
      bytes.subarray(column.endOf(start - 1), column.endOf(next - 1)),
    ),
  };
}
