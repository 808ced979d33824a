import type { Arena } from '../../../columns/arena.ts';
import { type Column, StringColumn } from '../../../columns/column.ts';
import { DictionaryUnifier } from '../../../columns/dictionary_unifier.ts';
import type { RowIndex } from '../../../columns/ids.ts';
import { StringDictionary } from '../../../columns/string_dictionary.ts';
import { type ColumnarTable, columnAt } from '../../../columns/table.ts';
import { columnType, type Schema } from '../../../plan/types.ts';
import { TableDelta } from '../delta.ts';
import { Operator } from './operator.ts';

/** The rows of a source, which come from outside. */
export class Source extends Operator {
  private readonly required = new Set<string>();
  /** By column; the dictionaries are our own, since joins may add to them. */
  private readonly unifiers = new Map<string, DictionaryUnifier>();

  constructor(
    schema: Schema,
    private readonly arena: Arena,
  ) {
    super(schema);
  }

  override require(columns: Iterable<string>): void {
    for (const name of columns) {
      this.required.add(name);
    }
  }

  get requiredColumns(): ReadonlySet<string> {
    return this.required;
  }

  /** Takes some rows of a table that has at least the columns that are required. */
  add(table: ColumnarTable, from: RowIndex, to: RowIndex): void {
    const names = [...this.required];
    const columns = names.map((name) => [name, this.unified(name, columnAt(table, name).slice(from, to))]);
    const schema = Object.fromEntries(names.map((name) => [name, columnType(this.schema, name)]));
    const rows = { schema, columns: Object.fromEntries(columns), length: to - from };
    this.emit(new TableDelta(rows, this.arena));
    this.arena.reset();
  }

  /** The column, its strings as codes of the one dictionary of all deltas. */
  private unified(name: string, column: Column): Column {
    if (!(column instanceof StringColumn)) {
      return column;
    }
    const unifier = this.unifiers.get(name) ?? new DictionaryUnifier(new StringDictionary());
    this.unifiers.set(name, unifier);
    return new StringColumn(unifier.dictionary, unifier.codes(column, this.arena));
  }
}
