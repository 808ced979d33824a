import type { StringColumn } from './column.ts';
import { ensureCapacity } from './ensure_capacity.ts';
import { type Allocator, heapAllocator } from './memory.ts';
import type { StringDictionary } from './string_dictionary.ts';

/** Texts of any dictionaries as codes of one; a text of a dictionary that comes again is looked up once. */
export class DictionaryUnifier {
  /** By dictionary and code + 1 (null is first): the code in this one + 2, or 0 where it was not asked for yet. */
  private readonly others = new Map<StringDictionary, Int32Array>();

  constructor(readonly dictionary: StringDictionary) {}

  /** The codes of a column's texts, −1 for null. */
  codes({ dictionary, codes }: StringColumn, memory: Allocator = heapAllocator): Int32Array {
    if (dictionary === this.dictionary) {
      return codes;
    }
    const known = ensureCapacity(this.others.get(dictionary) ?? new Int32Array(16), dictionary.size + 1);
    this.others.set(dictionary, known);
    known[0] = 1;
    const translated = memory.ints(codes.length);
    for (let row = 0; row < codes.length; row += 1) {
      const code = codes[row] ?? -1;
      let other = known[code + 1] ?? 0;
      if (other === 0) {
        other = this.dictionary.internFrom(dictionary, code) + 2;
        known[code + 1] = other;
      }
      translated[row] = other - 2;
    }
    return translated;
  }
}
