import type { ColumnType, Value } from '../plan/types.ts';
import { grown, TextDictionary } from './text_dictionary.ts';

/**
 * A column of values of one type, append-only and compact:
 * - numbers, timestamps and booleans as 64-bit floats, NaN for null (no value of a plan is NaN);
 * - text as codes of a dictionary, −1 for null;
 * - arrays of doubles one after the other, with their ends.
 *
 * `at` and `length` are what Arquero asks of a column.
 */
export type Column = NumberColumn | TextColumn | ArrayColumn;

/** What every column can do. */
abstract class Values<T> {
  length = 0;

  /** The value at a row, null where it is unknown. */
  abstract at(row: number): T | null;

  /** Takes the last value back. A text stays in the dictionary. */
  removeLast(): void {
    this.length -= 1;
  }

  *[Symbol.iterator](): Iterator<T | null> {
    for (let row = 0; row < this.length; row += 1) {
      yield this.at(row);
    }
  }
}

type NumberType = Exclude<ColumnType, 'text' | 'array<double>'>;

export class NumberColumn extends Values<number | boolean> {
  private stored = new Float64Array(16);

  constructor(readonly type: NumberType) {
    super();
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
    this.stored = grown(this.stored, this.length + 1);
    // −0 would be a second zero: equal, yet of other bits.
    this.stored[this.length] = value + 0;
    this.length += 1;
  }
}

export class TextColumn extends Values<string> {
  readonly type = 'text';
  private stored = new Int32Array(16);

  constructor(readonly dictionary = new TextDictionary()) {
    super();
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
    this.addCode(value === null ? -1 : this.dictionary.codeOf(String(value)));
  }

  /** Adds a text by its code in this column's dictionary, −1 for null. */
  addCode(code: number): void {
    this.stored = grown(this.stored, this.length + 1);
    this.stored[this.length] = code;
    this.length += 1;
  }
}

export class ArrayColumn extends Values<readonly number[]> {
  readonly type = 'array<double>';
  private elements = new Float64Array(32);
  /** Where each array ends among the elements, or −1 − end for null. */
  private ends = new Int32Array(16);

  override at(row: number): readonly number[] | null {
    const elements = this.elementsAt(row);
    return elements === undefined ? null : Array.from(elements);
  }

  add(value: Value): void {
    const from = this.endBefore(this.length);
    const added = Array.isArray(value) ? value : [];
    this.elements = grown(this.elements, from + added.length);
    for (let i = 0; i < added.length; i += 1) {
      this.elements[from + i] = added[i] + 0;
    }
    this.ends = grown(this.ends, this.length + 1);
    const end = from + added.length;
    this.ends[this.length] = value === null ? -1 - end : end;
    this.length += 1;
  }

  /** The elements of a row, without copying; undefined for null. */
  elementsAt(row: number): Float64Array | undefined {
    const end = row < this.length ? (this.ends[row] ?? -1) : -1;
    return end < 0 ? undefined : this.elements.subarray(this.endBefore(row), end);
  }

  private endBefore(row: number): number {
    const end = row === 0 ? 0 : (this.ends[row - 1] ?? 0);
    return end < 0 ? -1 - end : end;
  }
}

/** An empty column of a type. */
export function emptyColumn(type: ColumnType): Column {
  switch (type) {
    case 'text':
      return new TextColumn();
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
