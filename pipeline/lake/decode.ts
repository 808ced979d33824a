/** Lines of JSON → raw columns and quarantine. */
import { isUtf8 } from 'node:buffer';
import type { Dataset } from '../plan/dataset.ts';
import { largestInteger } from '../plan/types.ts';
import { type Column, NumberColumn, TextColumn } from '../table/column.ts';
import { type ColumnarTable, columnAt, columnarTable, emptyTable } from '../table/columnar_table.ts';
import { JsonScanner, unescaped, valueKind } from './json_scanner.ts';

export type QuarantineReason = 'malformed_json' | 'missing_key';

/** Takes a line that is no event. The bytes are a view that holds during the call. */
export type Quarantine = (line: Uint8Array, reason: QuarantineReason) => void;

/** Gathers the events of one dataset as rows of its raw fields. */
export class Decoder {
  private readonly scanner: JsonScanner;
  private readonly keyField: number;
  private rows: ColumnarTable;
  private columns: readonly Column[];

  constructor(private readonly dataset: Pick<Dataset, 'raw' | 'key'>) {
    const names = Object.keys(dataset.raw);
    this.scanner = new JsonScanner(names);
    this.keyField = names.indexOf(dataset.key);
    this.rows = emptyTable(dataset.raw);
    this.columns = names.map((name) => columnAt(this.rows, name));
  }

  /** Rows gathered since the last `take`. */
  get length(): number {
    return this.columns[0]?.length ?? 0;
  }

  /** The rows gathered so far; the decoder begins anew. */
  take(): ColumnarTable {
    const taken = columnarTable(this.dataset.raw, this.rows.columns);
    this.rows = emptyTable(this.dataset.raw);
    this.columns = Object.keys(this.dataset.raw).map((name) => columnAt(this.rows, name));
    return taken;
  }

  /** Decodes the lines in `bytes`, each ended by `\n`, the last one perhaps by nothing. */
  decodeLines(bytes: Uint8Array, quarantine: Quarantine): void {
    const valid = isUtf8(bytes);
    for (let start = 0; start < bytes.length; ) {
      const newline = bytes.indexOf(0x0a, start);
      const end = newline < 0 ? bytes.length : newline;
      this.decodeLine(bytes.subarray(start, end), valid, quarantine);
      start = end + 1;
    }
  }

  /**
   * Decodes one line, without its line end.
   * @param validUtf8 whether the bytes are known to be valid UTF-8
   */
  decodeLine(line: Uint8Array, validUtf8: boolean, quarantine: Quarantine): void {
    const bytes = validUtf8 || isUtf8(line) ? line : withReplacements(line);
    if (!this.scanner.scan(bytes, 0, bytes.length)) {
      quarantine(bytes, 'malformed_json');
    } else if (Number.isNaN(this.integer(bytes, this.keyField))) {
      quarantine(bytes, 'missing_key');
    } else {
      this.addRow(bytes);
    }
  }

  private addRow(bytes: Uint8Array): void {
    for (let field = 0; field < this.columns.length; field += 1) {
      const column = this.columns[field];
      if (column instanceof TextColumn) {
        column.addCode(this.textCode(bytes, field, column));
      } else if (column instanceof NumberColumn) {
        column.addNumber(column.type === 'bigint' ? this.integer(bytes, field) : this.double(bytes, field));
      }
    }
  }

  private textCode(bytes: Uint8Array, field: number, { dictionary }: TextColumn): number {
    const { kinds, starts, ends } = this.scanner;
    const start = starts[field] ?? 0;
    const end = ends[field] ?? 0;
    switch (kinds[field]) {
      case valueKind.text:
        return dictionary.codeOfBytes(bytes, start, end);
      case valueKind.escapedText:
        return dictionary.codeOf(unescaped(bytes, start, end));
      default:
        return -1;
    }
  }

  /** An integer token within ±(2⁵³−1), NaN for anything else. */
  private integer(bytes: Uint8Array, field: number): number {
    if (this.scanner.kinds[field] !== valueKind.integer) {
      return Number.NaN;
    }
    const end = this.scanner.ends[field] ?? 0;
    let at = this.scanner.starts[field] ?? 0;
    const negative = bytes[at] === 0x2d;
    let value = 0;
    for (at += negative ? 1 : 0; at < end && value <= largestInteger; at += 1) {
      value = value * 10 + ((bytes[at] ?? 0) - 0x30);
    }
    return value > largestInteger ? Number.NaN : negative ? -value : value;
  }

  /** A finite number, NaN for anything else. */
  private double(bytes: Uint8Array, field: number): number {
    const kind = this.scanner.kinds[field];
    if (kind !== valueKind.integer && kind !== valueKind.number) {
      return Number.NaN;
    }
    const from = bytes.byteOffset + (this.scanner.starts[field] ?? 0);
    const to = bytes.byteOffset + (this.scanner.ends[field] ?? 0);
    const value = Number(Buffer.from(bytes.buffer, from, to - from).toString('latin1'));
    return Number.isFinite(value) ? value : Number.NaN;
  }
}

/** The bytes with U+FFFD for what is not UTF-8. */
function withReplacements(bytes: Uint8Array): Uint8Array {
  return new TextEncoder().encode(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
}
