import type { Column } from '../../../columns/column.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import { ExactSum } from '../../../plan/exact_sum.ts';
import { numbersOf } from './numbers_of.ts';
import type { SumState } from './state.ts';

/** The sum of doubles, rounded once from the exact one. */
export class SumOfDoubles implements SumState {
  /** By group, where it has a value. */
  private readonly sums: ExactSum[] = [];

  add(groups: Indexes<GroupId>, [column]: readonly Column[]): void {
    const { sums } = this;
    const values = numbersOf(column);
    for (let row = 0; row < groups.length; row += 1) {
      const value = values[row] ?? Number.NaN;
      if (!Number.isNaN(value)) {
        const group = groups[row] ?? 0;
        const sum = sums[group] ?? new ExactSum();
        sums[group] = sum;
        sum.add(value);
      }
    }
  }

  value(group: GroupId): number | null {
    return this.sums[group]?.value() ?? null;
  }

  rounded(group: GroupId): number | null {
    return this.value(group);
  }
}
