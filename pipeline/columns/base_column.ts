import type { Allocator } from './allocator.ts';
import type { RowIndex } from './ids.ts';

/** Operations of every column. */
export abstract class BaseColumn<T> {
  length = 0;

  /** The value at a row, null where it is unknown. */
  abstract at(row: RowIndex): T | null;

  /** The rows from one up to another, without copying; values added to either column later are not seen by the other. */
  abstract slice(from: RowIndex, to: RowIndex): BaseColumn<T>;

  /** The values at these rows, in this order. @param memory of the result; the heap by default */
  abstract gather(rows: Int32Array, memory?: Allocator): BaseColumn<T>;

  *[Symbol.iterator](): Iterator<T | null> {
    for (let row = 0; row < this.length; row += 1) {
      yield this.at(row);
    }
  }
}
