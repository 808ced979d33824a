import type { Schema } from '../plan/types.ts';
import { addColumn } from './column.ts';
import { type ColumnarTable, columnAt, columnarTable, emptyTable } from './table.ts';

/** Concatenates tables. */
export class TableBuilder {
  private readonly store: ColumnarTable;

  constructor(private readonly schema: Schema) {
    this.store = emptyTable(schema);
  }

  /** The rows so far; the table changes when more are added. */
  get table(): ColumnarTable {
    return columnarTable(this.schema, this.store.columns);
  }

  /** Adds the rows of a table that has at least these columns. */
  add(rows: ColumnarTable): void {
    for (const name of Object.keys(this.schema)) {
      addColumn(columnAt(this.store, name), columnAt(rows, name));
    }
  }
}
