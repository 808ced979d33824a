import type { Allocator } from '../../../columns/allocator.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import type { GroupId, Indexes, RowIndex } from '../../../columns/ids.ts';
import { Copies } from '../copies.ts';
import type { Change } from '../delta.ts';
import { type Link, type Matches, Side } from './side.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** Stored rows by key, which come and leave. The list of a key holds each different row once; a row that left is in none. */
export class CountedSide extends Side {
  private readonly copiesOf = new Copies();
  /** By row: the one whose `previous` it is. */
  private following: Indexes<Link> = new Int32Array(16);

  override matches(keys: Indexes<GroupId>, memory: Allocator): Matches {
    const different = super.matches(keys, memory);
    const copies = different.rows.map((row) => this.copiesOf.of(row));
    const length = copies.reduce((sum, of) => sum + of, 0);
    const [positions, rows] = [memory.ints(length), memory.ints(length)];
    let to = 0;
    for (const [i, of] of copies.entries()) {
      positions.fill(different.positions[i] ?? 0, to, to + of);
      rows.fill(different.rows[i] ?? 0, to, to + of);
      to += of;
    }
    return { positions, rows };
  }

  override take(keys: Indexes<GroupId>, rows: Indexes<RowIndex>, size: number, change: Change): void {
    this.last = ensureCapacity(this.last, size);
    const linked = rows.map((row, at) => ((keys[at] ?? -1) < 0 ? -1 : row));
    const most = linked.reduce((largest, row) => Math.max(largest, row), -1);
    this.previous = ensureCapacity(this.previous, most + 1);
    this.following = ensureCapacity(this.following, most + 1);
    for (const at of this.copiesOf.change(linked, most + 1, change)) {
      if (change > 0) {
        this.link(keys[at] ?? 0, linked[at] ?? 0);
      } else {
        this.unlink(keys[at] ?? 0, linked[at] ?? 0);
      }
    }
  }

  protected override link(key: GroupId, row: RowIndex): void {
    const before = this.last[key] ?? 0;
    super.link(key, row);
    if (before > 0) {
      this.following[before - 1] = row + 1;
    }
  }

  private unlink(key: GroupId, row: RowIndex): void {
    const before = this.previous[row] ?? 0;
    const after = this.following[row] ?? 0;
    if (before > 0) {
      this.following[before - 1] = after;
    }
    if (after > 0) {
      this.previous[after - 1] = before;
    } else {
      this.last[key] = before;
    }
    // A row that returns is the last of the list, and maybe the first.
    this.previous[row] = 0;
    this.following[row] = 0;
  }
}
