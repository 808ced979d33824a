import type { Schema, Value } from '../plan/types.ts';
import { type Column, columnOf, emptyColumn } from './column.ts';

/** Rows of a schema, held by column. */
export interface ColumnarTable {
  readonly schema: Schema;
  /** One for each column of the schema, all of the same length. */
  readonly columns: Readonly<Record<string, Column>>;
  /** The number of rows. */
  readonly length: number;
}

/** A row as an object: for people, tests and small tables. */
export type Row = Readonly<Record<string, Value>>;

/** @throws RangeError when the columns differ in length */
export function columnarTable(schema: Schema, columns: Readonly<Record<string, Column>>): ColumnarTable {
  const lengths = new Set(Object.keys(schema).map((name) => columnAt({ columns }, name).length));
  if (lengths.size > 1) {
    throw new RangeError(`The columns differ in length: ${[...lengths].join(', ')}.`);
  }
  const [length = 0] = lengths;
  return { schema, columns, length };
}

/** A table that rows can be added to. */
export function emptyTable(schema: Schema): ColumnarTable {
  return columnarTable(
    schema,
    Object.fromEntries(Object.entries(schema).map(([name, type]) => [name, emptyColumn(type)])),
  );
}

export function tableOfRows(schema: Schema, rows: readonly Row[]): ColumnarTable {
  const columns = Object.entries(schema).map(([name, type]) => [
    name,
    columnOf(
      type,
      rows.map((row) => row[name] ?? null),
    ),
  ]);
  return columnarTable(schema, Object.fromEntries(columns));
}

export function rowsOf(table: ColumnarTable): Row[] {
  const names = Object.keys(table.schema);
  return Array.from({ length: table.length }, (_, row) =>
    Object.fromEntries(names.map((name) => [name, columnAt(table, name).at(row)])),
  );
}

/** @throws RangeError that lists the columns that exist */
export function columnAt<C = Column>(
  table: { readonly columns: Readonly<Record<string, C>> },
  name: string,
): C {
  const column = table.columns[name];
  if (column === undefined) {
    throw new RangeError(
      `There is no column "${name}"; the columns are ${Object.keys(table.columns).join(', ')}.`,
    );
  }
  return column;
}
