import type { Allocator } from '../../../columns/allocator.ts';
import type { Column } from '../../../columns/column.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import { RowGroupIds } from '../../../columns/group_ids/rows.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import type { Value } from '../../../plan/types.ts';
import { Copies } from '../copies.ts';
import type { Change } from '../delta.ts';
import { areNotNull } from './count_distinct.ts';
import type { AggregateState } from './state.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** The number of different rows of the arguments, without those that have a null, where rows come and leave. */
export class CountedDistinct implements AggregateState {
  private counts = new Float64Array(16);
  /** Ids of a group and arguments. */
  private readonly rowIds = new RowGroupIds();
  private readonly copies = new Copies();

  change(
    groups: Indexes<GroupId>,
    columns: readonly Column[],
    size: number,
    memory: Allocator,
    by: Change,
  ): void {
    this.counts = ensureCapacity(this.counts, size);
    const ids = this.rowIds.intern([groups, ...columns], memory);
    for (const row of this.copies.change(ids, this.rowIds.size, by)) {
      if (areNotNull(columns, row)) {
        const group = groups[row] ?? 0;
        this.counts[group] = (this.counts[group] ?? 0) + by;
      }
    }
  }

  value(group: GroupId): Value {
    return this.counts[group] ?? 0;
  }
}
