/**
 * The states of aggregates, of all groups at once: the state of a group lies in arrays at the group's id. The plan's table of
 * aggregates says what they mean; its own form is used for types that have none here.
 */
import type { Allocator } from '../../../columns/allocator.ts';
import type { Column } from '../../../columns/column.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import type { Value } from '../../../plan/types.ts';
import type { Change } from '../delta.ts';

/** One aggregate of all groups. */
export interface AggregateState {
  /**
   * Takes rows that come or leave: the group of each, and the aggregate's arguments.
   * @param size the number of groups so far
   * @param memory for arrays that are not needed after the call
   * @param by −1 for rows that leave; states for rows that only come ignore it
   */
  change(
    groups: Indexes<GroupId>,
    columns: readonly Column[],
    size: number,
    memory: Allocator,
    by: Change,
  ): void;
  /** The aggregate of a group; of one without a row, any value. */
  value(group: GroupId): Value;
}

/** An exact sum, which can be had as a double. */
export interface SumState extends AggregateState {
  /** The sum rounded to a double; null beyond the largest. */
  rounded(group: GroupId): number | null;
  /** The number of values that are not null. */
  count(group: GroupId): number;
}
