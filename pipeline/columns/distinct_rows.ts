import type { Schema } from '../plan/types.ts';
import { ArrayColumn, addColumn, type Column, emptyLike, NumberColumn, StringColumn } from './column.ts';
import { DictionaryUnifier } from './dictionary_unifier.ts';
import { foldBits, mix32 } from './hash.ts';
import { HashIndex } from './hash_index.ts';
import type { Indexes, RowIndex } from './ids.ts';
import { type ColumnarTable, columnAt, columnarTable, emptyTable } from './table.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/**
 * A table that takes each row once. Rows are equal when all their values are, null being equal to null;
 * a hash only finds candidates, the values decide.
 */
export class DistinctRows {
  private readonly store: ColumnarTable;
  private readonly columns: readonly DistinctColumn[];
  private readonly index = new HashIndex();
  private count = 0;

  constructor(
    readonly schema: Schema,
    store = emptyTable(schema),
  ) {
    this.store = store;
    this.columns = Object.keys(schema).map((name) => distinctColumn(columnAt(this.store, name)));
  }

  /** An empty one for rows whose strings are in the dictionaries of a table: then they need no translation. */
  static like({ schema, columns }: ColumnarTable): DistinctRows {
    const empty = Object.keys(schema).map((name) => [name, emptyLike(columnAt({ columns }, name))]);
    return new DistinctRows(schema, { schema, columns: Object.fromEntries(empty), length: 0 });
  }

  /** The different rows so far, in the order of arrival. */
  get table(): ColumnarTable {
    return columnarTable(this.schema, this.store.columns);
  }

  column(name: string): Column {
    return columnAt(this.store, name);
  }

  get length(): number {
    return this.count;
  }

