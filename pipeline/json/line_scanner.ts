/**
 * Finds the fields of many lines of JSON. Lines as programs write them (all fields of the dataset in its order, compact or with
 * one space after `:` and `,`) are read by a loop in WebAssembly (wasm/scan_lines.ts), sixteen bytes at a time. Any other line
 * is left to the general scanner, which reads all of JSON, with the same result.
 *
 * Rows are below `length` and fields below `width`, so the `??` of a cell only satisfies the type.
 */

import { ensureCapacity } from '../columns/ensure_capacity.ts';
import type { RawSchema } from '../plan/dataset.ts';
import { largestInteger } from '../plan/types.ts';
import { unescaped } from './escapes.ts';
import { valueKind } from './json_tokens.ts';
import { planOf, ScanMemory } from './scan_memory.ts';
import { JsonScanner } from './scanner.ts';

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

/** The memory of all scanners of a thread. */
let sharedMemory: ScanMemory | undefined;

/** Scans lines. Scanners of a thread share their memory: the fields of one must be read before another scans. */
export class LineScanner {
  readonly fields: LineFields;
  readonly memory: ScanMemory;
  private readonly general: JsonScanner;
  private readonly key: number;
  /** Each field's kind: `textKind`, `doubleKind`, `integerKind` or `keyKind`. */
  private readonly kinds: Uint8Array;
  private readonly plan: Uint8Array;

  /** @throws RangeError when there are more fields, or longer names, than a scanner has room for */
  constructor(raw: RawSchema, key: string) {
    const names = Object.keys(raw);
    sharedMemory ??= new ScanMemory();
    this.memory = sharedMemory;
    this.fields = new LineFields(names.length, this.memory);
    this.general = new JsonScanner(names);
    this.key = names.indexOf(key);
    this.kinds = Uint8Array.from(names, (name) => (name === key ? keyKind : kindOf[raw[name] ?? 'text']));
    this.plan = planOf(names.map((name, field) => ({ name, kind: this.kinds[field] ?? textKind })));
    const { mostCells, mostPlanBytes } = this.memory;
    if (names.length > mostCells || this.plan.length > mostPlanBytes) {
      throw new RangeError(
        `A line of ${names.length} fields is too long to be scanned: at most ${mostCells} fields, with names of ${mostPlanBytes} bytes in all.`,
      );
    }
  }

  /**
   * Fills `fields` with the lines of the memory from one offset up to another, until they are full, the lines end, or a line is
   * not as expected.
   * @returns the start of the first line that was not read
   */
  scan(from: number, to: number): number {
    const { fields } = this;
    const before = fields.length;
    const { next, rows, hasLongNumbers } = this.memory.scan(this.plan, fields.width, before, from, to);
    fields.length = rows;
    if (hasLongNumbers) {
      this.readLongNumbers(before);
    }
    return next;
  }

  /** Rounds numbers of more digits than a double holds exactly, which the loop leaves as spans. */
  private readLongNumbers(firstRow: number): void {
    const { starts, ends, numbers, bytes, width, length } = this.fields;
    for (let row = firstRow; row < length; row += 1) {
      for (let field = 0; field < width; field += 1) {
        const cell = row * width + field;
        const start = starts[cell] ?? -1;
        if (this.kinds[field] === doubleKind && start >= 0) {
          numbers[cell] = finite(numberAt(bytes, start, ends[cell] ?? 0));
        }
      }
    }
  }

  /** Reads any line as the next row, for which there must be room. @returns the reason for its quarantine, or undefined */
  scanAny(bytes: Uint8Array, start: number, end: number): 'malformed_json' | 'missing_key' | undefined {
    const { general, fields } = this;
    if (!general.scan(bytes, start, end)) {
      return 'malformed_json';
    }
    if (Number.isNaN(this.numberOf(bytes, this.key))) {
      return 'missing_key';
    }
    for (let field = 0; field < fields.width; field += 1) {
      const cell = fields.length * fields.width + field;
      if (this.kinds[field] === textKind) {
        const kind = general.kinds[field];
        const escaped = kind === valueKind.escapedText;
        const end = general.ends[field] ?? 0;
        fields.starts[cell] = escaped || kind === valueKind.text ? (general.starts[field] ?? 0) : -1;
        fields.ends[cell] = escaped ? -1 - end : end;
      } else {
        fields.starts[cell] = -1;
        fields.numbers[cell] = this.numberOf(bytes, field);
      }
    }
    fields.lineStarts[fields.length] = start;
    fields.length += 1;
    return undefined;
  }

  /** The number in a field of the line that the general scanner read, NaN for anything else. */
  private numberOf(bytes: Uint8Array, field: number): number {
    const { kinds, starts, ends } = this.general;
    const kind = kinds[field];
    if (kind !== valueKind.integer && kind !== valueKind.number) {
      return Number.NaN;
    }
    const value = numberAt(bytes, starts[field] ?? 0, ends[field] ?? 0);
    if (this.kinds[field] === doubleKind) {
      return finite(value);
    }
    return kind === valueKind.integer && Math.abs(value) <= largestInteger ? value + 0 : Number.NaN;
  }
}

const textKind = 0;
const doubleKind = 1;
const integerKind = 2;
const keyKind = 3;
const kindOf = { text: textKind, double: doubleKind, bigint: integerKind } as const;

const backslash = 0x5c;

/** The byte that each letter after a backslash stands for, 0 for none. */
const escapedBytes = new Uint8Array(256);
for (const [letter, meaning] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t']) {
  escapedBytes[letter?.charCodeAt(0) ?? 0] = meaning?.charCodeAt(0) ?? 0;
}

const encoder = new TextEncoder();

/** The number, NaN when it is infinite; −0 becomes 0. */
function finite(value: number): number {
  return Number.isFinite(value) ? value + 0 : Number.NaN;
}

/** The number of a token, ±Infinity when it is too large. */
function numberAt(bytes: Uint8Array, start: number, end: number): number {
  return Number(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1'));
}
