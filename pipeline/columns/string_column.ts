import type { Value } from '../plan/types.ts';
import { type Allocator, heapAllocator } from './allocator.ts';
import { BaseColumn } from './base_column.ts';
import { ensureCapacity } from './ensure_capacity.ts';
import type { Indexes, RowIndex, StringCode } from './ids.ts';
import { StringDictionary } from './string_dictionary.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** Strings as codes of a dictionary, −1 for null. */
export class StringColumn extends BaseColumn<string> {
  readonly type = 'text';

  /** @param stored its codes, −1 for null: they are used, not copied */
  constructor(
    readonly dictionary = new StringDictionary(),
    private stored: Int32Array = new Int32Array(0),
  ) {
    super();
    this.length = stored.length;
  }

  /** The codes in use, −1 for null; a view that holds until the next one is added. */
  get codes(): Indexes<StringCode> {
    return this.stored.subarray(0, this.length);
  }

  /** The code at a row, −1 for null. */
  codeAt(row: RowIndex): StringCode {
    return row < this.length ? (this.stored[row] ?? -1) : -1;
  }

  override at(row: RowIndex): string | null {
    const code = this.codeAt(row);
    return code < 0 ? null : this.dictionary.stringAt(code);
  }

  add(value: Value): void {
    this.addCode(value === null ? -1 : this.dictionary.intern(String(value)));
  }

  /** Adds a string by its code in this column's dictionary, −1 for null. */
  addCode(code: StringCode): void {
    this.stored = ensureCapacity(this.stored, this.length + 1);
    this.stored[this.length] = code;
    this.length += 1;
  }

  /** Adds strings by their codes in this column's dictionary. */
  addCodes(codes: Int32Array): void {
    this.stored = ensureCapacity(this.stored, this.length + codes.length);
    this.stored.set(codes, this.length);
    this.length += codes.length;
  }

  override slice(from: RowIndex, to: RowIndex): StringColumn {
    return new StringColumn(this.dictionary, this.codes.subarray(from, to));
  }

  override gather(rows: Int32Array, memory: Allocator = heapAllocator): StringColumn {
    const codes = memory.ints(rows.length);
    gatherCodes(this.stored, rows, codes);
    return new StringColumn(this.dictionary, codes);
  }
}

/** A function of its own: V8 compiles the loop once, and not again for what first runs after it. */
function gatherCodes(from: Int32Array, rows: Int32Array, to: Int32Array): void {
  for (let i = 0; i < to.length; i += 1) {
    to[i] = from[rows[i] ?? 0] ?? -1;
  }
}
