import type { Allocator } from '../../../columns/allocator.ts';
import { type Column, StringColumn } from '../../../columns/column.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import { RowGroupIds } from '../../../columns/group_ids/rows.ts';
import type { GroupId, Indexes, RowIndex } from '../../../columns/ids.ts';
import type { Value } from '../../../plan/types.ts';
import type { AggregateState } from './state.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** The number of different rows of the arguments, without those that have a null. Rows only come. */
export class CountDistinct implements AggregateState {
  private counts = new Float64Array(16);
  /** Ids of a group and arguments: a new one is a row that its group did not have before. */
  private readonly rowIds = new RowGroupIds();

  change(groups: Indexes<GroupId>, columns: readonly Column[], size: number, memory: Allocator): void {
    this.counts = ensureCapacity(this.counts, size);
    const { counts } = this;
    let next = this.rowIds.size;
    const ids = this.rowIds.intern([groups, ...columns], memory);
    for (let row = 0; row < groups.length; row += 1) {
      if (ids[row] === next) {
        next += 1;
        const group = groups[row] ?? 0;
        counts[group] = (counts[group] ?? 0) + (areNotNull(columns, row) ? 1 : 0);
      }
    }
  }

  value(group: GroupId): Value {
    return this.counts[group] ?? 0;
  }
}

export function areNotNull(columns: readonly Column[], row: RowIndex): boolean {
  for (let i = 0; i < columns.length; i += 1) {
    const column = columns[i];
    if (column instanceof StringColumn ? column.codeAt(row) < 0 : column?.at(row) === null) {
      return false;
    }
  }
  return true;
}
