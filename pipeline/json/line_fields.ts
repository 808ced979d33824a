/**
 * The fields that a block of scanned lines has.
 *
 * Rows are below `length` and fields below `width`, so the `??` of a cell only satisfies the type.
 */
import { ensureCapacity } from '../columns/ensure_capacity.ts';
import { unescaped } from './escapes.ts';
import type { ScanMemory } from './scan_memory.ts';

/** The raw fields of a block of lines. The cell of a field in a row is `row * width + field`. */
export class LineFields {
  /** The rows that are filled. */
  length = 0;
  readonly capacity: number;
  /** The bytes that the spans refer to. */
  bytes: Uint8Array;
  /** The start of a string, −1 for null. */
  readonly starts: Int32Array;
  /** Its end, or −1 − end when it has escapes. */
  readonly ends: Int32Array;
  /** The value of a number field, NaN for null. */
  readonly numbers: Float64Array;
  /** The start of each row's line. */
  readonly lineStarts: Int32Array;
  private unescaped: Uint8Array = new Uint8Array(256);

  /** @param width the number of raw fields */
  constructor(
    readonly width: number,
    readonly memory: ScanMemory,
  ) {
    this.capacity = Math.min(memory.mostRows, Math.floor(memory.mostCells / width));
    this.bytes = memory.bytes;
    this.starts = memory.starts;
    this.ends = memory.ends;
    this.numbers = memory.numbers;
    this.lineStarts = memory.lineStarts;
  }

  /** True when the spans are in WebAssembly's memory and the rows are enough to call its loops. */
  get areForLoops(): boolean {
    return this.bytes === this.memory.bytes && this.length >= leastForLoops;
  }

  /** The UTF-8 of a cell's string that has escapes; a view that is valid until the next call. */
  unescapedAt(cell: number): Uint8Array {
    const { bytes } = this;
    const start = this.starts[cell] ?? 0;
    const end = -1 - (this.ends[cell] ?? 0);
    this.unescaped = ensureCapacity(this.unescaped, end - start);
    const string = this.unescaped;
    let length = 0;
    for (let at = start; at < end; at += 1) {
      let byte = bytes[at] ?? 0;
      if (byte === backslash) {
        at += 1;
        byte = escapedBytes[bytes[at] ?? 0] ?? 0;
        // UTF-16 units after \\u may or may not be surrogate pairs.
        if (byte === 0) {
          return encoder.encode(unescaped(bytes, start, end));
        }
      }
      string[length] = byte;
      length += 1;
    }
    return string.subarray(0, length);
  }
}

/** Below this, calling a loop costs more than it saves. */
const leastForLoops = 8;

const backslash = 0x5c;

/** The byte that each letter after a backslash stands for, 0 for none. */
const escapedBytes = new Uint8Array(256);
for (const [letter, meaning] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t']) {
  escapedBytes[letter?.charCodeAt(0) ?? 0] = meaning?.charCodeAt(0) ?? 0;
}

const encoder = new TextEncoder();
