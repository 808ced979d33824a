import type { Allocator } from '../../../columns/allocator.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import type { GroupId, Indexes, RowIndex } from '../../../columns/ids.ts';
import type { Change } from '../delta.ts';
import type { RowStore } from '../row_store.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** Stored rows that were found, and the positions of their keys among those that were looked for. */
export interface Matches {
  readonly positions: Int32Array;
  readonly rows: Indexes<RowIndex>;
}

/** A row index + 1; 0 is none. */
export type Link = number & { readonly kind?: 'link' };

/** Stored rows by key: a linked list from the last row of a key to its first. Rows only come. */
export class Side {
  protected last: Indexes<Link> = new Int32Array(16);
  /** As long as the last row whose key another row had before: short where keys are unique. */
  protected previous: Indexes<Link> = new Int32Array(16);

  constructor(readonly rows: RowStore) {}

  /** Finds the stored rows that have keys, −1 for those that equal nothing; each row as often as there are copies of it. */
  matches(keys: Indexes<GroupId>, memory: Allocator): Matches {
    const { last, previous } = this;
    let positions = memory.ints(keys.length);
    let rows = memory.ints(keys.length);
    let length = 0;
    for (let at = 0; at < keys.length; at += 1) {
      const key = keys[at] ?? -1;
      for (let link = key < 0 ? 0 : (last[key] ?? 0); link > 0; link = previous[link - 1] ?? 0) {
        if (length === rows.length) {
          positions = ensureCapacity(positions, length + 1);
          rows = ensureCapacity(rows, length + 1);
        }
        positions[length] = at;
        rows[length] = link - 1;
        length += 1;
      }
    }
    return { positions: positions.subarray(0, length), rows: rows.subarray(0, length) };
  }

  /**
   * Takes rows with their keys, −1 for those that equal nothing.
   * @param size the number of keys so far
   */
  take(keys: Indexes<GroupId>, rows: Indexes<RowIndex>, size: number, _change: Change): void {
    this.last = ensureCapacity(this.last, size);
    for (let at = 0; at < keys.length; at += 1) {
      const key = keys[at] ?? -1;
      if (key >= 0) {
        this.link(key, rows[at] ?? 0);
      }
    }
  }

  /** Puts a row at the end of its key's list. */
  protected link(key: GroupId, row: RowIndex): void {
    const before = this.last[key] ?? 0;
    this.last[key] = row + 1;
    if (before > 0) {
      this.previous = ensureCapacity(this.previous, row + 1);
      this.previous[row] = before;
    }
  }
}
