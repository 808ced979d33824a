import { KeyGroupIds, withoutNulls } from '../../../columns/group_ids/keys.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import type { Delta } from '../delta.ts';

/** The columns of a join as group ids, which all joins on them share: those of a delta are found once. */
export class JoinKey {
  private readonly groupIds = new KeyGroupIds();
  /** The ids of the last delta: all joins of a relation read one delta after the other. */
  private last: { readonly delta: Delta; readonly ids: Indexes<GroupId> } | undefined;

  constructor(readonly columns: readonly string[]) {}

  get size(): number {
    return this.groupIds.size;
  }

  /** The id of each row, −1 where a column is null. */
  ids(delta: Delta): Indexes<GroupId> {
    if (this.last?.delta !== delta) {
      const columns = this.columns.map((name) => delta.column(name));
      this.last = { delta, ids: withoutNulls(this.groupIds.intern(columns, delta.memory), columns) };
    }
    return this.last.ids;
  }
}
