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
    let length = 0;
    for (const row of different.rows) {
      length += this.copiesOf.of(row);
    }
    // A row of a list has a copy.
    return length === different.rows.length ? different : this.repeated(different, length, memory);
  }

  /** Each match as often as there are copies of its row. @param length how many that are */
  private repeated(different: Matches, length: number, memory: Allocator): Matches {
    const [positions, rows] = [memory.ints(length), memory.ints(length)];
    let to = 0;
    for (const [i, row] of different.rows.entries()) {
      const from = to;
      to += this.copiesOf.of(row);
      positions.fill(different.positions[i] ?? 0, from, to);
      rows.fill(row, from, to);
    }
    return { positions, rows };
  }

  override take(keys: Indexes<GroupId>, rows: Indexes<RowIndex>, size: number, change: Change): void {
    this.last = ensureCapacity(this.last, size);
    const linked = new Int32Array(rows.length);
    let most = -1;
    for (let at = 0; at < linked.length; at += 1) {
      const row = (keys[at] ?? -1) < 0 ? -1 : (rows[at] ?? -1);
      linked[at] = row;
      most = Math.max(most, row);
    }
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
