import type { GroupId } from '../../../columns/ids.ts';
import { meanOf } from '../../../plan/aggregates.ts';
import type { Value } from '../../../plan/types.ts';
import type { AggregateState, SumState } from './state.ts';

/** The mean of numbers: their exact sum, divided once. */
export class Average implements AggregateState {
  constructor(private readonly sum: SumState) {}

  change(...rows: Parameters<AggregateState['change']>): void {
    this.sum.change(...rows);
  }

  value(group: GroupId): Value {
    return meanOf(this.sum.rounded(group), this.sum.count(group));
  }
}
