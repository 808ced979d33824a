import type { Allocator } from '../../../columns/allocator.ts';
import { addColumn, type Column, emptyLike } from '../../../columns/column.ts';
import { RowGroupIds } from '../../../columns/group_ids/rows.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import { compareNonNull } from '../../../plan/order.ts';
import type { Value } from '../../../plan/types.ts';
import { Copies } from '../copies.ts';
import type { Change } from '../delta.ts';
import { firstRows } from '../first_rows.ts';
import { Firsts } from '../top/tournament.ts';
import { areNotNull } from './count_distinct.ts';
import type { AggregateState } from './state.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/**
 * The first argument of the row whose arguments are the smallest (side −1) or the largest (side 1), the last argument deciding
 * first: the extreme of one argument, or of one by another. Rows come and leave.
 */
export class Ranked implements AggregateState {
  /** Ids of a group and arguments. */
  private readonly ids = new RowGroupIds();
  private readonly copies = new Copies();
  /** By id: the arguments, in the order in which they decide. */
  private decisive: readonly Column[] = [];
  private readonly firsts: Firsts;

  constructor(side: -1 | 1) {
    this.firsts = new Firsts((a, b) => {
      for (const column of this.decisive) {
        const order = compareNonNull(column.at(a), column.at(b)) * side;
        if (order !== 0) {
          return order > 0;
        }
      }
      return false;
    });
  }

  change(
    groups: Indexes<GroupId>,
    columns: readonly Column[],
    _size: number,
    memory: Allocator,
    by: Change,
  ): void {
    const before = this.ids.size;
    const ids = this.ids.intern([groups, ...columns], memory);
    this.keep(columns, firstRows(ids, before, this.ids.size));
    for (const row of this.copies.change(ids, this.ids.size, by)) {
      if (areNotNull(columns, row)) {
        this.firsts.change(ids[row] ?? 0, groups[row] ?? 0, by > 0);
      }
    }
  }

  private keep(columns: readonly Column[], rows: Int32Array): void {
    const decisive = columns.toReversed();
    if (this.decisive.length === 0) {
      this.decisive = decisive.map(emptyLike);
    }
    for (const [i, column] of this.decisive.entries()) {
      const added = decisive[i];
      if (added !== undefined) {
        addColumn(column, added.gather(rows));
      }
    }
  }

  value(group: GroupId): Value {
    const id = this.firsts.of(group);
    return id < 0 ? null : (this.decisive.at(-1)?.at(id) ?? null);
  }
}
