import { StringColumn } from '../../../columns/column.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import { KeyGroupIds } from '../../../columns/group_ids/keys.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import type { ColumnarTable } from '../../../columns/table.ts';
import type { AggregateName } from '../../../plan/aggregates.ts';
import { compareValues } from '../../../plan/order.ts';
import type { RelationNode, SortKey } from '../../../plan/relation.ts';
import type { Aggregate, AggregateRelation } from '../operators/aggregate.ts';

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

/** Id of a partition: of the groups that are equal in the columns of the top. */
type PartitionId = number & { readonly kind?: 'partition id' };

/** The first group, in an order, of each partition of groups. */
export class TopGroups {
  private readonly partitionIds = new KeyGroupIds();
  private partitionOf: Indexes<PartitionId> = new Int32Array(16);
  /** The number of groups whose partition is known. */
  private partitioned = 0;
  /** By partition. */
  private firstGroup: Indexes<GroupId> = new Int32Array(16);
  private partitionCount = 0;
  /** By group: the last change in which it was compared. */
  private comparedIn: Int32Array = new Int32Array(16);
  private changes = 0;
  private readonly comesBefore: (a: GroupId, b: GroupId) => boolean;

  constructor(
    private readonly groups: Aggregate,
    private readonly by: readonly string[],
    order: readonly SortKey[],
  ) {
    const comparisons = order.map((key) => comparison(groups, key));
    this.comesBefore = (a, b) => {
      for (const compare of comparisons) {
        const result = compare(a, b);
        if (result !== 0) {
          return result < 0;
        }
      }
      return false;
    };
    groups.onChange((changed) => this.update(changed));
  }

  get table(): ColumnarTable {
    return this.groups.rows(this.firstGroup.subarray(0, this.partitionCount));
  }

  private update(changed: Indexes<GroupId>): void {
    this.assignPartitions();
    this.changes += 1;
    for (const group of changed) {
      // Many rows of one group are one comparison.
      if (this.comparedIn[group] === this.changes) {
        continue;
      }
      this.comparedIn[group] = this.changes;
      const partition = this.partitionOf[group] ?? 0;
      if (partition >= this.partitionCount) {
        // Partitions are numbered in the order of groups, of which the new ones come in order.
        this.firstGroup[partition] = group;
        this.partitionCount = partition + 1;
      } else if (this.comesBefore(group, this.firstGroup[partition] ?? 0)) {
        this.firstGroup[partition] = group;
      }
    }
  }

  /** Finds the partition of each new group. */
  private assignPartitions(): void {
    const from = this.partitioned;
    const to = this.groups.size;
    this.partitionOf = ensureCapacity(this.partitionOf, to);
    this.comparedIn = ensureCapacity(this.comparedIn, to);
    if (this.by.length > 0) {
      const columns = this.by.map((name) => this.groups.keyColumn(name).slice(from, to));
      this.partitionOf.set(this.partitionIds.intern(columns), from);
    }
    this.firstGroup = ensureCapacity(this.firstGroup, Math.max(1, this.partitionIds.size));
    this.partitioned = to;
  }
}

function comparison(groups: Aggregate, { column, descending }: SortKey): (a: GroupId, b: GroupId) => number {
  if (!groups.isKey(column) || groups.schema[column] !== 'text') {
    const cell = groups.cellsOf(column);
    return (a, b) => compareValues(cell(a), cell(b), descending);
  }
  // A group's id is the row of its keys.
  return (a: number, b: number) => {
    const strings = groups.keyColumn(column);
    if (strings instanceof StringColumn && strings.codeAt(a) === strings.codeAt(b)) {
      return 0;
    }
    return compareValues(strings.at(a), strings.at(b), descending);
  };
}
