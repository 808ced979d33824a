import type { Allocator } from '../../../columns/allocator.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import { KeyGroupIds, withoutNulls } from '../../../columns/group_ids/keys.ts';
import type { GroupId, Indexes, RowIndex } from '../../../columns/ids.ts';
import type { Schema } from '../../../plan/types.ts';
import { type Delta, JoinedDelta } from '../delta.ts';
import type { StoredRows } from '../stored_rows.ts';
import { Operator } from './operator.ts';

/**
 * Every pair of rows of two relations that are equal in the named columns; a null equals nothing. The row of a pair that
 * arrives later finds the other, so each pair is emitted once.
 */
export class Join extends Operator {
  private readonly sides: { readonly left: Side; readonly right: Side };

  constructor(
    schema: Schema,
    private readonly left: Operator,
    private readonly right: Operator,
    private readonly key: JoinKey,
  ) {
    super(schema);
    left.require(key.columns);
    right.require(key.columns);
    this.sides = { left: new Side(left.store([])), right: new Side(right.store([])) };
    left.onDelta((delta, first) => {
      const [own, others] = this.pairs(delta, first, this.sides.left, this.sides.right);
      this.emitPairs(own, others, delta.memory);
    });
    right.onDelta((delta, first) => {
      const [own, others] = this.pairs(delta, first, this.sides.right, this.sides.left);
      this.emitPairs(others, own, delta.memory);
    });
  }

  override require(columns: Iterable<string>): void {
    for (const name of columns) {
      const side = Object.hasOwn(this.left.schema, name) ? this.left : this.right;
      side.store([name]);
    }
  }

  /** The stored rows of the new pairs. Adds the new rows to their side for those that arrive later. */
  private pairs(
    delta: Delta,
    first: RowIndex,
    side: Side,
    other: Side,
  ): [own: Int32Array, others: Int32Array] {
    const keys = this.key.ids(delta);
    let own = delta.memory.ints(delta.length);
    let others = delta.memory.ints(delta.length);
    let length = 0;
    for (let row = 0; row < keys.length; row += 1) {
      const key = keys[row] ?? -1;
      for (let match = key < 0 ? 0 : other.lastOf(key); match > 0; match = other.before(match)) {
        if (length === own.length) {
          own = ensureCapacity(own, length + 1);
          others = ensureCapacity(others, length + 1);
        }
        own[length] = first + row;
        others[length] = match - 1;
        length += 1;
      }
    }
    side.add(keys, first, this.key.size);
    return [own.subarray(0, length), others.subarray(0, length)];
  }

  private emitPairs(leftRows: Int32Array, rightRows: Int32Array, memory: Allocator): void {
    const { left, right } = this.sides;
    this.emit(new JoinedDelta(left.rows.table, leftRows, right.rows.table, rightRows, memory));
  }
}

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

/** A row index + 1; 0 is none. */
type Link = number & { readonly kind?: 'link' };

/** Stored rows by key: a linked list from the last row of a key to its first. */
export class Side {
  private last: Indexes<Link> = new Int32Array(16);
  /** As long as the last row whose key another row had before: short where keys are unique. */
  private previous: Indexes<Link> = new Int32Array(16);

  constructor(readonly rows: StoredRows) {}

  lastOf(key: GroupId): Link {
    return this.last[key] ?? 0;
  }

  before(link: Link): Link {
    return this.previous[link - 1] ?? 0;
  }

  add(keys: Indexes<GroupId>, first: RowIndex, size: number): void {
    this.last = ensureCapacity(this.last, size);
    const { last } = this;
    for (let row = 0; row < keys.length; row += 1) {
      const key = keys[row] ?? -1;
      if (key >= 0) {
        const before = last[key] ?? 0;
        last[key] = first + row + 1;
        if (before > 0) {
          this.link(first + row, before);
        }
      }
    }
  }

  private link(row: RowIndex, before: Link): void {
    this.previous = ensureCapacity(this.previous, row + 1);
    this.previous[row] = before;
  }
}
