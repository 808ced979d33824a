/** Pairs of a code and a value as small whole numbers, as in coders.ts: with each pair, a key gets one column more. */
import { type Column, NumberColumn } from '../table/column.ts';
import { grown, mixed } from '../table/text_dictionary.ts';
import { bitsOf, type Coder, rehashed, TextCoder } from './coders.ts';

/** Codes of pairs of a code and a text. */
export class TextPairCoder implements Coder<readonly [Int32Array, Column]> {
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
class PairCoder implements Coder<readonly [Int32Array, Int32Array]> {
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
export class NumberPairCoder implements Coder<readonly [Int32Array, Column]> {
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
  return mixed(bitsOf(Number.isNaN(number) ? 0.5 : number) ^ Math.imul(first, 0x85ebca6b));
}
