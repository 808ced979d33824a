import type { Allocator } from '../allocator.ts';
import { ArrayColumn, type Column, StringColumn } from '../column.ts';
import type { GroupId, Indexes } from '../ids.ts';
import type { GroupIds } from './group_ids.ts';
import { NumberGroupIds } from './numbers.ts';
import { PerfectHashGroupIds } from './perfect_hash.ts';
import { StringGroupIds } from './strings.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** Group ids of the rows of one column or several, whose types stay the same. @throws RangeError when there is no column */
export class KeyGroupIds implements GroupIds<readonly Column[]> {
  private ofOne: GroupIds<Column> | undefined;
  private readonly ofSeveral = new PerfectHashGroupIds();

  get size(): number {
    return this.ofOne?.size ?? this.ofSeveral.size;
  }

  intern(columns: readonly Column[], memory?: Allocator): Indexes<GroupId> {
    const [first, ...rest] = columns;
    if (first === undefined) {
      throw new RangeError('A key needs at least one column.');
    }
    if (rest.length > 0) {
      return this.ofSeveral.intern(columns, memory);
    }
    this.ofOne ??= first instanceof StringColumn ? new StringGroupIds() : new NumberGroupIds();
    return this.ofOne.intern(first, memory);
  }
}

/** Overwrites the ids of rows in which a column is null with −1: a null equals nothing. */
export function withoutNulls(ids: Indexes<GroupId>, columns: readonly Column[]): Indexes<GroupId> {
  for (const column of columns) {
    if (column instanceof StringColumn) {
      const { codes } = column;
      for (let row = 0; row < ids.length; row += 1) {
        if ((codes[row] ?? -1) < 0) {
          ids[row] = -1;
        }
      }
    } else if (column instanceof ArrayColumn) {
      throw new TypeError('Arrays have no order, so they are not keys.');
    } else {
      const { values } = column;
      for (let row = 0; row < ids.length; row += 1) {
        if (Number.isNaN(values[row])) {
          ids[row] = -1;
        }
      }
    }
  }
  return ids;
}
