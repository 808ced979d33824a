/**
 * Strings that are only written, never looked up. They are kept in Parquet's PLAIN encoding: each after its length in four
 * bytes, null as nothing, so that a page of a file is a slice of them.
 *
 * Indexes of `ends` are rows below `length`, so its `?? 0` is never reached; checking them would slow the loops over rows.
 */

import type { Schema } from '../plan/types.ts';
import type { Column, StringColumn } from './column.ts';
import { ensureCapacity } from './ensure_capacity.ts';

/** A column that can be written. */
export type StoredColumn = Column | PlainByteArrays;

/** A table that can be written. */
export interface StoredTable {
  readonly schema: Schema;
  readonly columns: Readonly<Record<string, StoredColumn>>;
  /** The number of rows. */
  readonly length: number;
}

/** Bytes of the length before each string. */
export const prefixBytes = 4;

export class PlainByteArrays {
  readonly type = 'text';
  private stored: Uint8Array = new Uint8Array(1 << 22);
  private view = viewOf(this.stored);
  /** The end of each string, or −1 − end for null. */
  private ends = new Int32Array(1 << 8);
  private count = 0;
  /** The end of the last string. */
  private filled = 0;

  /** A column without rows. */
  static empty(): PlainByteArrays {
    return spare.pop() ?? new PlainByteArrays();
  }

  /** Copies the strings of a column. */
  static of({ dictionary, codes }: StringColumn): PlainByteArrays {
    const { bytes, ends } = dictionary.stored;
    const view = viewOf(bytes);
    const strings = PlainByteArrays.empty();
    for (const code of codes) {
      if (code < 0) {
        strings.addNull();
      } else {
        strings.add(view, code === 0 ? 0 : (ends[code - 1] ?? 0), ends[code] ?? 0);
      }
    }
    return strings;
  }

  /** The number of rows. */
  get length(): number {
    return this.count;
  }

  /** The strings with their lengths, one after the other; a view that is valid until the next is added. */
  get bytes(): Uint8Array {
    return this.stored.subarray(0, this.filled);
  }

  /** The end of a row's string in `bytes`; 0 for row −1. */
  endOf(row: number): number {
    const end = row < 0 ? 0 : (this.ends[row] ?? 0);
    return end < 0 ? -1 - end : end;
  }

  /** The end of each row's string in `bytes`, or −1 − end for null; a view that is valid until the next is added. */
  get rowEnds(): Int32Array {
    return this.ends.subarray(0, this.count);
  }

  isNull(row: number): boolean {
    return (this.ends[row] ?? -1) < 0;
  }

  at(row: number): string | null {
    if (row >= this.count || this.isNull(row)) {
      return null;
    }
    return Buffer.from(this.stored.subarray(this.endOf(row - 1) + prefixBytes, this.endOf(row))).toString();
  }

  addNull(): void {
    this.addEnd(-1 - this.filled);
  }

  /** Adds the UTF-8 string of `from`'s bytes from `start` up to `end`. @throws RangeError beyond 2 GiB, as all that add */
  add(from: DataView, start: number, end: number): void {
    const length = end - start;
    const last = this.filled + prefixBytes + length;
    this.reserve(last);
    const { view } = this;
    view.setInt32(this.filled, length, true);
    const at = this.filled + prefixBytes;
    if (length < 4) {
      for (let i = 0; i < length; i += 1) {
        view.setUint8(at + i, from.getUint8(start + i));
      }
    } else {
      let i = 0;
      for (; i + 8 < length; i += 8) {
        view.setInt32(at + i, from.getInt32(start + i, true), true);
        view.setInt32(at + i + 4, from.getInt32(start + i + 4, true), true);
      }
      // The last eight or four to seven bytes, as two words that may overlap.
      const before = length < 8 ? 0 : length - 8;
      view.setInt32(at + before, from.getInt32(start + before, true), true);
      view.setInt32(at + length - 4, from.getInt32(end - 4, true), true);
    }
    this.filled = last;
    this.addEnd(last);
  }

  /**
   * Adds strings that are encoded already.
   * @param encoded the strings, each after its length; bytes after the last are ignored
   * @param ends the end of each in `encoded`, or −1 − end for null
   */
  addEncoded(encoded: Uint8Array, ends: Int32Array): void {
    const { filled, count } = this;
    const last = ends.at(-1) ?? 0;
    const length = last < 0 ? -1 - last : last;
    this.reserve(filled + length);
    this.stored.set(encoded.subarray(0, length), filled);
    this.ends = ensureCapacity(this.ends, count + ends.length);
    for (let i = 0; i < ends.length; i += 1) {
      const end = ends[i] ?? 0;
      this.ends[count + i] = end < 0 ? end - filled : end + filled;
    }
    this.count += ends.length;
    this.filled += length;
  }

  /** The strings at rows, in their order. */
  gather(rows: Int32Array): PlainByteArrays {
    const gathered = PlainByteArrays.empty();
    for (const row of rows) {
      if (this.isNull(row)) {
        gathered.addNull();
      } else {
        gathered.add(this.view, this.endOf(row - 1) + prefixBytes, this.endOf(row));
      }
    }
    return gathered;
  }

  private reserve(bytes: number): void {
    if (bytes <= this.stored.length) {
      return;
    }
    if (bytes > largest) {
      throw new RangeError(`The strings of a column come to more than ${largest} bytes.`);
    }
    this.stored = ensureCapacity(this.stored, bytes);
    this.view = viewOf(this.stored);
  }

  private addEnd(end: number): void {
    if (this.count === this.ends.length) {
      this.ends = ensureCapacity(this.ends, this.count + 1);
    }
    this.ends[this.count] = end;
    this.count += 1;
  }

  /** Hands the memory to the next column. Nothing may use this one afterwards. */
  release(): void {
    this.count = 0;
    this.filled = 0;
    spare.push(this);
  }
}

/** Released columns, reused because fresh memory costs as much as filling it. */
const spare: PlainByteArrays[] = [];

const largest = 2 ** 31 - 1;

export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
