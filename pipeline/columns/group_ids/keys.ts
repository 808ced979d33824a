/** Keys of one column or of several as small whole numbers, as in coders.ts. */
import { ArrayColumn, type Column, StringColumn } from '../column.ts';
import type { Allocator } from '../memory.ts';
import { PerfectHashGroupIds } from './perfect_hash.ts';
import { type GroupIds, NumberGroupIds, StringGroupIds } from './values.ts';

/** Codes of the rows of columns, whose types stay the same. @throws RangeError when there is no column */
export class KeyGroupIds implements GroupIds<readonly Column[]> {
  private coder: GroupIds<Column> | undefined;
  private readonly tuples = new PerfectHashGroupIds();

  get size(): number {
    return this.coder?.size ?? this.tuples.size;
  }

  intern(rows: readonly Column[], memory?: Allocator): Int32Array {
    const [first, ...rest] = rows;
    if (first === undefined) {
      throw new RangeError('A key needs at least one column.');
    }
    if (rest.length > 0) {
      return this.tuples.intern(rows, memory);
    }
    this.coder ??= first instanceof StringColumn ? new StringGroupIds() : new NumberGroupIds();
    return this.coder.intern(first, memory);
  }
}

/** Marks the codes of rows in which a column is null with −1: a null equals nothing. */
export function withoutNulls(codes: Int32Array, columns: readonly Column[]): Int32Array {
  for (const column of columns) {
    if (column instanceof StringColumn) {
      const texts = column.codes;
      for (let row = 0; row < codes.length; row += 1) {
        if ((texts[row] ?? -1) < 0) codes[row] = -1;
      }
    } else if (column instanceof ArrayColumn) {
      throw new TypeError('Arrays have no order, so they are no keys.');
    } else {
      const { values } = column;
      for (let row = 0; row < codes.length; row += 1) {
        if (Number.isNaN(values[row])) codes[row] = -1;
      }
    }
  }
  return codes;
}