  /** The different rows from one up to another, in the order of arrival: views that later rows do not change. */
  rowsFrom(first: RowIndex, end: RowIndex = this.count): ColumnarTable {
    const columns = Object.entries(this.store.columns).map(([name, column]) => [
      name,
      column.slice(first, end),
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

  /** The same. @returns the table's rows that were new, ascending */
  addNew(table: ColumnarTable): Int32Array {
    const hashes = this.hashesOf(table);
    const fresh = new Int32Array(table.length);
    return fresh.subarray(0, this.retainNew(hashes, fresh));
  }

  /** Adds the rows of a table. @returns for each the one among the different rows that it equals */
  indexesOf(table: ColumnarTable): Indexes<RowIndex> {
    const indexes = this.hashesOf(table);
    for (let row = 0; row < indexes.length; row += 1) {
      const hash = mix32(indexes[row] ?? 0);
      const stored = this.find(row, hash);
      indexes[row] = stored < 0 ? this.retain(row, hash) : stored;
    }
    return indexes;
  }

  /** Gives the rows of a table that are held already, ascending, and adds none. */
  heldOf(table: ColumnarTable): Int32Array {
    const hashes = this.hashesOf(table);
    const rows = Int32Array.from(hashes.keys());
    return rows.filter((row) => this.find(row, mix32(hashes[row] ?? 0)) >= 0);
  }

  /** Takes the columns of a table, whose rows can then be compared. @returns the hashes of its rows */
  private hashesOf(table: ColumnarTable): Int32Array {
    const hashes = new Int32Array(table.length);
    for (const [i, name] of Object.keys(this.schema).entries()) {
      this.columns[i]?.take(columnAt(table, name), hashes);
    }
    return hashes;
  }

  /** Writes the rows that were new. @returns their number */
  private retainNew(hashes: Int32Array, fresh: Int32Array): number {
    let length = 0;
    for (let row = 0; row < hashes.length; row += 1) {
      fresh[length] = row;
      length += this.retainIfNew(row, mix32(hashes[row] ?? 0)) ? 1 : 0;
    }
    return length;
  }

  private retainIfNew(row: RowIndex, hash: number): boolean {
    const isNew = this.find(row, hash) < 0;
    if (isNew) {
      this.retain(row, hash);
    }
    return isNew;
  }

  /** Stores a row that was searched for just now and not found. @returns its index */
  private retain(row: RowIndex, hash: number): RowIndex {
    const { columns, index } = this;
    for (let i = 0; i < columns.length; i += 1) {
      columns[i]?.retain(row);
    }
    index.insert(this.count, hash);
    this.count += 1;
    return this.count - 1;
  }

  /** The stored row that a row to add equals, −1 for none. */
  private find(row: RowIndex, hash: number): number {
    let stored = this.index.first(hash);
    while (stored >= 0 && !this.isEqual(stored, row)) {
      stored = this.index.next(hash);
    }
    return stored;
  }

  private isEqual(stored: RowIndex, row: RowIndex): boolean {
    return this.columns.every((column) => column.isEqual(stored, row));
  }
}

/** A column of the stored rows, beside the same column of the rows that are being added. */
interface DistinctColumn {
  /** Takes the column of rows to add, and adds its values to their hashes. */
  take(column: Column, hashes: Int32Array): void;
  /** Compares a stored row's value with that of a row to add. */
  isEqual(stored: RowIndex, row: RowIndex): boolean;
  /** Stores the value of a row to add. */
  retain(row: RowIndex): void;
}

function distinctColumn(stored: Column): DistinctColumn {
  if (stored instanceof StringColumn) {
    return new DistinctStrings(stored);
  }
  if (stored instanceof ArrayColumn) {
    return new DistinctArrays(stored);
  }
  return new DistinctNumbers(stored);
}

/** Combines a hash with one more value. */
function hashWith(hash: number, value: number): number {
  return Math.imul(hash, 31) + Math.imul(value ^ (value >>> 15), 0x85ebca6b);
}

class DistinctNumbers implements DistinctColumn {
  private values: Float64Array = new Float64Array(0);

  constructor(private readonly stored: NumberColumn) {}

  take(column: Column, hashes: Int32Array): void {
    if (!(column instanceof NumberColumn) || column.type !== this.stored.type) {
      throw otherType(column, this.stored);
    }
    this.values = column.values;
    for (let row = 0; row < hashes.length; row += 1) {
      hashes[row] = hashWith(hashes[row] ?? 0, foldBits(this.values[row] ?? Number.NaN));
    }
  }

  isEqual(stored: RowIndex, row: RowIndex): boolean {
    return Object.is(this.stored.valueAt(stored), this.values[row]);
  }

  retain(row: RowIndex): void {
    this.stored.addNumber(this.values[row] ?? Number.NaN);
  }
}

class DistinctStrings implements DistinctColumn {
  /** Codes in the stored column's dictionary. */
  private codes: Int32Array = new Int32Array(0);

  constructor(private readonly stored: StringColumn) {}

  take(column: Column, hashes: Int32Array): void {
    if (!(column instanceof StringColumn)) {
      throw otherType(column, this.stored);
    }
    this.codes = new DictionaryUnifier(this.stored.dictionary).codes(column);
    for (let row = 0; row < hashes.length; row += 1) {
      hashes[row] = hashWith(hashes[row] ?? 0, this.codes[row] ?? -1);
    }
  }

  isEqual(stored: RowIndex, row: RowIndex): boolean {
    return this.stored.codeAt(stored) === this.codes[row];
  }

  retain(row: RowIndex): void {
    this.stored.addCode(this.codes[row] ?? -1);
  }
}

class DistinctArrays implements DistinctColumn {
  private column = new ArrayColumn();

  constructor(private readonly stored: ArrayColumn) {}

  take(column: Column, hashes: Int32Array): void {
    if (!(column instanceof ArrayColumn) || column.type !== this.stored.type) {
      throw otherType(column, this.stored);
    }
    this.column = this.withStoredCodes(column);
    for (let row = 0; row < hashes.length; row += 1) {
      let hash = -1;
      for (const element of this.column.elementsAt(row) ?? []) {
        hash = hashWith(hash, foldBits(element));
      }
      hashes[row] = hashWith(hashes[row] ?? 0, hash);
    }
  }

  /** The column, its strings as codes of the stored column's dictionary. */
  private withStoredCodes(column: ArrayColumn): ArrayColumn {
    if (this.stored.dictionary === undefined) {
      return column;
    }
    const unified = ArrayColumn.ofStrings(this.stored.dictionary);
    addColumn(unified, column);
    return unified;
  }

  isEqual(stored: RowIndex, row: RowIndex): boolean {
    const a = this.stored.elementsAt(stored);
    const b = this.column.elementsAt(row);
    return a === undefined || b === undefined
      ? a === b
      : a.length === b.length && a.every((value, i) => value === b[i]);
  }

  retain(row: RowIndex): void {
    this.stored.add(this.column.at(row));
  }
}

function otherType(added: Column, stored: Column): TypeError {
  return new TypeError(`A column of ${added.type} cannot be added to one of ${stored.type}.`);
}
