import type { Indexes, RowIndex } from '../../../columns/ids.ts';
import type { Schema } from '../../../plan/types.ts';
import { type Delta, JoinedDelta } from '../delta.ts';
import { CountedSide } from './counted_side.ts';
import type { JoinKey } from './join_key.ts';
import { Operator } from './operator.ts';
import { Side } from './side.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/**
 * Every pair of rows of two relations that are equal in the named columns; a null equals nothing. The row of a pair that
 * arrives later finds the other, so each pair is emitted once; the first of the two to leave takes it back.
 */
export class Join extends Operator {
  private readonly sides: { readonly left: Side; readonly right: Side };

  constructor(
    schema: Schema,
    private readonly left: Operator,
    private readonly right: Operator,
    private readonly key: JoinKey,
  ) {
    super(schema, left.rowsLeave);
    this.sides = { left: sideOf(left, key), right: sideOf(right, key) };
    left.onDelta((delta, rows) => {
      const [own, others] = this.pairs(delta, rows, this.sides.left, this.sides.right);
      this.emitPairs(own, others, delta);
    });
    right.onDelta((delta, rows) => {
      const [own, others] = this.pairs(delta, rows, this.sides.right, this.sides.left);
      this.emitPairs(others, own, delta);
    });
  }

  override require(columns: Iterable<string>): void {
    for (const name of columns) {
      const side = Object.hasOwn(this.left.schema, name) ? this.left : this.right;
      side.store([name]);
    }
  }

  /** The stored rows of the pairs that a delta makes. Its own side takes its rows, for those that arrive later. */
  private pairs(
    delta: Delta,
    rows: Indexes<RowIndex>,
    side: Side,
    other: Side,
  ): [own: Int32Array, others: Int32Array] {
    const keys = this.key.ids(delta);
    const { positions, rows: others } = other.matches(keys, delta.memory);
    const own = delta.memory.ints(positions.length);
    for (let i = 0; i < own.length; i += 1) {
      own[i] = rows[positions[i] ?? 0] ?? 0;
    }
    side.take(keys, rows, this.key.size, delta.change);
    return [own, others];
  }

  private emitPairs(leftRows: Int32Array, rightRows: Int32Array, delta: Delta): void {
    const { left, right } = this.sides;
    this.emit(new JoinedDelta(left.rows.stored, leftRows, right.rows.stored, rightRows, delta));
  }
}

/** The rows of an input by the key of a join. Rows that leave are found by what is stored of them, so the key is stored too. */
export function sideOf(input: Operator, { columns }: JoinKey): Side {
  input.require(columns);
  return input.rowsLeave ? new CountedSide(input.store(columns)) : new Side(input.store([]));
}
