import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import type { ColumnarTable } from '../../../columns/table.ts';
import type { AggregateName } from '../../../plan/aggregates.ts';
import type { RelationNode, SortKey } from '../../../plan/relation.ts';
import type { Aggregate, AggregateRelation } from '../operators/aggregate.ts';
import { orderOfGroups, Partitions } from './partitions.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

export type TopRelation = Extract<RelationNode, { kind: 'top' }>;

/** Aggregates that more rows only ever make larger, a null being less than all. */
const onlyGrow: readonly AggregateName[] = ['count', 'count_if', 'count_distinct', 'max'];

/**
 * Tells if the top of each partition can be kept by looking only at the groups that rows were added to: a group must stay in
 * its partition, and only move forward in the order.
 */
export function canKeepTop({ by, order }: TopRelation, aggregate: AggregateRelation): boolean {
  const stays = (name: string) => aggregate.by.includes(name);
  return by.every(stays) && order.every((key) => stays(key.column) || onlyMovesForward(key, aggregate));
}

function onlyMovesForward({ column, descending }: SortKey, { aggregates }: AggregateRelation): boolean {
  const aggregate = aggregates[column];
  return descending && aggregate !== undefined && onlyGrow.includes(aggregate.function);
}

/** The first group, in an order, of each partition of groups, where rows only come. */
export class TopGroups {
  private readonly partitions: Partitions;
  /** By partition. */
  private firstGroup: Indexes<GroupId> = new Int32Array(16);
  private partitionCount = 0;
  /** By group: the last change in which it was compared. */
  private comparedIn: Int32Array = new Int32Array(16);
  private changes = 0;
  private readonly comesBefore: (a: GroupId, b: GroupId) => boolean;

  constructor(
    private readonly groups: Aggregate,
    by: readonly string[],
    order: readonly SortKey[],
  ) {
    this.partitions = new Partitions(groups, by);
    this.comesBefore = orderOfGroups(groups, order);
    groups.onChange((changed) => this.update(changed));
  }

  get table(): ColumnarTable {
    return this.groups.rows(this.firstGroup.subarray(0, this.partitionCount));
  }

  private update(changed: Indexes<GroupId>): void {
    this.partitions.assign();
    this.firstGroup = ensureCapacity(this.firstGroup, this.partitions.size);
    this.comparedIn = ensureCapacity(this.comparedIn, this.groups.size);
    this.changes += 1;
    for (const group of changed) {
      // Many rows of one group are one comparison.
      if (this.comparedIn[group] === this.changes) {
        continue;
      }
      this.comparedIn[group] = this.changes;
      const partition = this.partitions.of(group);
      if (partition >= this.partitionCount) {
        // Partitions are numbered in the order of groups, of which the new ones come in order.
        this.firstGroup[partition] = group;
        this.partitionCount = partition + 1;
      } else if (this.comesBefore(group, this.firstGroup[partition] ?? 0)) {
        this.firstGroup[partition] = group;
      }
    }
  }
}
