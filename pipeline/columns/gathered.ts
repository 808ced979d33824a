/** Rows of a table, taken out of it. */
import type { Schema } from '../plan/types.ts';
import { columnAt } from './table.ts';

/** A table of some kind of columns. */
export interface TableOf<C> {
  readonly schema: Schema;
  readonly columns: Readonly<Record<string, C>>;
  readonly length: number;
}

export interface Gatherable<C> {
  gather(rows: Int32Array): C;
}

/** Takes rows of a table. */
export function gathered<C extends Gatherable<C>>(table: TableOf<C>, rows: Int32Array): TableOf<C> {
  const columns = Object.keys(table.schema).map((name) => [name, columnAt(table, name).gather(rows)]);
  return { schema: table.schema, columns: Object.fromEntries(columns), length: rows.length };
}

/** Leaves rows of a table out. */
export function withoutRows<C extends Gatherable<C>>(
  table: TableOf<C>,
  isOut: (row: number) => boolean,
): TableOf<C> {
  const left: number[] = [];
  for (let row = 0; row < table.length; row += 1) {
    if (!isOut(row)) {
      left.push(row);
    }
  }
  return left.length === table.length ? table : gathered(table, Int32Array.from(left));
}
