/** Decodes lines of JSON into cleaned columns and quarantine. */
import { isUtf8 } from 'node:buffer';
import { StringColumn } from '../columns/column.ts';
import { ensureCapacity } from '../columns/ensure_capacity.ts';
import { evaluate } from '../columns/evaluate/evaluator.ts';
import type { StoredColumn, StoredTable } from '../columns/plain_byte_arrays.ts';
import { type ColumnarTable, columnarTable } from '../columns/table.ts';
import type { Dataset } from '../plan/dataset.ts';
import { columnType, type Schema } from '../plan/types.ts';
import { columnsOf, expressionOf } from '../plan/walk.ts';
import type { ColumnDecoder } from './column_decoder.ts';
import { columnDecoder, plainColumnDecoder } from './column_decoders.ts';
import type { LineFields } from './line_fields.ts';
import { LineScanner } from './line_scanner.ts';
import { type Nulled, NulledCounter } from './nulled.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

export type QuarantineReason = 'malformed_json' | 'missing_key';

/**
 * Receives a line that is not an event, and its start: the offset passed with its bytes plus its position in them. The bytes are
 * a view that is valid during the call, in which nothing may be decoded.
 */
export type Quarantine = (line: Uint8Array, reason: QuarantineReason, start: number) => void;

/** The part of a dataset that decoding needs: plain values, which can be sent to a thread. */
export type DecodedDataset = Pick<Dataset, 'raw' | 'key' | 'clean'> & {
  readonly cleaning: { readonly schema: Schema };
};

/** The columns to decode, and the dictionaries of their strings. */
export interface DecodedColumns {
  /** The wanted cleaned columns. Default: all. */
  readonly columns?: Iterable<string>;
  /** A table whose dictionaries receive the strings, so that codes can be compared. Default: new ones at each `take`. */
  readonly dictionariesOf?: Pick<ColumnarTable, 'columns'>;
  /** Decodes the other columns too, for `takeStored`. */
  readonly storesAll?: boolean;
}

/**
 * Decodes and cleans the events of one dataset, straight from bytes: a string goes from its line into the column's dictionary,
 * a timestamp becomes a number, and unwanted columns are skipped. A cleaning rule with a function that byte_expressions.ts does
 * not have is evaluated row by row, with the same result.
 *
 *     const decoder = new Decoder(pin, { columns: ['ind', 'category'] });
 *     decoder.decodeLines(bytes, (line, reason) => …);
 *     const { columns, length } = decoder.take();
 */
export class Decoder {
  /** The wanted columns, in the dataset's order. */
  readonly schema: Schema;
  /** The columns that are decoded. */
  private readonly stored: Schema;
  private readonly scanner: LineScanner;
  private readonly cleaned = new Map<string, ColumnDecoder>();
  /** Columns that are only written. */
  private readonly written = new Map<string, ColumnDecoder<StoredColumn>>();
  /** Raw fields of expressions that are evaluated row by row. */
  private readonly uncleaned = new Map<string, ColumnDecoder>();
  private readonly nulled: NulledCounter;
  private starts = new Float64Array(1 << 10);
  private count = 0;

  constructor(
    private readonly dataset: DecodedDataset,
    { columns, dictionariesOf, storesAll = false }: DecodedColumns = {},
  ) {
    const { raw, key, clean, cleaning } = dataset;
    const wanted = new Set(columns ?? Object.keys(cleaning.schema));
    for (const name of wanted) {
      columnType(cleaning.schema, name);
    }
    this.schema = Object.fromEntries(Object.entries(cleaning.schema).filter(([name]) => wanted.has(name)));
    this.stored = storesAll ? cleaning.schema : this.schema;
    this.scanner = new LineScanner(raw, key);
    this.nulled = new NulledCounter(raw, clean, Object.keys(this.stored));
    for (const [name, type] of Object.entries(this.stored)) {
      const expression = expressionOf(clean, name);
      const written = wanted.has(name) ? undefined : plainColumnDecoder(expression, type, raw);
      if (written) {
        this.written.set(name, written);
        continue;
      }
      const shared = dictionariesOf?.columns[name];
      const dictionary = shared instanceof StringColumn ? shared.dictionary : undefined;
      const column = columnDecoder(expression, type, raw, dictionary);
      if (column) {
        this.cleaned.set(name, column);
      } else {
        for (const field of columnsOf(expression)) {
          this.addRawField(field);
        }
      }
    }
  }

  private addRawField(name: string): void {
    const { raw } = this.dataset;
    const type = raw[name];
    const column = type && columnDecoder({ kind: 'column', name }, type, raw);
    if (!column) {
      throw new RangeError(`There is no raw field "${name}"; they are ${Object.keys(raw).join(', ')}.`);
    }
    this.uncleaned.set(name, column);
  }

  /** Rows gathered since the last `take`. */
  get length(): number {
    return this.count;
  }

  /**
   * The start of the line of each row since the last `take`: the offset passed with its bytes plus its position in them.
   * A view that is valid until the next `decodeLines`.
   */
  get lineStarts(): Float64Array {
    return this.starts.subarray(0, this.count);
  }

  /**
   * Decodes the lines in `bytes`, each ended by `\n`, which the last one may lack.
   * @param offset of the bytes in their file, for `lineStarts`
   * @throws RangeError when they are more than 1 GiB
   */
  decodeLines(bytes: Uint8Array, quarantine: Quarantine, offset = 0): void {
    checkSize(bytes);
    if (isUtf8(bytes)) {
      this.decodeValid(bytes, quarantine, offset);
      return;
    }
    for (let start = 0; start < bytes.length; ) {
      const lineEnd = bytes.indexOf(newline, start);
      const end = lineEnd < 0 ? bytes.length : lineEnd + 1;
      this.decodeValid(valid(bytes.subarray(start, end)), quarantine, offset + start);
      start = end;
    }
  }

