/**
 * Keys as small whole numbers: values that are equal, nulls being equal, have one code. Codes are 0, 1, 2 … in the order
 * of first use, so that what is known of a key lies in an array at its code. Exact: a hash only finds candidates.
 */
import type { Column } from '../table/column.ts';
import { ArrayColumn, NumberColumn, TextColumn } from '../table/column.ts';
import { grown, mixed } from '../table/text_dictionary.ts';
import { TranslatedTexts } from './translated_texts.ts';

/** Gives each row of a column, or of several, its code. */
export interface Coder<C> {
  /** The number of different keys so far. */
  readonly size: number;
  /** The codes of all rows; those that are `size` or more before the call are new. */
  codes(rows: C): Int32Array;
}

/** Codes of the rows of several columns, whose types stay the same. @throws RangeError when there is no column */
export class KeyCoder implements Coder<readonly Column[]> {
  private first: Coder<Column> | undefined;
  /** With each further column, what came before it and its values make the next codes. */
  private readonly further: Coder<readonly [Int32Array, Column]>[] = [];

  get size(): number {
    return this.further.at(-1)?.size ?? this.first?.size ?? 0;
  }

  codes(rows: readonly Column[]): Int32Array {
    const [first, ...rest] = rows;
    if (first === undefined) {
      throw new RangeError('A key needs at least one column.');
    }
    this.first ??= first instanceof TextColumn ? new TextCoder() : new NumberCoder();
    return this.codesWith(this.first.codes(first), rest);
  }

  /** Codes of rows of codes (here and each time) and of columns. */
  codesWith(given: Int32Array, rows: readonly Column[]): Int32Array {
    let codes = given;
    for (const [i, column] of rows.entries()) {
      let coder = this.further[i];
      if (coder === undefined) {
        coder = column instanceof TextColumn ? new TextPairCoder() : new NumberPairCoder();
        this.further.push(coder);
      }
      codes = coder.codes([codes, column]);
    }
    return codes;
  }
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

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

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
  float[0] = value;
  return mixed((words[0] ?? 0) ^ Math.imul(words[1] ?? 0, 0x9e3779b1));
}

/** Codes of pairs of a code and a text. */
class TextPairCoder implements Coder<readonly [Int32Array, Column]> {
  private readonly texts = new TextCoder();
  private readonly pairs = new PairCoder();

  get size(): number {
    return this.pairs.size;
  }

  codes([given, column]: readonly [Int32Array, Column]): Int32Array {
    return this.pairs.codes([given, this.texts.codes(column)]);
  }
}

/** Codes of pairs of codes. */
export class PairCoder implements Coder<readonly [Int32Array, Int32Array]> {
  size = 0;
  /** The two codes of each pair, one after the other. */
  private pairs = new Int32Array(1024);
  private slots = new Int32Array(1024);

  codes([first, second]: readonly [Int32Array, Int32Array]): Int32Array {
    const codes = new Int32Array(first.length);
    for (let row = 0; row < codes.length; row += 1) {
      codes[row] = this.codeOf(first[row] ?? 0, second[row] ?? 0);
    }
    return codes;
  }

  private codeOf(first: number, second: number): number {
    const { slots, pairs } = this;
    const mask = slots.length - 1;
    let slot = hashOfPair(first, second) & mask;
    for (let taken = slots[slot] ?? 0; taken !== 0; taken = slots[slot] ?? 0) {
      if (pairs[taken * 2 - 2] === first && pairs[taken * 2 - 1] === second) {
        return taken - 1;
      }
      slot = (slot + 1) & mask;
    }
    const code = this.size;
    slots[slot] = code + 1;
    this.pairs = grown(this.pairs, code * 2 + 2);
    this.pairs[code * 2] = first;
    this.pairs[code * 2 + 1] = second;
    this.size += 1;
    if (this.size * 2 > slots.length) {
      this.slots = rehashed(slots.length * 2, this.size, (at) =>
        hashOfPair(this.pairs[at * 2] ?? 0, this.pairs[at * 2 + 1] ?? 0),
      );
    }
    return code;
  }
}

/** Codes of pairs of a code and a number, NaN (null) being one of them: one look at memory for both. */
class NumberPairCoder implements Coder<readonly [Int32Array, Column]> {
  size = 0;
  private firsts = new Int32Array(512);
  private numbers = new Float64Array(512);
  private slots = new Int32Array(1024);

  codes([given, column]: readonly [Int32Array, Column]): Int32Array {
    if (!(column instanceof NumberColumn)) {
      throw new TypeError(`A key of numbers cannot be of ${column.type}.`);
    }
    const { values } = column;
    const codes = new Int32Array(values.length);
    for (let row = 0; row < codes.length; row += 1) {
      codes[row] = this.codeOf(given[row] ?? 0, values[row] ?? Number.NaN);
    }
    return codes;
  }

  private codeOf(first: number, number: number): number {
    const { slots, firsts, numbers } = this;
    const mask = slots.length - 1;
    const isNull = Number.isNaN(number);
    let slot = hashOfNumberPair(first, number) & mask;
    for (let taken = slots[slot] ?? 0; taken !== 0; taken = slots[slot] ?? 0) {
      const known = numbers[taken - 1] ?? Number.NaN;
      if (firsts[taken - 1] === first && (known === number || (isNull && Number.isNaN(known)))) {
        return taken - 1;
      }
      slot = (slot + 1) & mask;
    }
    const code = this.size;
    slots[slot] = code + 1;
    this.firsts = grown(this.firsts, code + 1);
    this.numbers = grown(this.numbers, code + 1);
    this.firsts[code] = first;
    this.numbers[code] = number;
    this.size += 1;
    if (this.size * 2 > slots.length) {
      this.slots = rehashed(slots.length * 2, this.size, (at) =>
        hashOfNumberPair(this.firsts[at] ?? 0, this.numbers[at] ?? Number.NaN),
      );
    }
    return code;
  }
}

function hashOfPair(first: number, second: number): number {
  return mixed(Math.imul(first, 0x9e3779b1) + second);
}

function hashOfNumberPair(first: number, number: number): number {
  // Not the bits of a NaN, of which there are many.
  float[0] = Number.isNaN(number) ? 0.5 : number;
  return mixed((words[0] ?? 0) ^ Math.imul(words[1] ?? 0, 0x9e3779b1) ^ Math.imul(first, 0x85ebca6b));
}

/** Slots of a new length for the codes below `size`; a code without a hash has none. */
function rehashed(
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

/** Marks the codes of rows in which a column is null with −1: a null equals nothing. */
export function withoutNulls(codes: Int32Array, columns: readonly Column[]): Int32Array {
  for (const column of columns) {
    if (column instanceof TextColumn) {
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
