import type { Schema } from '../plan/types.ts';
import { ArrayColumn, type Column, NumberColumn, TextColumn } from './column.ts';
import { type ColumnarTable, columnAt, columnarTable, emptyTable } from './columnar_table.ts';
import { mixed } from './text_dictionary.ts';

/**
 * A table that takes each row once. Rows are equal when all their values are, null being equal to null;
 * a hash only finds candidates, the values decide.
 */
export class DistinctRows {
  private readonly columns: readonly Column[];
  private readonly store: ColumnarTable;
  /** Open addressing: row + 1 at the slot of its hash, 0 where free. */
  private slots = new Int32Array(1 << 10);
  private hashes: Int32Array = new Int32Array(1 << 9);
  private count = 0;

  constructor(readonly schema: Schema) {
    this.store = emptyTable(schema);
    this.columns = Object.keys(schema).map((name) => columnAt(this.store, name));
  }

  /** The different rows so far, in the order of arrival. */
  get table(): ColumnarTable {
    return columnarTable(this.schema, this.store.columns);
  }

  get length(): number {
    return this.count;
  }

  /**
   * Adds the rows of a table of the same schema.
   * @returns the number of rows that were new
   */
  add(table: ColumnarTable): number {
    const before = this.count;
    const copies = Object.keys(this.schema).map((name, i) => copier(columnAt(table, name), this.columns[i]));
    for (let row = 0; row < table.length; row += 1) {
      for (const copy of copies) {
        copy(row);
      }
      this.keepLastIfNew();
    }
    return this.count - before;
  }

  private keepLastIfNew(): void {
    const last = this.count;
    const hash = this.hashOf(last);
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (let taken = this.slots[slot] ?? 0; taken !== 0; taken = this.slots[slot] ?? 0) {
      if (this.hashes[taken - 1] === hash && this.areEqual(taken - 1, last)) {
        for (const column of this.columns) {
          column.removeLast();
        }
        return;
      }
      slot = (slot + 1) & mask;
    }
    this.slots[slot] = last + 1;
    this.hashes[last] = hash;
    this.count += 1;
    if (this.count * 2 >= this.slots.length) {
      this.grow();
    }
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

  private hashOf(row: number): number {
    let hash = 0;
    for (const column of this.columns) {
      hash = mixed(Math.imul(hash, 31) + hashOfValue(column, row));
    }
    return hash;
  }

  private areEqual(a: number, b: number): boolean {
    return this.columns.every((column) => isEqual(column, a, b));
  }
}

/** A function that adds a row's value to another column of the same type, with a memory of text codes already met. */
function copier(from: Column, to: Column | undefined): (row: number) => void {
  if (from instanceof TextColumn && to instanceof TextColumn) {
    const { codes, dictionary } = from;
    const known = new Int32Array(dictionary.size);
    return (row) => {
      const code = codes[row] ?? -1;
      if (code < 0) {
        to.addCode(-1);
        return;
      }
      // A code met before is remembered as itself + 1.
      let other = known[code] ?? 0;
      if (other === 0) {
        other = to.dictionary.codeOfOther(dictionary, code) + 1;
        known[code] = other;
      }
      to.addCode(other - 1);
    };
  }
  if (from instanceof NumberColumn && to instanceof NumberColumn && from.type === to.type) {
    const { values } = from;
    return (row) => to.addNumber(values[row] ?? Number.NaN);
  }
  if (from instanceof ArrayColumn && to instanceof ArrayColumn) {
    return (row) => to.add(from.at(row));
  }
  throw new TypeError(`A column of ${from.type} cannot be added to one of ${to?.type}.`);
}

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

function hashOfNumber(value: number): number {
  float[0] = value;
  return (words[0] ?? 0) ^ Math.imul(words[1] ?? 0, 0x9e3779b1);
}

function hashOfValue(column: Column, row: number): number {
  if (column instanceof NumberColumn) {
    return hashOfNumber(column.valueAt(row));
  }
  if (column instanceof TextColumn) {
    return column.codeAt(row);
  }
  let hash = -1;
  for (const element of column.elementsAt(row) ?? []) {
    hash = Math.imul(hash, 31) + hashOfNumber(element);
  }
  return hash;
}

function isEqual(column: Column, a: number, b: number): boolean {
  if (column instanceof NumberColumn) {
    return Object.is(column.valueAt(a), column.valueAt(b));
  }
  if (column instanceof TextColumn) {
    return column.codeAt(a) === column.codeAt(b);
  }
  const x = column.elementsAt(a);
  const y = column.elementsAt(b);
  return x === undefined || y === undefined
    ? x === y
    : x.length === y.length && x.every((value, i) => value === y[i]);
}
