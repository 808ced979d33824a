import type { Indexes, RowIndex } from '../../../columns/ids.ts';
import { type Delta, FilteredDelta, TableDelta } from '../delta.ts';
import { sideOf } from './join.ts';
import type { JoinKey } from './join_key.ts';
import { Operator } from './operator.ts';
import type { Side } from './side.ts';

/** The rows of the left that equal a row of the right in the named columns; a null equals nothing. */
export abstract class SemiJoinOperator extends Operator {
  /** Rows of the left that a row of the right may bring, or take away. */
  protected readonly side: Side;

  constructor(
    private readonly left: Operator,
    right: Operator,
    protected readonly key: JoinKey,
  ) {
    super(left.schema, left.rowsLeave, left.evaluator);
    right.require(key.columns);
    this.side = sideOf(left, key);
    left.onDelta((delta, stored) => this.emit(new FilteredDelta(delta, this.rowsFound(delta, stored))));
    right.onDelta((delta) => {
      const rows = this.rowsThatTurn(delta);
      this.emit(new FilteredDelta(new TableDelta(this.side.rows.stored, delta.memory, delta.change), rows));
    });
  }

  override require(columns: Iterable<string>): void {
    this.left.store(columns);
  }

  /** The rows of a delta of the left whose key the right has. */
  protected abstract rowsFound(delta: Delta, stored: Indexes<RowIndex>): Indexes<RowIndex>;

  /** The stored rows of the left whose key a delta brings to the right, or takes from it. */
  protected abstract rowsThatTurn(delta: Delta): Indexes<RowIndex>;
}
