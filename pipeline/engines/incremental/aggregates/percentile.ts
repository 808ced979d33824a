import type { Allocator } from '../../../columns/allocator.ts';
import type { Column } from '../../../columns/column.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import type { Value } from '../../../plan/types.ts';
import type { Change } from '../delta.ts';
import { numbersOf } from './numbers_of.ts';
import { SortedBag } from './sorted_bag.ts';
import type { AggregateState } from './state.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** An exact percentile of numbers: the smallest at 0, the median at one half, the largest at 1. */
export class Percentile implements AggregateState {
  private readonly bags: SortedBag[] = [];

  constructor(private readonly fraction: number) {}

  change(
    groups: Indexes<GroupId>,
    [column]: readonly Column[],
    size: number,
    _memory: Allocator,
    by: Change,
  ): void {
    const { bags } = this;
    while (bags.length < size) {
      bags.push(new SortedBag());
    }
    const values = numbersOf(column);
    for (let row = 0; row < groups.length; row += 1) {
      const value = values[row] ?? Number.NaN;
      if (!Number.isNaN(value)) {
        bags[groups[row] ?? 0]?.change(value, by);
      }
    }
  }

  value(group: GroupId): Value {
    return this.bags[group]?.percentile(this.fraction) ?? null;
  }
}
