import type { Arena } from '../../../columns/arena.ts';
import type { Column } from '../../../columns/column.ts';
import type { RowIndex } from '../../../columns/ids.ts';
import { type ColumnarTable, columnAt } from '../../../columns/table.ts';
import { partOf, type Schema } from '../../../plan/types.ts';
import { type Change, TableDelta } from '../delta.ts';
import { OneDictionary } from './one_dictionary.ts';
import { Operator } from './operator.ts';

/** The rows of a source, which come from outside. */
export class Source extends Operator {
  private requiredSchema: Schema = {};
  private readonly strings = new OneDictionary();

  constructor(
    schema: Schema,
    private readonly arena: Arena,
    rowsLeave: boolean,
  ) {
    super(schema, rowsLeave);
  }

  override require(columns: Iterable<string>): void {
    this.requiredSchema = partOf(this.schema, [...Object.keys(this.requiredSchema), ...columns]);
  }

  get requiredColumns(): ReadonlySet<string> {
    return new Set(Object.keys(this.requiredSchema));
  }

  /** Takes some rows of a table, which come or leave. @param table at least the columns that are required */
  change(table: ColumnarTable, from: RowIndex, to: RowIndex, by: Change): void {
    const schema = this.requiredSchema;
    const columns: Record<string, Column> = {};
    for (const name of Object.keys(schema)) {
      columns[name] = this.strings.column(name, columnAt(table, name).slice(from, to), this.arena);
    }
    this.emit(new TableDelta({ schema, columns, length: to - from }, this.arena, by));
    this.arena.reset();
  }
}
