import type { ColumnType, Value } from '../plan/types.ts';
import { DictionaryUnifier } from './dictionary_unifier.ts';
import { ensureCapacity } from './ensure_capacity.ts';
import { type Allocator, heapAllocator } from './memory.ts';
import { StringDictionary } from './string_dictionary.ts';

/**
 * A column of values of one type, append-only and compact:
 * - numbers, timestamps and booleans as 64-bit floats, NaN for null (no value of a plan is NaN);
 * - text as codes of a dictionary, −1 for null;
 * - arrays of doubles one after the other, with their ends.
 *
 * `at` and `length` are what Arquero asks of a column.
 */
export type Column = NumberColumn | StringColumn | ArrayColumn;

/** What every column can do. */
abstract class Values<T> {
  length = 0;

  /** The value at a row, null where it is unknown. */
  abstract at(row: number): T | null;

  /** The rows from one up to another, without copying; what is added to either later is not seen by the other. */
  abstract slice(from: number, to: number): Column;

  /** The values at the rows given, in that order, in memory that lasts if no other is given. */
  abstract gather(rows: Int32Array, memory?: Allocator): Column;

  *[Symbol.iterator](): Iterator<T | null> {
    for (let row = 0; row < this.length; row += 1) {
      yield this.at(row);
    }
  }
}

type NumberType = Exclude<ColumnType, 'text' | 'array<double>'>;

export class NumberColumn extends Values<number | boolean> {
  /** @param stored its values, NaN for null and never −0: they are used, not copied */
  constructor(
    readonly type: NumberType,
    private stored: Float64Array = new Float64Array(0),
  ) {
    super();
    this.length = stored.length;
  }

  /** The values in use, NaN for null; a view that holds until the next one is added. */
  get values(): Float64Array {
    return this.stored.subarray(0, this.length);
  }

  override at(row: number): number | boolean | null {
    const value = this.valueAt(row);
    if (Number.isNaN(value)) {
      return null;
    }
    return this.type === 'boolean' ? value !== 0 : value;
  }

  /** The number at a row, NaN for null. */
  valueAt(row: number): number {
    return row < this.length ? (this.stored[row] ?? Number.NaN) : Number.NaN;
  }

  add(value: Value): void {
    this.addNumber(value === null ? Number.NaN : Number(value));
  }

  /** Adds a number, NaN for null. */
  addNumber(value: number): void {
    this.stored = ensureCapacity(this.stored, this.length + 1);
    // −0 would be a second zero: equal, yet of other bits.
    this.stored[this.length] = value + 0;
    this.length += 1;
  }

  /** Adds all values of another column. */
  addAll({ values }: NumberColumn): void {
    this.stored = ensureCapacity(this.stored, this.length + values.length);
    this.stored.set(values, this.length);
    this.length += values.length;
  }

  override slice(from: number, to: number): NumberColumn {
    return new NumberColumn(this.type, this.values.subarray(from, to));
  }

  override gather(rows: Int32Array, memory: Allocator = heapAllocator): NumberColumn {
    const values = memory.floats(rows.length);
    gatherFloats(this.stored, rows, values);
    return new NumberColumn(this.type, values);
  }
}

export class StringColumn extends Values<string> {
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
  get codes(): Int32Array {
    return this.stored.subarray(0, this.length);
  }

  /** The code at a row, −1 for null. */
  codeAt(row: number): number {
    return row < this.length ? (this.stored[row] ?? -1) : -1;
  }

  override at(row: number): string | null {
    const code = this.codeAt(row);
    return code < 0 ? null : this.dictionary.text(code);
  }

  add(value: Value): void {
    this.addCode(value === null ? -1 : this.dictionary.intern(String(value)));
  }

  /** Adds a text by its code in this column's dictionary, −1 for null. */
  addCode(code: number): void {
    this.stored = ensureCapacity(this.stored, this.length + 1);
    this.stored[this.length] = code;
    this.length += 1;
  }

  /** Adds texts by their codes in this column's dictionary. */
  addCodes(codes: Int32Array): void {
    this.stored = ensureCapacity(this.stored, this.length + codes.length);
    this.stored.set(codes, this.length);
    this.length += codes.length;
  }

  override slice(from: number, to: number): StringColumn {
    return new StringColumn(this.dictionary, this.codes.subarray(from, to));
  }

  override gather(rows: Int32Array, memory: Allocator = heapAllocator): StringColumn {
    const codes = memory.ints(rows.length);
    gatherInts(this.stored, rows, codes);
    return new StringColumn(this.dictionary, codes);
  }
}

export class ArrayColumn extends Values<readonly number[]> {
  readonly type = 'array<double>';

