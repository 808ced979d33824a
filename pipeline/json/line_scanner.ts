/**
 * Finds the fields of many lines of JSON. Lines as programs write them (all fields of the dataset in its order, compact or with
 * one space after `:` and `,`) are read by a loop in WebAssembly (wasm/scan_lines.ts), sixteen bytes at a time. Any other line
 * is left to the general scanner, which reads all of JSON, with the same result.
 *
 * Rows are below `length` and fields below `width`, so the `??` of a cell only satisfies the type.
 */

import type { RawSchema } from '../plan/dataset.ts';
import { largestInteger } from '../plan/types.ts';
import { valueKind } from './json_tokens.ts';
import { LineFields } from './line_fields.ts';
import { planOf, ScanMemory } from './scan_memory.ts';
import { JsonScanner } from './scanner.ts';

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

/** The number, NaN when it is infinite; −0 becomes 0. */
function finite(value: number): number {
  return Number.isFinite(value) ? value + 0 : Number.NaN;
}

/** The number of a token, ±Infinity when it is too large. */
function numberAt(bytes: Uint8Array, start: number, end: number): number {
  return Number(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1'));
}
