import type { ColumnarTable } from '../../../columns/table.ts';
import type { SortKey } from '../../../plan/relation.ts';
import type { Aggregate } from '../operators/aggregate.ts';
import { orderOfGroups, Partitions } from './partitions.ts';
import { Firsts } from './tournament.ts';

/** The first group, in an order, of each partition of groups, where rows come and leave: groups move both ways. */
export class RankedGroups {
  private readonly firsts: Firsts;

  constructor(
    private readonly groups: Aggregate,
    by: readonly string[],
    order: readonly SortKey[],
  ) {
    const partitions = new Partitions(groups, by);
    this.firsts = new Firsts(orderOfGroups(groups, order));
    groups.onChange((changed) => {
      partitions.assign();
      for (const group of new Set(changed)) {
        this.firsts.change(group, partitions.of(group), groups.hasRows(group));
      }
    });
  }

  get table(): ColumnarTable {
    return this.groups.rows(this.firsts.all);
  }
}
