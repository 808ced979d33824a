/**
 * Values as small whole numbers: values that are equal, nulls being equal, have one code. Codes are 0, 1, 2 … in the order
 * of first use, so that what is known of a value lies in an array at its code. Exact: a hash only finds candidates.
 */
import { type Column, NumberColumn, StringColumn } from '../column.ts';
import { DictionaryUnifier } from '../dictionary_unifier.ts';
import { ensureCapacity } from '../ensure_capacity.ts';
import { mix32 } from '../hash.ts';
import { type Allocator, heapAllocator } from '../memory.ts';

/** Gives each row of a column, or of several, its code. */
export interface GroupIds<C> {
  /** The number of different keys so far. */
  readonly size: number;
  /** The codes of all rows, in memory that lasts if no other is given; those that are `size` or more before the call are new. */
  intern(rows: C, memory?: Allocator): Int32Array;
}

/** Codes of texts: found by their code in a dictionary, so that a text is looked at once. */
export class StringGroupIds implements GroupIds<Column> {
  size = 0;
  /** In the first dictionary that was met. */
  private texts: DictionaryUnifier | undefined;
  /** By code in that dictionary, + 1 (null is first): this coder's code + 1, or 0. */
  private known = new Int32Array(16);

  intern(column: Column, memory: Allocator = heapAllocator): Int32Array {
    if (!(column instanceof StringColumn)) {
      throw new TypeError(`A key of text cannot be of ${column.type}.`);
    }
    this.texts ??= new DictionaryUnifier(column.dictionary);
    const inOne = this.texts.codes(column, memory);
    this.known = ensureCapacity(this.known, this.texts.dictionary.size + 1);
    const { known } = this;
    const codes = memory.ints(inOne.length);
    for (let row = 0; row < codes.length; row += 1) {
      const at = (inOne[row] ?? -1) + 1;
      let code = known[at] ?? 0;
      if (code === 0) {
        this.size += 1;
        code = this.size;
        known[at] = code;
      }
      codes[row] = code - 1;
    }
    return codes;
  }
}

/** Whole numbers below have a place of their own in any case, larger ones where there are about as many numbers. */
const placesForAll = 1 << 22;
const placesForEach = 8;

/**
 * Codes of numbers, NaN (null) being one of them. Whole numbers that lie close together (keys, years, ages) are found at
 * their own place in an array, all others by hash.
 */
export class NumberGroupIds implements GroupIds<Column> {
  size = 0;
  /** By whole number: code + 1, 0 where it has none, or where it was met before there was a place for it. */
  private places = new Int32Array(256);
  private readonly others = new HashedNumbers();
  private nullCode = -1;

  intern(column: Column, memory: Allocator = heapAllocator): Int32Array {
    if (!(column instanceof NumberColumn)) {
      throw new TypeError(`A key of numbers cannot be of ${column.type}.`);
    }
    const { values } = column;
    const codes = memory.ints(values.length);
    let { places, size } = this;
    for (let row = 0; row < codes.length; row += 1) {
      const value = values[row] ?? Number.NaN;
      const whole = value | 0;
      const hasPlace = whole === value && whole >= 0 && whole < places.length;
      let code = hasPlace ? (places[whole] ?? 0) : 0;
      if (code === 0 && hasPlace && this.others.size === 0) {
        size += 1;
        code = size;
        places[whole] = code;
      } else if (code === 0) {
        this.size = size;
        code = this.codeOf(value, values) + 1;
        ({ places, size } = this);
      }
      codes[row] = code - 1;
    }
    this.size = size;
    return codes;
  }

  /** @param all what the number is one of: room is made for all of these at once */
  private codeOf(value: number, all: Float64Array): number {
    if (Number.isNaN(value)) {
      if (this.nullCode < 0) {
        this.nullCode = this.size;
        this.size += 1;
      }
      return this.nullCode;
    }
    const hasPlace = this.hasPlace(value, all);
    const known = hasPlace && this.others.size === 0 ? -1 : this.others.find(value);
    const code = known >= 0 ? known : this.size;
    this.size += known >= 0 ? 0 : 1;
    if (hasPlace) {
      this.places[value] = code + 1;
    } else if (known < 0) {
      this.others.add(value, code);
    }
    return code;
  }

  private hasPlace(value: number, all: Float64Array): boolean {
    const { length } = this.places;
    if (!(value >= 0 && Number.isInteger(value)) || value < length) {
      return value >= 0 && value < length && Number.isInteger(value);
    }
    const limit = Math.max(placesForAll, (this.size + all.length) * placesForEach);
    if (value >= limit) {
      return false;
    }
    let largest = value;
    for (let row = 0; row < all.length; row += 1) {
      const other = all[row] ?? 0;
      if (other > largest && other < limit) largest = other;
    }
    this.places = ensureCapacity(this.places, Math.floor(largest) + 1);
    return true;
  }
}

/** Numbers and their codes, found by hash: open addressing, the codes + 1, 0 where free. */
class HashedNumbers {
  size = 0;
  private codes = new Int32Array(64);
  private numbers = new Float64Array(64);

  /** The code of a number, −1 when it was not added. */
  find(number: number): number {
    return (this.codes[this.slotOf(number)] ?? 0) - 1;
  }

  /** Adds a number that was not added before. */
  add(number: number, code: number): void {
    if (this.size * 2 >= this.codes.length) {
      this.grow();
    }
    const slot = this.slotOf(number);
    this.codes[slot] = code + 1;
    this.numbers[slot] = number;
    this.size += 1;
  }

  /** Where a number is, or would be. */
  private slotOf(number: number): number {
    const { codes, numbers } = this;
    const mask = codes.length - 1;
    let slot = hashOfNumber(number) & mask;
    while (codes[slot] !== 0 && numbers[slot] !== number) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private grow(): void {
    const { codes, numbers } = this;
    this.codes = new Int32Array(codes.length * 2);
    this.numbers = new Float64Array(codes.length * 2);
    for (let old = 0; old < codes.length; old += 1) {
      const code = codes[old] ?? 0;
      if (code !== 0) {
        const slot = this.slotOf(numbers[old] ?? 0);
        this.codes[slot] = code;
        this.numbers[slot] = numbers[old] ?? 0;
      }
    }
  }
}

/** Whole numbers that are near each other lie near each other: what comes in order is found in memory in order. */
function hashOfNumber(value: number): number {
  const whole = value | 0;
  if (whole === value) {
    return (mix32(whole >>> 4) << 4) | (whole & 15);
  }
  return mix32(bitsOf(value));
}

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

/** The bits of a number, mixed into 32. */
export function bitsOf(value: number): number {
  float[0] = value;
  return (words[0] ?? 0) ^ Math.imul(words[1] ?? 0, 0x9e3779b1);
}
