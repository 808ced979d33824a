import type { Column } from '../../../columns/column.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import type { Value } from '../../../plan/types.ts';
import { numbersOf } from './numbers_of.ts';
import { SortedBag } from './sorted_bag.ts';
import type { AggregateState } from './state.ts';

/** An exact percentile of numbers, which is the median at one half. */
export class Percentile implements AggregateState {
  private readonly bags: SortedBag[] = [];

  constructor(private readonly fraction: number) {}

  add(groups: Indexes<GroupId>, [column]: readonly Column[], size: number): void {
    const { bags } = this;
    while (bags.length < size) {
      bags.push(new SortedBag());
    }
    const values = numbersOf(column);
    for (let row = 0; row < groups.length; row += 1) {
      const value = values[row] ?? Number.NaN;
      if (!Number.isNaN(value)) {
        bags[groups[row] ?? 0]?.add(value);
      }
    }
  }

  value(group: GroupId): Value {
    return this.bags[group]?.percentile(this.fraction) ?? null;
  }
}
