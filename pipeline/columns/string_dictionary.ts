import { ensureCapacity } from './ensure_capacity.ts';
import { areEqual, hashBytes } from './hash.ts';
import { HashIndex } from './hash_index.ts';
import type { StringCode } from './ids.ts';

// Indexes are within bounds: `??` only satisfies the type, and a check would slow the loops.

/**
 * A set of strings, each with a small integer code: 0, 1, 2 … in the order of first use. One array holds them all as UTF-8
 * and a hash finds them, so that a million of them cost bytes and not objects, and a reader of bytes makes no strings.
 */
export class StringDictionary {
  private bytes: Uint8Array = new Uint8Array(1 << 12);
  private view: DataView = new DataView(this.bytes.buffer);
  /** The end of each code's string; its start is the end of the one before. */
  private ends = new Uint32Array(1 << 8);
  private readonly index = new HashIndex();
  /** Decoded strings by code. */
  private readonly strings: (string | undefined)[] = [];
  private count = 0;
  /** The number of strings that are in the index: the first ones. */
  private indexed = 0;

  /** The number of different strings. */
  get size(): number {
    return this.count;
  }

  /** The code of a string, a new one at its first use. An unpaired surrogate becomes U+FFFD. */
  intern(string: string): StringCode {
    if (buffer.byteLength < string.length * 3) {
      buffer = new Uint8Array(string.length * 4);
    }
    const { written } = encoder.encodeInto(string, buffer);
    return this.internBytes(buffer, 0, written);
  }

  /** The code of the UTF-8 string in `bytes` from `start` up to `end`. */
  internBytes(bytes: Uint8Array, start: number, end: number): StringCode {
    if (this.indexed < this.count) {
      this.indexAll();
    }
    const { index } = this;
    const view = viewOf(bytes);
    const hash = hashBytes(view, start, end);
    let code = index.first(hash);
    while (code >= 0 && !this.isEqual(code, view, start, end)) {
      code = index.next(hash);
    }
    if (code < 0) {
      code = this.append(view, start, end);
      index.insert(code, hash);
    }
    return code;
  }

  /** The string of a code. @throws RangeError when there is none */
  stringAt(code: StringCode): string {
    const cached = this.strings[code];
    if (cached !== undefined) {
      return cached;
    }
    const [start, end] = this.span(code);
    const string = Buffer.from(this.bytes.buffer, start, end - start).toString('utf8');
    this.strings[code] = string;
    return string;
  }

  /** The code here of a string of another dictionary. */
  internFrom(other: StringDictionary, code: StringCode): StringCode {
    const [start, end] = other.span(code);
    return this.internBytes(other.bytes, start, end);
  }

  /**
   * Adds strings that differ from each other and from all that are here; they are hashed at the next search.
   * @param bytes their UTF-8, one after the other
   * @param ends where each ends
   */
  addDifferent(bytes: Uint8Array, ends: Uint32Array): void {
    const from = this.count === 0 ? 0 : (this.ends[this.count - 1] ?? 0);
    this.reserveBytes(from + bytes.length);
    this.bytes.set(bytes, from);
    this.ends = ensureCapacity(this.ends, this.count + ends.length);
    for (let i = 0; i < ends.length; i += 1) {
      this.ends[this.count + i] = from + (ends[i] ?? 0);
    }
    this.count += ends.length;
  }

  /** The UTF-8 bytes of a code, a view that holds until the next string is added. */
  bytesOf(code: StringCode): Uint8Array {
    const [start, end] = this.span(code);
    return this.bytes.subarray(start, end);
  }

  /** The layout of all strings: their UTF-8 one after the other, and where each ends; views that hold until the next is added. */
  get stored(): { readonly bytes: Uint8Array; readonly ends: Uint32Array } {
    return { bytes: this.bytes, ends: this.ends };
  }

  private span(code: StringCode): readonly [start: number, end: number] {
    const end = code < this.count ? this.ends[code] : undefined;
    if (end === undefined) {
      throw new RangeError(`There is no string ${code} in a dictionary of ${this.count}.`);
    }
    return [this.startOf(code), end];
  }

  private startOf(code: StringCode): number {
    return code === 0 ? 0 : (this.ends[code - 1] ?? 0);
  }

  private isEqual(code: StringCode, view: DataView, start: number, end: number): boolean {
    const from = this.startOf(code);
    const length = (this.ends[code] ?? 0) - from;
    return length === end - start && areEqual(this.view, from, view, start, length);
  }

  /** Adds the bytes of a new string. */
  private append(view: DataView, start: number, end: number): StringCode {
    const code = this.count;
    let to = this.startOf(code);
    this.ends = ensureCapacity(this.ends, code + 1);
    this.ends[code] = to + end - start;
    this.reserveBytes(to + end - start);
    const own = this.view;
    let from = start;
    for (; from + 4 <= end; from += 4, to += 4) {
      own.setInt32(to, view.getInt32(from, true), true);
    }
    for (; from < end; from += 1, to += 1) {
      own.setUint8(to, view.getUint8(from));
    }
    this.count += 1;
    this.indexed = this.count;
    return code;
  }

  private reserveBytes(bytes: number): void {
    if (bytes > this.bytes.length) {
      this.bytes = ensureCapacity(this.bytes, bytes);
      this.view = new DataView(this.bytes.buffer);
    }
  }

  /** Hashes the strings that are not in the index. */
  private indexAll(): void {
    this.index.reserve(this.count);
    for (; this.indexed < this.count; this.indexed += 1) {
      this.index.add(this.indexed, hashBytes(this.view, ...this.span(this.indexed)));
    }
  }
}

const encoder = new TextEncoder();
let buffer = new Uint8Array(1 << 10);

/** The array of the last search and a view of it: strings of one array are mostly searched one after the other. */
let viewed: Uint8Array = buffer;
let lastView: DataView = new DataView(viewed.buffer);

function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== viewed) {
    viewed = bytes;
    lastView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return lastView;
}
