import { type Allocator, heapAllocator } from '../allocator.ts';
import { type Column, NumberColumn } from '../column.ts';
import { ensureCapacity } from '../ensure_capacity.ts';
import { foldBits, mix32 } from '../hash.ts';
import { HashIndex } from '../hash_index.ts';
import type { GroupId, Indexes } from '../ids.ts';
import type { GroupIds } from './group_ids.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** Integers below have an element of the array in any case, larger ones where there are about as many numbers. */
const elementsForAll = 1 << 22;
const elementsForEach = 8;

/**
 * Group ids of numbers, NaN (null) being one of them. Small integers (keys, years, ages) are found at their own element of an
 * array, all others by hash.
 */
export class NumberGroupIds implements GroupIds<Column> {
  size = 0;
  /** By integer: the id + 1, 0 where it has none, or where it was met before the array was long enough. */
  private idOfInteger = new Int32Array(256);
  /** Ids of the numbers that have no element. */
  private readonly index = new HashIndex();
  /** By id in the index: the number. */
  private numberOf = new Float64Array(64);
  private nullId: GroupId = -1;

  intern(column: Column, memory: Allocator = heapAllocator): Indexes<GroupId> {
    if (!(column instanceof NumberColumn)) {
      throw new TypeError(`A key of numbers cannot be of ${column.type}.`);
    }
    const { values } = column;
    const ids = memory.ints(values.length);
    let { idOfInteger } = this;
    for (let row = 0; row < ids.length; row += 1) {
      const value = values[row] ?? Number.NaN;
      const integer = value | 0;
      const isElement = integer === value && integer >= 0 && integer < idOfInteger.length;
      let id = isElement ? (idOfInteger[integer] ?? 0) : 0;
      if (id === 0 && isElement && this.index.size === 0) {
        this.size += 1;
        id = this.size;
        idOfInteger[integer] = id;
      } else if (id === 0) {
        id = this.internRare(value, values) + 1;
        ({ idOfInteger } = this);
      }
      ids[row] = id - 1;
    }
    return ids;
  }

  /**
   * The id of a null, of a number that is found by hash, or of the first integer that needs a longer array.
   * @param all the numbers of the same call: the array grows once for all of them
   */
  private internRare(value: number, all: Float64Array): GroupId {
    if (Number.isNaN(value)) {
      if (this.nullId < 0) {
        this.nullId = this.size;
        this.size += 1;
      }
      return this.nullId;
    }
    const isElement = this.ensureElement(value, all);
    const { index, numberOf } = this;
    const hash = clusteredHash(value);
    let id = index.first(hash);
    while (id >= 0 && numberOf[id] !== value) {
      id = index.next(hash);
    }
    const isNew = id < 0;
    if (isNew) {
      id = this.size;
      this.size += 1;
    }
    if (isElement) {
      this.idOfInteger[value] = id + 1;
    } else if (isNew) {
      this.numberOf = ensureCapacity(numberOf, id + 1);
      this.numberOf[id] = value;
      index.insert(id, hash);
    }
    return id;
  }

  /** Lengthens the array for a number, if that is worth it. @returns false when the number has no element */
  private ensureElement(value: number, all: Float64Array): boolean {
    if (!(value >= 0 && Number.isInteger(value))) {
      return false;
    }
    if (value < this.idOfInteger.length) {
      return true;
    }
    const limit = Math.max(elementsForAll, (this.size + all.length) * elementsForEach);
    if (value >= limit) {
      return false;
    }
    let largest = value;
    for (let row = 0; row < all.length; row += 1) {
      const other = all[row] ?? 0;
      if (other > largest && other < limit) {
        largest = other;
      }
    }
    this.idOfInteger = ensureCapacity(this.idOfInteger, Math.floor(largest) + 1);
    return true;
  }
}

/** A hash that keeps each sixteen consecutive integers together: ascending keys are found in memory in order. */
function clusteredHash(value: number): number {
  const integer = value | 0;
  return integer === value ? (mix32(integer >>> 4) << 4) | (integer & 15) : mix32(foldBits(value));
}
