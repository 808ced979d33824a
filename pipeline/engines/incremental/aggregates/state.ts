/**
 * Aggregates of many groups at once: the state of a group lies in arrays at the group's id. The plan's table of aggregates
 * says what they mean; its own form is used for types that have none here.
 */
import type { Allocator } from '../../../columns/allocator.ts';
import type { Column } from '../../../columns/column.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import type { Value } from '../../../plan/types.ts';

/** One aggregate of all groups. */
export interface AggregateState {
  /**
   * Takes rows: the group of each, and the aggregate's arguments.
   * @param size the number of groups so far
   * @param memory for arrays that are not needed after the call
   */
  add(groups: Indexes<GroupId>, columns: readonly Column[], size: number, memory: Allocator): void;
  value(group: GroupId): Value;
}

/** An exact sum, which can be had as a double. */
export interface SumState extends AggregateState {
  /** The sum rounded to a double; null beyond the largest. */
  rounded(group: GroupId): number | null;
}
