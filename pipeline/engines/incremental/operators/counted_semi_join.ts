import type { Indexes, RowIndex } from '../../../columns/ids.ts';
import { Copies } from '../copies.ts';
import type { Delta } from '../delta.ts';
import { SemiJoinOperator } from './semi_join_operator.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/**
 * The rows of the left that equal a row of the right in the named columns; a null equals nothing. Rows come and leave: with the
 * first row of the right that has a key come the rows of the left that have it, and with the last they leave.
 */
export class CountedSemiJoin extends SemiJoinOperator {
  private readonly rightRows = new Copies();

  /** The rows of a delta of the left whose key the right has. */
  protected override rowsFound(delta: Delta, stored: Indexes<RowIndex>): Indexes<RowIndex> {
    const keys = this.key.ids(delta);
    this.side.take(keys, stored, this.key.size, delta.change);
    const rows = Int32Array.from(keys.keys());
    return rows.filter((row) => this.rightRows.of(keys[row] ?? -1) > 0);
  }

  /** The stored rows of the left whose key a delta brings to the right, or takes from it. */
  protected override rowsThatTurn(delta: Delta): Indexes<RowIndex> {
    const keys = this.key.ids(delta);
    const turned = this.rightRows.change(keys, this.key.size, delta.change);
    return this.side.matches(
      Int32Array.from(turned, (at) => keys[at] ?? -1),
      delta.memory,
    ).rows;
  }
}
