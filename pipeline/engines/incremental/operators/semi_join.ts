import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import type { GroupId, Indexes, RowIndex } from '../../../columns/ids.ts';
import type { Delta } from '../delta.ts';
import { SemiJoinOperator } from './semi_join_operator.ts';

/**
 * The rows of the left that equal a row of the right in the named columns; a null equals nothing. Rows only come: a row of the
 * left waits until the first row of the right with its key arrives.
 */
export class SemiJoin extends SemiJoinOperator {
  /** By key: 1 when the right has it. */
  private found: Indexes<number> = new Int32Array(16);

  /** The rows of the left whose key the right has. The others wait. */
  protected override rowsFound(delta: Delta, stored: Indexes<RowIndex>): Indexes<RowIndex> {
    const keys = this.keysOf(delta);
    const rows: RowIndex[] = [];
    const missing = Int32Array.from(keys, (key, row) => {
      if (key >= 0 && this.found[key] === 1) {
        rows.push(row);
        return -1;
      }
      return key;
    });
    this.side.take(missing, stored, this.key.size, delta.change);
    return Int32Array.from(rows);
  }

  /** The stored rows of the left whose key the right has from now on. */
  protected override rowsThatTurn(delta: Delta): Indexes<RowIndex> {
    const turned: GroupId[] = [];
    for (const key of this.keysOf(delta)) {
      if (key >= 0 && this.found[key] !== 1) {
        this.found[key] = 1;
        turned.push(key);
      }
    }
    return this.side.matches(Int32Array.from(turned), delta.memory).rows;
  }

  private keysOf(delta: Delta): Indexes<GroupId> {
    const keys = this.key.ids(delta);
    this.found = ensureCapacity(this.found, this.key.size);
    return keys;
  }
}
