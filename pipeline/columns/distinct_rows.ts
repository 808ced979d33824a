import type { Schema } from '../plan/types.ts';
import { ArrayColumn, type Column, codesIn, NumberColumn, StringColumn } from './column.ts';
import { mix32 } from './hash.ts';
import { type ColumnarTable, columnAt, columnarTable, emptyTable } from './table.ts';

/**
 * A table that takes each row once. Rows are equal when all their values are, null being equal to null;
 * a hash only finds candidates, the values decide.
 */
export class DistinctRows {
  private readonly store: ColumnarTable;
  private readonly columns: readonly DistinctColumn[];
  /** Open addressing: row + 1 at the slot of its hash, 0 where free. */
  private slots = new Int32Array(1 << 10);
  private hashes = new Int32Array(1 << 9);
  private count = 0;

  constructor(readonly schema: Schema) {
    this.store = emptyTable(schema);
    this.columns = Object.keys(schema).map((name) => distinctColumn(columnAt(this.store, name)));
  }

  /** The different rows so far, in the order of arrival. */
  get table(): ColumnarTable {
    return columnarTable(this.schema, this.store.columns);
  }

  get length(): number {
    return this.count;
  }

  /** The different rows from one on, in the order of arrival: views that later rows do not change. */
  rowsFrom(first: number): ColumnarTable {
    const columns = Object.entries(this.store.columns).map(([name, column]) => [
      name,
      column.slice(first, this.count),
    ]);
    return columnarTable(this.schema, Object.fromEntries(columns));
  }

  /**
   * Adds the rows of a table of the same schema.
   * @returns the number of rows that were new
   */
  add(table: ColumnarTable): number {
    return this.addNew(table).length;
  }

  /** The same, and gives which of the table's rows were new, in order. */
  addNew(table: ColumnarTable): Int32Array {
    const fresh = new Int32Array(table.length);
    let length = 0;
    const hashes = new Int32Array(table.length);
    for (const [i, name] of Object.keys(this.schema).entries()) {
      this.columns[i]?.take(columnAt(table, name), hashes);
    }
    for (let row = 0; row < table.length; row += 1) {
      fresh[length] = row;
      length += this.keepIfNew(row, mix32(hashes[row] ?? 0)) ? 1 : 0;
    }
    return fresh.subarray(0, length);
  }

  private keepIfNew(row: number, hash: number): boolean {
    const { columns } = this;
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (let taken = this.slots[slot] ?? 0; taken !== 0; taken = this.slots[slot] ?? 0) {
      if (this.hashes[taken - 1] === hash && this.isEqual(taken - 1, row)) {
        return false;
      }
      slot = (slot + 1) & mask;
    }
    for (let i = 0; i < columns.length; i += 1) {
      columns[i]?.keep(row);
    }
    this.slots[slot] = this.count + 1;
    this.hashes[this.count] = hash;
    this.count += 1;
    if (this.count * 2 >= this.slots.length) {
      this.grow();
    }
    return true;
  }

  private isEqual(kept: number, row: number): boolean {
    return this.columns.every((column) => column.isEqual(kept, row));
  }

  private grow(): void {
    const slots = new Int32Array(this.slots.length * 2);
    const hashes = new Int32Array(this.slots.length);
    hashes.set(this.hashes);
    const mask = slots.length - 1;
    for (let row = 0; row < this.count; row += 1) {
      let slot = (hashes[row] ?? 0) & mask;
      while (slots[slot] !== 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = row + 1;
    }
    this.slots = slots;
    this.hashes = hashes;
  }
}

/** A column of the kept rows, beside the same column of the rows that are being looked at. */
interface DistinctColumn {
  /** Looks at the column of other rows, and adds its values to their hashes. */
  take(column: Column, hashes: Int32Array): void;
  /** Whether a kept row's value is that of a row looked at. */
  isEqual(kept: number, row: number): boolean;
  /** Adds the value of a row looked at to the kept ones. */
  keep(row: number): void;
}

function distinctColumn(kept: Column): DistinctColumn {
  if (kept instanceof StringColumn) return new DistinctTexts(kept);
  if (kept instanceof ArrayColumn) return new DistinctArrays(kept);
  return new DistinctNumbers(kept);
}

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

function hashOfNumber(value: number): number {
  float[0] = value;
  return (words[0] ?? 0) ^ Math.imul(words[1] ?? 0, 0x9e3779b1);
}

/** A hash to which one more value is added. */
function hashWith(hash: number, value: number): number {
  return Math.imul(hash, 31) + Math.imul(value ^ (value >>> 15), 0x85ebca6b);
}

class DistinctNumbers implements DistinctColumn {
  private values: Float64Array = new Float64Array(0);

  constructor(private readonly kept: NumberColumn) {}

  take(column: Column, hashes: Int32Array): void {
    if (!(column instanceof NumberColumn) || column.type !== this.kept.type) {
      throw otherType(column, this.kept);
    }
    this.values = column.values;
    for (let row = 0; row < hashes.length; row += 1) {
      hashes[row] = hashWith(hashes[row] ?? 0, hashOfNumber(this.values[row] ?? Number.NaN));
    }
  }

  isEqual(kept: number, row: number): boolean {
    return Object.is(this.kept.valueAt(kept), this.values[row]);
  }

  keep(row: number): void {
    this.kept.addNumber(this.values[row] ?? Number.NaN);
  }
}

class DistinctTexts implements DistinctColumn {
  /** In the kept column's dictionary. */
  private codes: Int32Array = new Int32Array(0);

  constructor(private readonly kept: StringColumn) {}

  take(column: Column, hashes: Int32Array): void {
    if (!(column instanceof StringColumn)) {
      throw otherType(column, this.kept);
    }
    this.codes = codesIn(this.kept.dictionary, column);
    for (let row = 0; row < hashes.length; row += 1) {
      hashes[row] = hashWith(hashes[row] ?? 0, this.codes[row] ?? -1);
    }
  }

  isEqual(kept: number, row: number): boolean {
    return this.kept.codeAt(kept) === this.codes[row];
  }

  keep(row: number): void {
    this.kept.addCode(this.codes[row] ?? -1);
  }
}

class DistinctArrays implements DistinctColumn {
  private column = new ArrayColumn();

  constructor(private readonly kept: ArrayColumn) {}

  take(column: Column, hashes: Int32Array): void {
    if (!(column instanceof ArrayColumn)) {
      throw otherType(column, this.kept);
    }
    this.column = column;
    for (let row = 0; row < hashes.length; row += 1) {
      let hash = -1;
      for (const element of column.elementsAt(row) ?? []) {
        hash = hashWith(hash, hashOfNumber(element));
      }
      hashes[row] = hashWith(hashes[row] ?? 0, hash);
    }
  }

  isEqual(kept: number, row: number): boolean {
    const a = this.kept.elementsAt(kept);
    const b = this.column.elementsAt(row);
    return a === undefined || b === undefined
      ? a === b
      : a.length === b.length && a.every((value, i) => value === b[i]);
  }

  keep(row: number): void {
    this.kept.add(this.column.at(row));
  }
}

function otherType(given: Column, kept: Column): TypeError {
  return new TypeError(`A column of ${given.type} cannot be added to one of ${kept.type}.`);
}
