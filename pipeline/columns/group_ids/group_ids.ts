import type { Allocator } from '../allocator.ts';
import type { GroupId, Indexes } from '../ids.ts';

/**
 * Gives each row of a column, or of several, the id of its group: rows with equal values, nulls being equal, have one id.
 * Ids are 0, 1, 2 … in the order of first use, so that the state of a group lies in an array at its id. Exact: a hash only
 * finds candidates. After GroupValues of Apache DataFusion (`aggregates/group_values`).
 */
export interface GroupIds<Rows> {
  /** The number of groups so far. */
  readonly size: number;
  /**
   * The ids of all rows; those that are at least the `size` before the call are new.
   * @param memory of the result; the heap by default
   */
  intern(rows: Rows, memory?: Allocator): Indexes<GroupId>;
}
