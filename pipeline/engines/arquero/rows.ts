/** Rows of Arquero's tables by group and in order, with the plan's meaning of both. */
import * as aq from 'arquero';
import type { Row } from '../../columns/table.ts';
import { compareValues } from '../../plan/order.ts';
import type { SortKey } from '../../plan/relation.ts';

export type Arquero = aq.ColumnTable;
export type Columns = readonly string[];

/** The column that holds the id of a row's group; a name that no plan can use. */
export const groupId = '\u0000group';

/** The rows of a table, in its order. Arquero's own `objects()` generates and compiles a program. */
export function rowsIn(table: Arquero, names: Columns): Row[] {
  const columns = names.map((name) => table.column(name));
  const rows: Row[] = [];
  table.scan((at) => {
    if (at !== undefined) {
      rows.push(Object.fromEntries(names.map((name, i) => [name, columns[i]?.at(at)])));
    }
  }, true);
  return rows;
}

/** The first rows, in the table's order, of each group of rows equal in the columns. */
export function firstOfEach(table: Arquero, by: Columns, count: number): Arquero {
  return by.length === 0
    ? table.slice(0, count).reify()
    : withGroupIds(table, by).groupby(groupId).slice(0, count).ungroup().reify().select(aq.not(groupId));
}

/** The table with the id of each row's group. */
export function withGroupIds(table: Arquero, by: Columns): Arquero {
  return table.derive({ [groupId]: aq.escape(groupIdsBy(by)) });
}

/**
 * Gives rows that are equal in the columns one id, nulls being equal.
 * Arquero's own key of several columns joins them without escaping, and mixes up groups.
 */
export function groupIdsBy(by: Columns): (row: Row) => number {
  const ids = new Map<string, number>();
  return (row) => {
    const key = JSON.stringify(by.map((name) => row[name]));
    const id = ids.get(key) ?? ids.size;
    ids.set(key, id);
    return id;
  };
}

export function sort(table: Arquero, order: readonly SortKey[]): Arquero {
  const keys = order.map((key) => ({ column: table.column(key.column), descending: key.descending }));
  const compare = (a: number, b: number): number => {
    for (const { column, descending } of keys) {
      const result = compareValues(column?.at(a) ?? null, column?.at(b) ?? null, descending);
      if (result !== 0) {
        return result;
      }
    }
    return 0;
  };
  return table.create({ order: compare }).reify();
}
