import type { Column } from '../../../columns/column.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import { meanOf } from '../../../plan/aggregates.ts';
import type { Value } from '../../../plan/types.ts';
import { numbersOf } from './numbers_of.ts';
import type { AggregateState, SumState } from './state.ts';

/** The mean of numbers: their exact sum, divided once. */
export class Average implements AggregateState {
  private counts = new Float64Array(16);

  constructor(private readonly sum: SumState) {}

  add(...[groups, columns, size, memory]: Parameters<AggregateState['add']>): void {
    this.sum.add(groups, columns, size, memory);
    this.counts = ensureCapacity(this.counts, size);
    this.count(groups, columns);
  }

  private count(groups: Indexes<GroupId>, [column]: readonly Column[]): void {
    const { counts } = this;
    const values = numbersOf(column);
    for (let row = 0; row < groups.length; row += 1) {
      if (!Number.isNaN(values[row])) {
        const group = groups[row] ?? 0;
        counts[group] = (counts[group] ?? 0) + 1;
      }
    }
  }

  value(group: GroupId): Value {
    return meanOf(this.sum.rounded(group), this.counts[group] ?? 0);
  }
}
