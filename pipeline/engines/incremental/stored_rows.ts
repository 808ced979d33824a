import { addColumn, type Column, emptyColumn, StringColumn } from '../../columns/column.ts';
import type { RowIndex } from '../../columns/ids.ts';
import { type ColumnarTable, columnAt } from '../../columns/table.ts';
import { columnType, type Schema } from '../../plan/types.ts';
import type { Delta } from './delta.ts';

/** Some columns of all rows of a relation so far. The strings of all deltas have one dictionary, the stored column's. */
export class StoredRows {
  readonly columns: Record<string, Column> = {};
  private length = 0;

  constructor(private readonly schema: Schema) {}

  /** Declares columns to store, before the first row comes. */
  retain(columns: Iterable<string>): void {
    for (const name of columns) {
      this.columns[name] ??= emptyColumn(columnType(this.schema, name));
    }
  }

  /** The rows so far, with the columns that are stored. */
  get table(): ColumnarTable {
    const names = Object.keys(this.schema).filter((name) => Object.hasOwn(this.columns, name));
    const schema = Object.fromEntries(names.map((name) => [name, columnType(this.schema, name)]));
    return { schema, columns: this.columns, length: this.length };
  }

  /** @returns where the first of the rows is stored */
  append(delta: Delta): RowIndex {
    for (const name of Object.keys(this.columns)) {
      const added = delta.column(name);
      // The first rows bring the dictionary.
      if (this.length === 0 && added instanceof StringColumn) {
        this.columns[name] = new StringColumn(added.dictionary);
      }
      addColumn(this.column(name), added);
    }
    this.length += delta.length;
    return this.length - delta.length;
  }

  /** A column that is stored. */
  column(name: string): Column {
    return columnAt(this, name);
  }
}
