/**
 * Values as small whole numbers: values that are equal, nulls being equal, have one code. Codes are 0, 1, 2 … in the order
 * of first use, so that what is known of a value lies in an array at its code. Exact: a hash only finds candidates.
 */
import { type Column, NumberColumn, TextColumn } from '../table/column.ts';
import { grown, mixed } from '../table/text_dictionary.ts';
import { TranslatedTexts } from '../table/translated_texts.ts';

/** Gives each row of a column, or of several, its code. */
export interface Coder<C> {
  /** The number of different keys so far. */
  readonly size: number;
  /** The codes of all rows; those that are `size` or more before the call are new. */
  codes(rows: C): Int32Array;
}

/** Codes of texts: found by their code in a dictionary, so that a text is looked at once. */
export class TextCoder implements Coder<Column> {
  size = 0;
  /** In the first dictionary that was met. */
  private texts: TranslatedTexts | undefined;
  /** By code in that dictionary, + 1 (null is first): this coder's code + 1, or 0. */
  private known = new Int32Array(16);

  codes(column: Column): Int32Array {
    if (!(column instanceof TextColumn)) {
      throw new TypeError(`A key of text cannot be of ${column.type}.`);
    }
    this.texts ??= new TranslatedTexts(column.dictionary);
    const inOne = this.texts.codes(column);
    this.known = grown(this.known, this.texts.dictionary.size + 1);
    const { known } = this;
    const codes = new Int32Array(inOne.length);
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

/**
 * Codes of numbers, NaN (null) being one of them. Whole numbers that lie close together (keys, years, ages) are found at
 * their own place in an array, all others by hash.
 */
export class NumberCoder implements Coder<Column> {
  size = 0;
  private values = new Float64Array(512);
  /** By whole number: code + 1, 0 where it has none. */
  private direct = new Int32Array(1 << 14);
  /** Open addressing, for numbers beyond: code + 1 at the slot of its hash, 0 where free. */
  private slots = new Int32Array(1024);
  private inSlots = 0;
  private nullCode = -1;

  codes(column: Column): Int32Array {
    if (!(column instanceof NumberColumn)) {
      throw new TypeError(`A key of numbers cannot be of ${column.type}.`);
    }
    const { values } = column;
    const codes = new Int32Array(values.length);
    for (let row = 0; row < codes.length; row += 1) {
      const value = values[row] ?? Number.NaN;
      const whole = value | 0;
      const known = whole === value && whole >= 0 ? (this.direct[whole] ?? 0) : 0;
      codes[row] = known > 0 ? known - 1 : this.codeOf(value);
    }
    return codes;
  }

  private codeOf(value: number): number {
    if (Number.isNaN(value)) {
      if (this.nullCode < 0) {
        this.nullCode = this.append(value);
      }
      return this.nullCode;
    }
    if (this.isDirect(value)) {
      const code = this.append(value);
      this.direct[value] = code + 1;
      return code;
    }
    const { slots, values } = this;
    const mask = slots.length - 1;
    let slot = hashOfNumber(value) & mask;
    for (let taken = slots[slot] ?? 0; taken !== 0; taken = slots[slot] ?? 0) {
      if (values[taken - 1] === value) {
        return taken - 1;
      }
      slot = (slot + 1) & mask;
    }
    const code = this.append(value);
    slots[slot] = code + 1;
    this.inSlots += 1;
    if (this.inSlots * 2 > slots.length) {
      this.rehash(slots.length * 2);
    }
    return code;
  }

  /** Whether a number has its own place, for which room is made as long as an eighth of the places is taken. */
  private isDirect(value: number): boolean {
    if (!(value >= 0 && value < this.size * 8 + this.direct.length && Number.isInteger(value))) {
      return false;
    }
    if (value >= this.direct.length) {
      if (value >= this.size * 8) {
        return false;
      }
      this.direct = grown(this.direct, value + 1);
      this.rehash(this.slots.length);
    }
    return true;
  }

  private append(value: number): number {
    const code = this.size;
    this.values = grown(this.values, code + 1);
    this.values[code] = value;
    this.size += 1;
    return code;
  }

  /** Finds a place for every number anew. */
  private rehash(length: number): void {
    const { direct } = this;
    this.inSlots = 0;
    this.slots = rehashed(length, this.size, (code) => {
      const value = this.values[code] ?? Number.NaN;
      if (Number.isNaN(value)) {
        return undefined;
      }
      if (value >= 0 && value < direct.length && Number.isInteger(value)) {
        direct[value] = code + 1;
        return undefined;
      }
      this.inSlots += 1;
      return hashOfNumber(value);
    });
  }
}

/** Whole numbers that are near each other lie near each other: what comes in order is found in memory in order. */
function hashOfNumber(value: number): number {
  const whole = value | 0;
  if (whole === value) {
    return (mixed(whole >>> 4) << 4) | (whole & 15);
  }
  return mixed(bitsOf(value));
}

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

/** The bits of a number, mixed into 32. */
export function bitsOf(value: number): number {
  float[0] = value;
  return (words[0] ?? 0) ^ Math.imul(words[1] ?? 0, 0x9e3779b1);
}

/** Slots of a new length for the codes below `size`; a code without a hash has none. */
export function rehashed(
  length: number,
  size: number,
  hashOf: (code: number) => number | undefined,
): Int32Array<ArrayBuffer> {
  const slots = new Int32Array(length);
  const mask = length - 1;
  for (let code = 0; code < size; code += 1) {
    const hash = hashOf(code);
    if (hash !== undefined) {
      let slot = hash & mask;
      while (slots[slot] !== 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = code + 1;
    }
  }
  return slots;
}
