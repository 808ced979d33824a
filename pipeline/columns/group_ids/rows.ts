/** Tuples of several values as small whole numbers, as in coders.ts: found by one hash of all, compared in full. */
import { type Column, NumberColumn, StringColumn } from '../column.ts';
import { DictionaryUnifier } from '../dictionary_unifier.ts';
import { ensureCapacity } from '../ensure_capacity.ts';
import { mix32 } from '../hash.ts';
import { type HashSlots, rehashed } from '../hash_index.ts';
import { type Allocator, heapAllocator } from '../memory.ts';
import type { GroupIds } from './values.ts';

/**
 * Codes of the rows of several columns, whose types stay the same; in the place of the first there may be codes. A tuple is
 * some words of 32 bits: one for a code or a text, by its place in a dictionary, and two for a number, by its bits.
 */
export class RowGroupIds implements GroupIds<readonly (Column | Int32Array)[]> {
  size = 0;
  private width = 0;
  /** The words of each tuple, one tuple after the other. */
  private tuples = new Int32Array(256);
  private slots: HashSlots = new Int32Array(256);
  /** By column, its texts in the dictionary that was met first. */
  private readonly texts = new Map<number, DictionaryUnifier>();

  intern(columns: readonly (Column | Int32Array)[], memory: Allocator = heapAllocator): Int32Array {
    const length = columns[0]?.length ?? 0;
    this.width = columns.reduce((sum, column) => sum + (column instanceof NumberColumn ? 2 : 1), 0);
    const words = memory.ints(length * this.width);
    let at = 0;
    for (const [i, column] of columns.entries()) {
      at += this.writeWords(i, column, words, at, memory);
    }
    return this.codesOf(words, this.hashes(words, length, memory));
  }

  /** Writes the words of a column, for each row from a place on, and tells how many each has. */
  private writeWords(
    i: number,
    column: Column | Int32Array,
    words: Int32Array,
    at: number,
    memory: Allocator,
  ): number {
    const { width } = this;
    if (column instanceof NumberColumn) {
      const { values } = column;
      const bits = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
      for (let row = 0, to = at; to < words.length; row += 1, to += width) {
        const value = values[row] ?? Number.NaN;
        // One of the many NaNs for all.
        const isNull = Number.isNaN(value);
        words[to] = isNull ? -1 : (bits[row * 2] ?? 0);
        words[to + 1] = isNull ? -1 : (bits[row * 2 + 1] ?? 0);
      }
      return 2;
    }
    const codes = column instanceof Int32Array ? column : this.textCodes(i, column, memory);
    for (let row = 0, to = at; to < words.length; row += 1, to += width) {
      words[to] = codes[row] ?? -1;
    }
    return 1;
  }

  private textCodes(i: number, column: Column, memory: Allocator): Int32Array {
    if (!(column instanceof StringColumn)) {
      throw new TypeError('Arrays have no order, so they are no keys.');
    }
    const texts = this.texts.get(i) ?? new DictionaryUnifier(column.dictionary);
    this.texts.set(i, texts);
    return texts.codes(column, memory);
  }

  private hashes(words: Int32Array, length: number, memory: Allocator): Int32Array {
    const { width } = this;
    const hashes = memory.ints(length);
    for (let row = 0, at = 0; row < length; row += 1) {
      let hash = 0;
      for (const end = at + width; at < end; at += 1) {
        hash = Math.imul(hash ^ (words[at] ?? 0), 0x9e3779b1);
        hash ^= hash >>> 15;
      }
      hashes[row] = mix32(hash);
    }
    return hashes;
  }

  /** The codes of tuples, which take the place of their hashes. */
  private codesOf(words: Int32Array, hashes: Int32Array): Int32Array {
    const { width } = this;
    this.tuples = ensureCapacity(this.tuples, this.size * width + words.length);
    const { tuples } = this;
    let { slots } = this;
    for (let row = 0; row < hashes.length; row += 1) {
      const hash = hashes[row] ?? 0;
      const last = slots.length - 2;
      let slot = (hash << 1) & last;
      let code = slots[slot] ?? 0;
      while (code !== 0 && !(slots[slot + 1] === hash && areSame(tuples, code - 1, words, row, width))) {
        slot = (slot + 2) & last;
        code = slots[slot] ?? 0;
      }
      if (code === 0) {
        const to = this.size * width;
        for (let word = 0; word < width; word += 1) tuples[to + word] = words[row * width + word] ?? 0;
        this.size += 1;
        code = this.size;
        slots[slot] = code;
        slots[slot + 1] = hash;
        // Three quarters are taken at most.
        if (this.size * 8 > slots.length * 3) {
          slots = rehashed(slots);
          this.slots = slots;
        }
      }
      hashes[row] = code - 1;
    }
    return hashes;
  }
}

function areSame(tuples: Int32Array, code: number, words: Int32Array, row: number, width: number): boolean {
  for (let word = 0; word < width; word += 1) {
    if (tuples[code * width + word] !== words[row * width + word]) return false;
  }
  return true;
}
