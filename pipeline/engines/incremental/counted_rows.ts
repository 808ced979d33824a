import { type Column, emptyColumn } from '../../columns/column.ts';
import { DistinctRows } from '../../columns/distinct_rows.ts';
import { gathered } from '../../columns/gathered.ts';
import type { Indexes, RowIndex } from '../../columns/ids.ts';
import { type ColumnarTable, emptyTable } from '../../columns/table.ts';
import { columnType, partOf, type Schema } from '../../plan/types.ts';
import { Copies } from './copies.ts';
import type { Delta } from './delta.ts';
import type { RowStore } from './row_store.ts';

/** Some columns of the rows of a relation that rows can leave: each different row once, with the number of its copies. */
export class CountedRows implements RowStore {
  /** The columns that are retained. */
  private storedSchema: Schema = {};
  /** Made when the first rows bring the dictionaries of their strings. */
  private rows: DistinctRows | undefined;
  private readonly copies = new Copies();

  constructor(private readonly schema: Schema) {}

  retain(columns: Iterable<string>): void {
    this.storedSchema = partOf(this.schema, [...Object.keys(this.storedSchema), ...columns]);
  }

  take(delta: Delta): Indexes<RowIndex> {
    return this.change(delta).rows;
  }

  /**
   * The same.
   * @returns where each row is stored, and the rows of the delta that are the first of their copies to come, or the last to leave
   */
  change(delta: Delta): { readonly rows: Indexes<RowIndex>; readonly turned: Indexes<RowIndex> } {
    const table = delta.tableOf(this.storedSchema);
    this.rows ??= DistinctRows.like(table);
    const rows = this.rows.indexesOf(table);
    return { rows, turned: this.copies.change(rows, this.rows.length, delta.change) };
  }

  get stored(): ColumnarTable {
    return this.rows?.table ?? emptyTable(this.storedSchema);
  }

  get table(): ColumnarTable {
    const { stored } = this;
    const rows: RowIndex[] = [];
    for (let row = 0; row < stored.length; row += 1) {
      for (let copies = this.copies.of(row); copies > 0; copies -= 1) {
        rows.push(row);
      }
    }
    return gathered(stored, Int32Array.from(rows));
  }

  /** A column that is stored. */
  column(name: string): Column {
    return this.rows?.column(name) ?? emptyColumn(columnType(this.schema, name));
  }
}
