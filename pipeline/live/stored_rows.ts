import type { Schema } from '../plan/types.ts';
import { columnType } from '../plan/types.ts';
import { ArrayColumn, type Column, emptyColumn, NumberColumn, TextColumn } from '../table/column.ts';
import { type ColumnarTable, columnAt } from '../table/columnar_table.ts';
import type { Delta } from './delta.ts';

/** Some columns of all rows of a relation so far. Of text, all deltas have one dictionary, which is the stored column's too. */
export class StoredRows {
  readonly columns: Record<string, Column> = {};
  private length = 0;

  constructor(private readonly schema: Schema) {}

  /** Says that columns are to be kept, before the first row comes. */
  keep(columns: Iterable<string>): void {
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
    for (const [name, stored] of Object.entries(this.columns)) {
      this.columns[name] = extended(stored, delta.column(name));
    }
    this.length += delta.length;
    return this.length - delta.length;
  }

  /** A column that is kept. */
  column(name: string): Column {
    return columnAt(this, name);
  }
}

function extended(stored: Column, added: Column): Column {
  if (stored instanceof TextColumn && added instanceof TextColumn) {
    // The first rows bring the dictionary.
    const column = stored.length === 0 ? new TextColumn(added.dictionary) : stored;
    if (column.dictionary !== added.dictionary) {
      throw new TypeError('The texts of a column came with another dictionary than before.');
    }
    column.addCodes(added.codes);
    return column;
  }
  if (stored instanceof NumberColumn && added instanceof NumberColumn) {
    stored.addAll(added);
    return stored;
  }
  if (stored instanceof ArrayColumn && added instanceof ArrayColumn) {
    for (const value of added) {
      stored.add(value);
    }
    return stored;
  }
  throw new TypeError(`A column of ${added.type} cannot be added to one of ${stored.type}.`);
}
