/** The loops over lines (wasm/lines.ts), and the memory that they read and fill. */

import { WasmModule } from '../wasm_module.ts';
import { StringCache } from './string_cache.ts';

export class ScanMemory {
  /** All of it: places of texts and lines are places in it. */
  readonly bytes: Uint8Array;
  /** Bytes of lines that are scanned at once. */
  readonly windowBytes: number;
  readonly mostCells: number;
  readonly mostRows: number;
  readonly mostPlanBytes: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly numbers: Float64Array;
  readonly lineStarts: Int32Array;
  private readonly window: number;
  private readonly planRegion: Uint8Array;
  private plan: Uint8Array | undefined;
  private readonly rows: WebAssembly.Global;
  private readonly hasLongNumbers: WebAssembly.Global;
  private readonly scanLines: (width: number, from: number, to: number) => number;
  /** The tables of `codesOf`. */
  readonly tables: StringCache;
  /** What `codesOf` gives: the code of each row, −1 for null, and the rows whose texts are not known. */
  readonly codes: Int32Array;
  readonly unknown: Int32Array;
  /** Looks the texts of a field up in a table: `(table, width, field, rows)`. Gives the number of rows not known. */
  readonly codesOf: (table: number, width: number, field: number, rows: number) => number;
  /** Adds a text to a table, if there is room: `(table, start, length, code)`. */
  readonly remember: (table: number, start: number, length: number, code: number) => number;
  /** By the first byte of a text, 1 where `layOut` takes it as it is. */
  readonly passes: Uint8Array;
  /** What `layOut` gives: texts behind their lengths, and where that of each row ends, or −1 − end for null. */
  readonly laid: Uint8Array;
  readonly laidEnds: Int32Array;
  /** Lays out the texts of a field until one is empty, has escapes or does not pass: `(width, field, from, rows)`. Gives that row. */
  readonly layOut: (width: number, field: number, from: number, rows: number) => number;
  /** What `timestampsOf` gives: of each row its timestamp in milliseconds since 1970, NaN for none. */
  readonly timestamps: Float64Array;
  /** Reads a field: `(width, field, rows)`. Gives how many texts have escapes, and were not read. */
  readonly timestampsOf: (width: number, field: number, rows: number) => number;

  constructor() {
    const module = new WasmModule(new URL('./wasm/lines.wasm', import.meta.url));
    const { buffer } = module.memory;
    this.bytes = new Uint8Array(buffer);
    this.windowBytes = module.number('windowBytes');
    this.mostCells = module.number('mostCells');
    this.mostRows = module.number('mostRows');
    this.starts = new Int32Array(buffer, module.number('starts'), this.mostCells);
    this.ends = new Int32Array(buffer, module.number('ends'), this.mostCells);
    this.numbers = new Float64Array(buffer, module.number('numbers'), this.mostCells);
    this.lineStarts = new Int32Array(buffer, module.number('lineStarts'), this.mostRows);
    this.window = module.number('window');
    this.mostPlanBytes = module.number('planBytes');
    this.planRegion = new Uint8Array(buffer, module.number('plan'), this.mostPlanBytes);
    this.rows = module.global('rows');
    this.hasLongNumbers = module.global('hasLongNumbers');
    this.scanLines = module.function('scanLines');
    this.tables = new StringCache(module);
    this.codes = new Int32Array(buffer, module.number('codes'), this.mostRows);
    this.unknown = new Int32Array(buffer, module.number('unknown'), this.mostRows);
    this.codesOf = module.function('codesOf');
    this.remember = module.function('remember');
    this.passes = new Uint8Array(buffer, module.number('passes'), 256);
    this.laid = new Uint8Array(buffer, module.number('laid'));
    this.laidEnds = new Int32Array(buffer, module.number('laidEnds'), this.mostRows);
    this.layOut = module.function('layOut');
    this.timestamps = new Float64Array(buffer, module.number('timestamps'), this.mostRows);
    this.timestampsOf = module.function('timestampsOf');
  }

  /** Copies lines into the memory, at most `windowBytes`. @returns where they begin */
  fill(lines: Uint8Array): number {
    const { window } = this;
    this.bytes.set(lines, window);
    this.bytes.fill(newline, window + lines.length, window + lines.length + pieceBytes);
    return window;
  }

  /**
   * Scans lines of the memory by a plan.
   * @param before rows that are filled already
   * @returns where the first line begins that was not read, and the rows that are filled
   */
  scan(plan: Uint8Array, width: number, before: number, from: number, to: number): Scanned {
    if (plan !== this.plan) {
      this.planRegion.set(plan);
      this.plan = plan;
    }
    this.rows.value = before;
    this.hasLongNumbers.value = 0;
    const next = this.scanLines(width, from, to);
    return { next, rows: Number(this.rows.value), hasLongNumbers: this.hasLongNumbers.value !== 0 };
  }
}

export interface Scanned {
  /** Where the first line begins that was not read. */
  readonly next: number;
  /** The rows that are filled. */
  readonly rows: number;
  /** Whether there are numbers of more digits than a float holds exactly: their cells say where they are, as those of texts do. */
  readonly hasLongNumbers: boolean;
}

/**
 * The fields of lines, in order, as the loop reads them: of each its kind, the length of `"name":`, and that text in pieces of
 * sixteen bytes, each behind a mask of the bytes that count.
 */
export function planOf(fields: readonly { readonly name: string; readonly kind: number }[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const { name, kind } of fields) {
    const token = new TextEncoder().encode(`${JSON.stringify(name)}:`);
    const head = new Int32Array(pieceBytes / 4);
    head.set([kind, token.length]);
    pieces.push(new Uint8Array(head.buffer));
    for (let from = 0; from < token.length; from += pieceBytes) {
      const part = token.subarray(from, from + pieceBytes);
      const piece = new Uint8Array(2 * pieceBytes);
      piece.fill(0xff, 0, part.length);
      piece.set(part, pieceBytes);
      pieces.push(piece);
    }
  }
  return Buffer.concat(pieces);
}

/** What the loop's code calls a piece. */
const pieceBytes = 16;
const newline = 0x0a;