  /**
   * @param elements of all arrays, one after the other: used, not copied
   * @param ends where each array ends among the elements, or −1 − end for null
   * @param begin where the first array begins
   */
  constructor(
    private elements: Float64Array = new Float64Array(0),
    private ends: Int32Array = new Int32Array(0),
    private readonly begin = 0,
  ) {
    super();
    this.length = ends.length;
  }

  override at(row: number): readonly number[] | null {
    const elements = this.elementsAt(row);
    return elements === undefined ? null : Array.from(elements);
  }

  add(value: Value): void {
    const from = this.endBefore(this.length);
    const added = Array.isArray(value) ? value : [];
    this.elements = ensureCapacity(this.elements, from + added.length);
    for (let i = 0; i < added.length; i += 1) {
      this.elements[from + i] = added[i] + 0;
    }
    this.ends = ensureCapacity(this.ends, this.length + 1);
    const end = from + added.length;
    this.ends[this.length] = value === null ? -1 - end : end;
    this.length += 1;
  }

  /** Adds arrays that lie as `stored` tells, from the first element on. */
  addStored(elements: Float64Array, ends: Int32Array): void {
    const from = this.endBefore(this.length);
    this.elements = ensureCapacity(this.elements, from + elements.length);
    this.elements.set(elements, from);
    this.ends = ensureCapacity(this.ends, this.length + ends.length);
    for (const end of ends) {
      this.ends[this.length] = end < 0 ? end - from : end + from;
      this.length += 1;
    }
  }

  /** The elements of a row, without copying; undefined for null. */
  elementsAt(row: number): Float64Array | undefined {
    const end = row < this.length ? (this.ends[row] ?? -1) : -1;
    return end < 0 ? undefined : this.elements.subarray(this.endBefore(row), end);
  }

  override slice(from: number, to: number): ArrayColumn {
    const end = this.endBefore(Math.max(from, to));
    return new ArrayColumn(
      this.elements.subarray(0, end),
      this.ends.subarray(from, to),
      this.endBefore(from),
    );
  }

  override gather(rows: Int32Array): ArrayColumn {
    const gathered = new ArrayColumn();
    for (const row of rows) {
      gathered.add(this.at(row));
    }
    return gathered;
  }

  /**
   * All arrays as they lie: where the first begins among the elements, and where each ends, −1 − end for null;
   * views that hold until the next one is added.
   */
  get stored(): { readonly elements: Float64Array; readonly ends: Int32Array; readonly begin: number } {
    return { elements: this.elements, ends: this.ends, begin: this.begin };
  }

  private endBefore(row: number): number {
    const end = row === 0 ? this.begin : (this.ends[row - 1] ?? 0);
    return end < 0 ? -1 - end : end;
  }
}

// Loops in functions of their own: V8 compiles these once, and not again at what comes behind a loop for the first time.

function gatherFloats(from: Float64Array, rows: Int32Array, to: Float64Array): void {
  for (let i = 0; i < to.length; i += 1) {
    to[i] = from[rows[i] ?? 0] ?? Number.NaN;
  }
}

function gatherInts(from: Int32Array, rows: Int32Array, to: Int32Array): void {
  for (let i = 0; i < to.length; i += 1) {
    to[i] = from[rows[i] ?? 0] ?? -1;
  }
}

/** An empty column of a type. */
export function emptyColumn(type: ColumnType): Column {
  switch (type) {
    case 'text':
      return new StringColumn();
    case 'array<double>':
      return new ArrayColumn();
    default:
      return new NumberColumn(type);
  }
}

/** A column of the values given. */
export function columnOf(type: ColumnType, values: Iterable<Value>): Column {
  const column = emptyColumn(type);
  for (const value of values) {
    column.add(value);
  }
  return column;
}

/** Adds all values of a column to another of the same type. @throws TypeError when it is of another */
export function addColumn(to: Column, from: Column): void {
  if (to instanceof StringColumn && from instanceof StringColumn) {
    to.addCodes(codesIn(to.dictionary, from));
  } else if (to instanceof NumberColumn && from instanceof NumberColumn && to.type === from.type) {
    to.addAll(from);
  } else if (to instanceof ArrayColumn && from instanceof ArrayColumn) {
    for (const value of from) {
      to.add(value);
    }
  } else {
    throw new TypeError(`A column of ${from.type} cannot be added to one of ${to.type}.`);
  }
}

/** A text column's codes in another dictionary, to which its texts are added; each text is looked up once. */
export function codesIn(dictionary: StringDictionary, column: StringColumn): Int32Array {
  return new DictionaryUnifier(dictionary).codes(column);
}
