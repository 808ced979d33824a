import type { Allocator } from '../../../columns/allocator.ts';
import type { Column } from '../../../columns/column.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import type { Value } from '../../../plan/types.ts';
import type { Change } from '../delta.ts';
import type { AggregateState } from './state.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** The number of rows. */
export class Count implements AggregateState {
  private counts = new Float64Array(16);

  change(
    groups: Indexes<GroupId>,
    _columns: readonly Column[],
    size: number,
    _memory: Allocator,
    by: Change,
  ): void {
    this.counts = ensureCapacity(this.counts, size);
    const { counts } = this;
    for (let row = 0; row < groups.length; row += 1) {
      const group = groups[row] ?? 0;
      counts[group] = (counts[group] ?? 0) + by;
    }
  }

  value(group: GroupId): Value {
    return this.counts[group] ?? 0;
  }
}
