import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import type { GroupId, Indexes, RowIndex } from '../../../columns/ids.ts';
import type { Change } from '../delta.ts';
import type { RowStore } from '../row_store.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** A row index + 1; 0 is none. */
export type Link = number & { readonly kind?: 'link' };

/** Stored rows by key: a linked list from the last row of a key to its first. Rows only come. */
export class Side {
  protected last: Indexes<Link> = new Int32Array(16);
  /** As long as the last row whose key another row had before: short where keys are unique. */
  protected previous: Indexes<Link> = new Int32Array(16);

  constructor(readonly rows: RowStore) {}

  lastOf(key: GroupId): Link {
    return this.last[key] ?? 0;
  }

  before(link: Link): Link {
    return this.previous[link - 1] ?? 0;
  }

  /** The number of copies of a linked row. */
  copies(_link: Link): number {
    return 1;
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
