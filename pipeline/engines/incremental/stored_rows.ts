import { addColumn, type Column, emptyColumn, StringColumn } from '../../columns/column.ts';
import type { Indexes, RowIndex } from '../../columns/ids.ts';
import { type ColumnarTable, columnAt } from '../../columns/table.ts';
import { columnType, partOf, type Schema } from '../../plan/types.ts';
import type { Delta } from './delta.ts';
import type { RowStore } from './row_store.ts';

/** Some columns of all rows that came. The strings of all deltas have one dictionary, the stored column's. */
export class StoredRows implements RowStore {
  readonly columns: Record<string, Column> = {};
  private storedSchema: Schema = {};
  private length = 0;

  constructor(private readonly schema: Schema) {}

  retain(columns: Iterable<string>): void {
    for (const name of columns) {
      this.columns[name] ??= emptyColumn(columnType(this.schema, name));
    }
    this.storedSchema = partOf(this.schema, Object.keys(this.columns));
  }

  take(delta: Delta): Indexes<RowIndex> {
    const first = this.append(delta);
    const rows = delta.memory.ints(delta.length);
    for (let row = 0; row < rows.length; row += 1) {
      rows[row] = first + row;
    }
    return rows;
  }

  get stored(): ColumnarTable {
    return this.table;
  }

  get table(): ColumnarTable {
    return { schema: this.storedSchema, columns: this.columns, length: this.length };
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
