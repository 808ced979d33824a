import type { Allocator } from '../../../columns/allocator.ts';
import type { Column } from '../../../columns/column.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import { ExactSum } from '../../../plan/exact_sum.ts';
import type { Change } from '../delta.ts';
import { numbersOf } from './numbers_of.ts';
import type { SumState } from './state.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** The sum of doubles, rounded once from the exact one. */
export class SumOfDoubles implements SumState {
  /** By group, where it ever had a value. */
  private readonly sums: ExactSum[] = [];
  private counts = new Float64Array(16);

  change(
    groups: Indexes<GroupId>,
    [column]: readonly Column[],
    size: number,
    _memory: Allocator,
    by: Change,
  ): void {
    this.counts = ensureCapacity(this.counts, size);
    const { sums, counts } = this;
    const values = numbersOf(column);
    for (let row = 0; row < groups.length; row += 1) {
      const value = values[row] ?? Number.NaN;
      if (!Number.isNaN(value)) {
        const group = groups[row] ?? 0;
        const sum = sums[group] ?? new ExactSum();
        sums[group] = sum;
        // Exact, so that what is added and then taken away leaves no trace.
        sum.add(by * value);
        counts[group] = (counts[group] ?? 0) + by;
      }
    }
  }

  value(group: GroupId): number | null {
    return this.count(group) > 0 ? (this.sums[group]?.value() ?? null) : null;
  }

  count(group: GroupId): number {
    return this.counts[group] ?? 0;
  }

  rounded(group: GroupId): number | null {
    return this.value(group);
  }
}
