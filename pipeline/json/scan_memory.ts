/** The loops over lines in WebAssembly (wasm/lines.ts), and the memory that they read and fill. */

import { WasmModule } from '../wasm_module.ts';

export class ScanMemory {
  /** The whole memory: spans of strings and lines are offsets in it. */
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
  /** The tables of the string cache. */
  readonly tables: readonly CacheTable[];
  readonly clearTable: (address: number) => number;
  /** Results of `lookUpCodes`: the code of each row, −1 for null, and the rows whose strings the table does not have. */
  readonly codes: Int32Array;
  readonly missingRows: Int32Array;
  /** Looks the strings of a field up in a table. @returns the number of missing rows */
  readonly lookUpCodes: (table: number, width: number, field: number, rows: number) => number;
  /** Adds a string to a table, if there is room. */
  readonly remember: (table: number, start: number, length: number, code: number) => number;
  /** By the first byte of a string: 1 when `encodePlain` takes it unchanged. */
  readonly passes: Uint8Array;
  /** Results of `encodePlain`: strings after their lengths, and the end of each row's, or −1 − end for null. */
  readonly encoded: Uint8Array;
  readonly encodedEnds: Int32Array;
  /** Encodes the strings of a field until one is empty, has escapes or does not pass. @returns its row */
  readonly encodePlain: (width: number, field: number, from: number, rows: number) => number;
  /** Results of `parseTimestamps`: the timestamp of each row in milliseconds since 1970, NaN for null. */
  readonly timestamps: Float64Array;
  /** Parses the timestamps of a field. @returns the number of rows whose strings have escapes, which are not parsed */
  readonly parseTimestamps: (width: number, field: number, rows: number) => number;
  /** Count the rows in which a field is null. */
  readonly countNullStrings: (width: number, field: number, rows: number) => number;
  readonly countNullNumbers: (width: number, field: number, rows: number) => number;

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
    const firstTable = module.number('tables');
    const tableBytes = module.number('tableBytes');
    this.tables = Array.from({ length: module.number('mostTables') }, (_, i) => ({
      address: firstTable + i * tableBytes,
      owner: undefined,
      lastUse: 0,
    }));
    this.clearTable = module.function('clearTable');
    this.codes = new Int32Array(buffer, module.number('codes'), this.mostRows);
    this.missingRows = new Int32Array(buffer, module.number('missingRows'), this.mostRows);
    this.lookUpCodes = module.function('lookUpCodes');
    this.remember = module.function('remember');
    this.passes = new Uint8Array(buffer, module.number('passes'), 256);
    this.encoded = new Uint8Array(buffer, module.number('encoded'));
    this.encodedEnds = new Int32Array(buffer, module.number('encodedEnds'), this.mostRows);
    this.encodePlain = module.function('encodePlain');
    this.timestamps = new Float64Array(buffer, module.number('timestamps'), this.mostRows);
    this.parseTimestamps = module.function('parseTimestamps');
    this.countNullStrings = module.function('countNullStrings');
    this.countNullNumbers = module.function('countNullNumbers');
  }

  /** Copies lines, at most `windowBytes`, into the memory. @returns their offset */
  fill(lines: Uint8Array): number {
    const { window } = this;
    this.bytes.set(lines, window);
    this.bytes.fill(newline, window + lines.length, window + lines.length + pieceBytes);
    return window;
  }

  /**
   * Scans lines of the memory by a plan.
   * @param before rows that are filled already
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

/** A table of the string cache: the strings of one field and one dictionary. */
export interface CacheTable {
  readonly address: number;
  owner: object | undefined;
  /** The turn of the last use: the table that was used least recently is reassigned first. */
  lastUse: number;
}

export interface Scanned {
  /** The start of the first line that was not read. */
  readonly next: number;
  /** The rows that are filled. */
  readonly rows: number;
  /** True when some numbers have more digits than a double holds exactly: their cells hold spans, as those of strings do. */
  readonly hasLongNumbers: boolean;
}

/**
 * Encodes the expected fields of lines for the loop: each field's kind, the length of `"name":`, and that token in pieces of
 * sixteen bytes, each after a mask of the bytes that count.
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

/** Bytes that the loop compares at once. */
const pieceBytes = 16;
const newline = 0x0a;
