import type { Arena } from '../../../columns/arena.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import { KeyGroupIds, withoutNulls } from '../../../columns/group_ids/keys.ts';
import type { Schema } from '../../../plan/types.ts';
import { type Delta, JoinedDelta } from '../delta.ts';
import type { StoredRows } from '../stored_rows.ts';
import { Operator } from './rows.ts';

/**
 * Every pair of rows of two relations that are equal in the named columns; a null equals nothing. Whichever row of a pair
 * comes later finds the other, so each pair is given once.
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
    left.need(key.columns);
    right.need(key.columns);
    this.sides = { left: new Side(left.store([])), right: new Side(right.store([])) };
    left.onDelta((delta, first) => {
      const [mine, others] = this.pairs(delta, first, this.sides.left, this.sides.right);
      this.givePairs(mine, others, delta.scratch);
    });
    right.onDelta((delta, first) => {
      const [mine, others] = this.pairs(delta, first, this.sides.right, this.sides.left);
      this.givePairs(others, mine, delta.scratch);
    });
  }

  override need(columns: Iterable<string>): void {
    for (const name of columns) {
      const side = Object.hasOwn(this.left.schema, name) ? this.left : this.right;
      side.store([name]);
    }
  }

  /** Where the rows of the new pairs are stored, and remembers the rows for those that come later. */
  private pairs(delta: Delta, first: number, side: Side, other: Side): [Int32Array, Int32Array] {
    const keys = this.key.codes(delta);
    let mine = delta.scratch.ints(delta.length);
    let others = delta.scratch.ints(delta.length);
    let length = 0;
    for (let row = 0; row < keys.length; row += 1) {
      const key = keys[row] ?? -1;
      for (let match = key < 0 ? 0 : other.lastOf(key); match > 0; match = other.before(match)) {
        if (length === mine.length) {
          mine = ensureCapacity(mine, length + 1);
          others = ensureCapacity(others, length + 1);
        }
        mine[length] = first + row;
        others[length] = match - 1;
        length += 1;
      }
    }
    side.add(keys, first, this.key.size);
    return [mine.subarray(0, length), others.subarray(0, length)];
  }

  private givePairs(leftRows: Int32Array, rightRows: Int32Array, scratch: Arena): void {
    const { left, right } = this.sides;
    this.give(new JoinedDelta(left.rows.table, leftRows, right.rows.table, rightRows, scratch));
  }
}

/** The columns that joins are on, as codes that all of them share: those of a delta are found once. */
export class JoinKey {
  private readonly coder = new KeyGroupIds();
  /** The delta that was coded last: all joins of a relation look at one after the other. */
  private last: { readonly delta: Delta; readonly codes: Int32Array } | undefined;

  constructor(readonly columns: readonly string[]) {}

  get size(): number {
    return this.coder.size;
  }

  /** The code of each row, −1 where a column is null. */
  codes(delta: Delta): Int32Array {
    if (this.last?.delta !== delta) {
      const columns = this.columns.map((name) => delta.column(name));
      this.last = { delta, codes: withoutNulls(this.coder.intern(columns, delta.scratch), columns) };
    }
    return this.last.codes;
  }
}

/** One side's rows by key: a chain from the last row of a key to its first. Rows are told as their place + 1; 0 is none. */
class Side {
  private last = new Int32Array(16);
  /** As long as the last row whose key another row had before: there is none where keys are unique. */
  private chain = new Int32Array(16);

  constructor(readonly rows: StoredRows) {}

  lastOf(key: number): number {
    return this.last[key] ?? 0;
  }

  before(row: number): number {
    return this.chain[row - 1] ?? 0;
  }

  add(keys: Int32Array, first: number, keysInAll: number): void {
    this.last = ensureCapacity(this.last, keysInAll);
    const { last } = this;
    for (let row = 0; row < keys.length; row += 1) {
      const key = keys[row] ?? -1;
      if (key >= 0) {
        const before = last[key] ?? 0;
        last[key] = first + row + 1;
        if (before > 0) this.link(first + row, before);
      }
    }
  }

  private link(row: number, before: number): void {
    this.chain = ensureCapacity(this.chain, row + 1);
    this.chain[row] = before;
  }
}