  /** Decodes one event, in which a line end is white space. */
  decodeLine(line: Uint8Array, quarantine: Quarantine, offset = 0): void {
    checkSize(line);
    const bytes = valid(line);
    if (bytes.length > 0 && !bytes.includes(newline)) {
      this.decodeValid(bytes, quarantine, offset);
    } else {
      this.decodeAny(bytes, 0, bytes.length, quarantine, offset);
      this.addRows(bytes, offset);
    }
  }

  /** The rows decoded since the last `take`, cleaned. */
  take(): ColumnarTable {
    return this.takeStored().rows;
  }

  /**
   * The same, and the table to write: the wanted columns, and with `storesAll` the others. Values that rules have made null are
   * counted in these.
   */
  takeStored(): { readonly rows: ColumnarTable; readonly stored: StoredTable; readonly nulled: Nulled } {
    const { raw, clean } = this.dataset;
    const length = this.count;
    const rawColumns = Object.fromEntries([...this.uncleaned].map(([name, column]) => [name, column.take()]));
    const take = ([name]: [string, unknown]) => {
      const column = this.cleaned.get(name)?.take();
      return [
        name,
        column ?? evaluate(expressionOf(clean, name), { schema: raw, columns: rawColumns, length }),
      ] as const;
    };
    const rows = columnarTable(this.schema, Object.fromEntries(Object.entries(this.schema).map(take)));
    const others = Object.entries(this.stored).filter(([name]) => !(name in this.schema));
    const columns = others.map((entry) => {
      const written = this.written.get(entry[0])?.take();
      return written ? ([entry[0], written] as const) : take(entry);
    });
    this.count = 0;
    const all = { ...rows.columns, ...Object.fromEntries(columns) };
    return {
      rows,
      stored: { schema: this.stored, columns: all, length },
      nulled: this.nulled.take(all),
    };
  }

  /** Decodes lines of valid UTF-8. */
  private decodeValid(bytes: Uint8Array, quarantine: Quarantine, offset: number): void {
    const { length } = bytes;
    for (let start = 0; start < length; ) {
      const limit = start + this.scanner.memory.windowBytes;
      let end = length <= limit ? length : bytes.lastIndexOf(newline, limit - 1) + 1;
      if (end > start) {
        this.decodeWindow(bytes.subarray(start, end), quarantine, offset + start);
      } else {
        // One line is longer than the window.
        const lineEnd = bytes.indexOf(newline, start);
        end = lineEnd < 0 ? length : lineEnd + 1;
        this.decodeAny(bytes, start, lineEnd < 0 ? length : lineEnd, quarantine, offset);
        this.addRows(bytes, offset);
      }
      start = end;
    }
  }

  /** Decodes lines that fit into the scanner's window. */
  private decodeWindow(lines: Uint8Array, quarantine: Quarantine, offset: number): void {
    const { scanner } = this;
    const { fields, memory } = scanner;
    const { bytes } = memory;
    const first = memory.fill(lines);
    const last = first + lines.length;
    const shift = offset - first;
    for (let start = first; start < last; ) {
      start = scanner.scan(start, last);
      if (fields.length < fields.capacity && start < last) {
        const end = Math.min(last, bytes.indexOf(newline, start));
        this.decodeAny(bytes, start, end, quarantine, shift);
        start = end + 1;
      }
      if (fields.length === fields.capacity) {
        this.addRows(bytes, shift);
      }
    }
    this.addRows(bytes, shift);
  }

  private decodeAny(
    bytes: Uint8Array,
    start: number,
    end: number,
    quarantine: Quarantine,
    offset: number,
  ): void {
    const reason = this.scanner.scanAny(bytes, start, end);
    if (reason) {
      quarantine(bytes.subarray(start, end), reason, offset + start);
    }
  }

  /** Adds the scanned rows to the columns. */
  private addRows(bytes: Uint8Array, offset: number): void {
    const { fields } = this.scanner;
    if (fields.length === 0) {
      return;
    }
    fields.bytes = bytes;
    this.nulled.add(fields);
    for (const column of this.cleaned.values()) {
      column.add(fields);
    }
    for (const column of this.written.values()) {
      column.add(fields);
    }
    for (const column of this.uncleaned.values()) {
      column.add(fields);
    }
    this.starts = ensureCapacity(this.starts, this.count + fields.length);
    addStarts(fields, offset, this.starts, this.count);
    this.count += fields.length;
    fields.length = 0;
  }
}

/** Writes the starts of a block's lines from a row on. */
function addStarts(
  { lineStarts, length }: LineFields,
  offset: number,
  starts: Float64Array,
  first: number,
): void {
  for (let row = 0; row < length; row += 1) {
    starts[first + row] = offset + (lineStarts[row] ?? 0);
  }
}

const newline = 0x0a;

/** The most bytes that are decoded at once, since spans are 32-bit numbers. */
const mostBytes = 2 ** 30;

function checkSize({ length }: Uint8Array): void {
  if (length > mostBytes) {
    throw new RangeError(`${length} bytes are too many to decode at once: at most ${mostBytes}.`);
  }
}

/** The bytes, with U+FFFD for what is not UTF-8. */
function valid(bytes: Uint8Array): Uint8Array {
  if (isUtf8(bytes)) {
    return bytes;
  }
  return new TextEncoder().encode(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
}
