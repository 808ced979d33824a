import type { Column } from '../../../columns/column.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import type { Value } from '../../../plan/types.ts';
import { numbersOf } from './numbers_of.ts';
import type { AggregateState } from './state.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** The smallest number (side −1) or the largest (side 1), NaN as long as there is none. Rows only come. */
export class Extreme implements AggregateState {
  private extremes = new Float64Array(0);

  constructor(private readonly side: -1 | 1) {}

  change(groups: Indexes<GroupId>, [column]: readonly Column[], size: number): void {
    const before = this.extremes.length;
    this.extremes = ensureCapacity(this.extremes, size);
    this.extremes.fill(Number.NaN, before);
    const { extremes, side } = this;
    const values = numbersOf(column);
    for (let row = 0; row < groups.length; row += 1) {
      const value = values[row] ?? Number.NaN;
      const group = groups[row] ?? 0;
      const extreme = extremes[group] ?? Number.NaN;
      // Not with `<`, which is false of NaN on either side.
      if (!Number.isNaN(value) && !((extreme - value) * side >= 0)) {
        extremes[group] = value;
      }
    }
  }

  value(group: GroupId): Value {
    const extreme = this.extremes[group] ?? Number.NaN;
    return Number.isNaN(extreme) ? null : extreme;
  }
}
