import { type Allocator, heapAllocator } from '../allocator.ts';
import { type Column, NumberColumn, StringColumn } from '../column.ts';
import { DictionaryUnifier } from '../dictionary_unifier.ts';
import { ensureCapacity } from '../ensure_capacity.ts';
import { mix32 } from '../hash.ts';
import { HashIndex } from '../hash_index.ts';
import type { GroupId, Indexes } from '../ids.ts';
import type { GroupIds } from './group_ids.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/**
 * Group ids of the rows of several columns, whose types stay the same; the first may be group ids instead. A row is a tuple of
 * 32-bit words, found by one hash of them all and compared in full: a string or an id is one word, a number two (its bits).
 */
export class RowGroupIds implements GroupIds<readonly (Column | Int32Array)[]> {
  size = 0;
  private width = 0;
  /** The words of each tuple, one tuple after the other. */
  private tuples = new Int32Array(256);
  private readonly index = new HashIndex();
  /** By position of a column of strings: translates into the dictionary of the first rows. */
  private readonly unifiers = new Map<number, DictionaryUnifier>();

  intern(columns: readonly (Column | Int32Array)[], memory: Allocator = heapAllocator): Indexes<GroupId> {
    const length = columns[0]?.length ?? 0;
    this.width = columns.reduce((sum, column) => sum + (column instanceof NumberColumn ? 2 : 1), 0);
    const words = memory.ints(length * this.width);
    let from = 0;
    for (const [i, column] of columns.entries()) {
      from += this.writeWords(i, column, words, from, memory);
    }
    return this.idsOf(words, this.hashes(words, length, memory));
  }

  /** Writes the words of a column for each row. @param from where the first row's are @returns the number of words of a row */
  private writeWords(
    i: number,
    column: Column | Int32Array,
    words: Int32Array,
    from: number,
    memory: Allocator,
  ): number {
    const { width } = this;
    if (column instanceof NumberColumn) {
      const { values } = column;
      const bits = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
      for (let row = 0, to = from; to < words.length; row += 1, to += width) {
        // One of the many NaNs stands for all.
        const isNull = Number.isNaN(values[row] ?? Number.NaN);
        words[to] = isNull ? -1 : (bits[row * 2] ?? 0);
        words[to + 1] = isNull ? -1 : (bits[row * 2 + 1] ?? 0);
      }
      return 2;
    }
    const codes = column instanceof Int32Array ? column : this.unifiedCodes(i, column, memory);
    for (let row = 0, to = from; to < words.length; row += 1, to += width) {
      words[to] = codes[row] ?? -1;
    }
    return 1;
  }

  private unifiedCodes(i: number, column: Column, memory: Allocator): Int32Array {
    if (!(column instanceof StringColumn)) {
      throw new TypeError('Arrays have no order, so they are not keys.');
    }
    const unifier = this.unifiers.get(i) ?? new DictionaryUnifier(column.dictionary);
    this.unifiers.set(i, unifier);
    return unifier.codes(column, memory);
  }

  private hashes(words: Int32Array, length: number, memory: Allocator): Int32Array {
    const { width } = this;
    const hashes = memory.ints(length);
    for (let row = 0, word = 0; row < length; row += 1) {
      let hash = 0;
      for (const end = word + width; word < end; word += 1) {
        hash = Math.imul(hash ^ (words[word] ?? 0), 0x9e3779b1);
        hash ^= hash >>> 15;
      }
      hashes[row] = mix32(hash);
    }
    return hashes;
  }

  /** The ids of tuples, written over their hashes. */
  private idsOf(words: Int32Array, hashes: Int32Array): Indexes<GroupId> {
    const { index, width } = this;
    this.tuples = ensureCapacity(this.tuples, this.size * width + words.length);
    const { tuples } = this;
    for (let row = 0; row < hashes.length; row += 1) {
      const hash = hashes[row] ?? 0;
      let id = index.first(hash);
      while (id >= 0 && !areEqual(tuples, id, words, row, width)) {
        id = index.next(hash);
      }
      if (id < 0) {
        id = this.size;
        for (let word = 0; word < width; word += 1) {
          tuples[id * width + word] = words[row * width + word] ?? 0;
        }
        this.size += 1;
        index.insert(id, hash);
      }
      hashes[row] = id;
    }
    return hashes;
  }
}

function areEqual(tuples: Int32Array, id: GroupId, words: Int32Array, row: number, width: number): boolean {
  for (let word = 0; word < width; word += 1) {
    if (tuples[id * width + word] !== words[row * width + word]) {
      return false;
    }
  }
  return true;
}
