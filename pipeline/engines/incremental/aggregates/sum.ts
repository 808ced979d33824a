import type { Allocator } from '../../../columns/allocator.ts';
import type { Column } from '../../../columns/column.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import { largestInteger, type Value } from '../../../plan/types.ts';
import type { Change } from '../delta.ts';
import { numbersOf } from './numbers_of.ts';
import type { SumState } from './state.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

const word = 2 ** 32;

/** The exact sum of integers: of their high and of their low 32 bits, each of which a float holds exactly. */
export class Sum implements SumState {
  private high = new Float64Array(16);
  private low = new Float64Array(16);
  private counts = new Float64Array(16);

  change(
    groups: Indexes<GroupId>,
    [column]: readonly Column[],
    size: number,
    _memory: Allocator,
    by: Change,
  ): void {
    this.high = ensureCapacity(this.high, size);
    this.low = ensureCapacity(this.low, size);
    this.counts = ensureCapacity(this.counts, size);
    const values = numbersOf(column);
    for (let row = 0; row < groups.length; row += 1) {
      const value = values[row] ?? Number.NaN;
      if (!Number.isNaN(value)) {
        const group = groups[row] ?? 0;
        const high = Math.floor(value / word);
        // In these brackets: the sum of a low part and a large value would be rounded.
        const low = (this.low[group] ?? 0) + by * (value - high * word);
        const carried = Math.floor(low / word);
        this.low[group] = low - carried * word;
        this.high[group] = (this.high[group] ?? 0) + by * high + carried;
        this.counts[group] = (this.counts[group] ?? 0) + by;
      }
    }
  }

  /** Null without a value, or when the sum is not an integer that a float holds exactly. */
  value(group: GroupId): Value {
    const sum = this.rounded(group);
    return this.count(group) > 0 && Math.abs(sum) <= largestInteger ? sum : null;
  }

  count(group: GroupId): number {
    return this.counts[group] ?? 0;
  }

  rounded(group: GroupId): number {
    return (this.high[group] ?? 0) * word + (this.low[group] ?? 0);
  }
}
