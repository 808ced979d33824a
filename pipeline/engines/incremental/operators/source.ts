import type { Arena } from '../../../columns/arena.ts';
import type { RowIndex } from '../../../columns/ids.ts';
import { type ColumnarTable, columnAt } from '../../../columns/table.ts';
import { columnType, type Schema } from '../../../plan/types.ts';
import { type Change, TableDelta } from '../delta.ts';
import { OneDictionary } from './one_dictionary.ts';
import { Operator } from './operator.ts';

/** The rows of a source, which come from outside. */
export class Source extends Operator {
  private readonly required = new Set<string>();
  private readonly strings = new OneDictionary();

  constructor(
    schema: Schema,
    private readonly arena: Arena,
    rowsLeave: boolean,
  ) {
    super(schema, rowsLeave);
  }

  override require(columns: Iterable<string>): void {
    for (const name of columns) {
      this.required.add(name);
    }
  }

  get requiredColumns(): ReadonlySet<string> {
    return this.required;
  }

  /** Takes some rows of a table, which come or leave. @param table at least the columns that are required */
  change(table: ColumnarTable, from: RowIndex, to: RowIndex, by: Change): void {
    const names = [...this.required];
    const columns = names.map((name) => [
      name,
      this.strings.column(name, columnAt(table, name).slice(from, to), this.arena),
    ]);
    const schema = Object.fromEntries(names.map((name) => [name, columnType(this.schema, name)]));
    const rows = { schema, columns: Object.fromEntries(columns), length: to - from };
    this.emit(new TableDelta(rows, this.arena, by));
    this.arena.reset();
  }
}
