import * as aq from 'arquero';
import type { Row } from '../../columns/table.ts';
import { compareValues } from '../../plan/order.ts';
import type { RelationNode, SortKey, WindowNode } from '../../plan/relation.ts';
import type { Value } from '../../plan/types.ts';
import { orderOf } from '../../plan/walk.ts';
import { windows } from '../../plan/windows.ts';
import { type Arquero, groupIdsBy, rowsIn, sort } from './rows.ts';

/** The table, sorted, with columns of a window. @param wanted the columns, by name */
export function withWindows(
  table: Arquero,
  relation: Extract<RelationNode, { kind: 'window' }>,
  wanted: readonly (readonly [string, WindowNode])[],
): Arquero {
  if (wanted.length === 0) {
    return table;
  }
  const [longest = []] = wanted
    .map(([, window]) => orderOf(window, relation))
    .sort((a, b) => b.length - a.length);
  const sorted = sort(table, longest);
  const rows = rowsIn(sorted, sorted.columnNames());
  const added = wanted.map(([name]) => [name, new Array<Value>(rows.length).fill(null)] as const);
  for (const partition of partitionsOf(rows, relation.by)) {
    const isTie = (at: number) => isEqual(partition[at - 1], partition[at], relation.order);
    for (const [i, [, { function: name, arguments: columns, offset = 0 }]] of wanted.entries()) {
      const [column = ''] = columns;
      const values = windows[name].values(
        { length: partition.length, isTie },
        partition.map(({ row }) => row[column] ?? null),
        offset,
      );
      for (const [at, { place }] of partition.entries()) {
        const [, cells = []] = added[i] ?? [];
        cells[place] = values[at] ?? null;
      }
    }
  }
  return sorted.assign(aq.table(Object.fromEntries(added)));
}

interface PlacedRow {
  readonly row: Row;
  /** The place in the table. */
  readonly place: number;
}

function partitionsOf(rows: readonly Row[], by: readonly string[]): Iterable<readonly PlacedRow[]> {
  const idOf = groupIdsBy(by);
  const partitions = new Map<number, PlacedRow[]>();
  for (const [place, row] of rows.entries()) {
    const id = idOf(row);
    const partition = partitions.get(id) ?? [];
    partition.push({ row, place });
    partitions.set(id, partition);
  }
  return partitions.values();
}

function isEqual(a: PlacedRow | undefined, b: PlacedRow | undefined, order: readonly SortKey[]): boolean {
  return order.every(({ column }) => compareValues(a?.row[column] ?? null, b?.row[column] ?? null) === 0);
}
