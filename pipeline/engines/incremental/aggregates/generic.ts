import type { Column } from '../../../columns/column.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import { type Accumulator, type AggregateName, aggregates } from '../../../plan/aggregates.ts';
import type { Value } from '../../../plan/types.ts';
import type { AggregateState } from './state.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** Any aggregate of any type, by the plan's own form: an accumulator a group. Rows only come. */
export class Generic implements AggregateState {
  private readonly accumulators: Accumulator[] = [];

  constructor(private readonly name: AggregateName) {}

  change(groups: Indexes<GroupId>, columns: readonly Column[], size: number): void {
    while (this.accumulators.length < size) {
      this.accumulators.push(aggregates[this.name].accumulator());
    }
    for (let row = 0; row < groups.length; row += 1) {
      const values = columns.map((column) => column.at(row)).filter((value) => value !== null);
      if (values.length === columns.length) {
        this.accumulators[groups[row] ?? 0]?.add(...values);
      }
    }
  }

  value(group: GroupId): Value {
    return this.accumulators[group]?.value() ?? null;
  }
}
