import { addColumn, type Column, emptyColumn, StringColumn } from '../../columns/column.ts';
import { type ColumnarTable, columnAt } from '../../columns/table.ts';
import type { Schema } from '../../plan/types.ts';
import { columnType } from '../../plan/types.ts';
import type { Delta } from './delta.ts';

/** Some columns of all rows of a relation so far. Of text, all deltas have one dictionary, which is the stored column's too. */
export class StoredRows {
  readonly columns: Record<string, Column> = {};
  private length = 0;

  constructor(private readonly schema: Schema) {}

  /** Says that columns are to be kept, before the first row comes. */
  retain(columns: Iterable<string>): void {
    for (const name of columns) {
      this.columns[name] ??= emptyColumn(columnType(this.schema, name));
    }
  }

  /** The rows so far, their columns being those that are kept. */
  get table(): ColumnarTable {
    const names = Object.keys(this.schema).filter((name) => Object.hasOwn(this.columns, name));
    const schema = Object.fromEntries(names.map((name) => [name, columnType(this.schema, name)]));
    return { schema, columns: this.columns, length: this.length };
  }

  /** @returns where the first of the rows is stored */
  append(delta: Delta): number {
    for (const name of Object.keys(this.columns)) {
      const added = delta.column(name);
      // The first rows bring the dictionary.
      if (this.length === 0 && added instanceof StringColumn)
        this.columns[name] = new StringColumn(added.dictionary);
      addColumn(this.column(name), added);
    }
    this.length += delta.length;
    return this.length - delta.length;
  }

  /** A column that is kept. */
  column(name: string): Column {
    return columnAt(this, name);
  }
}
