import { type Allocator, heapAllocator } from './allocator.ts';
import { ensureCapacity } from './ensure_capacity.ts';
import type { Indexes, StringCode } from './ids.ts';
import type { StringColumn } from './string_column.ts';
import type { StringDictionary } from './string_dictionary.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** Translates codes of any dictionaries into codes of one; each string of a dictionary is looked up once. */
export class DictionaryUnifier {
  /** By dictionary and code + 1 (null is first): the code in the one dictionary + 2, or 0 while it is not known. */
  private readonly translations = new Map<StringDictionary, Int32Array>();

  constructor(readonly dictionary: StringDictionary) {}

  /** The codes of a column's strings in the one dictionary, to which missing strings are added; −1 for null. */
  codes({ dictionary, codes }: StringColumn, memory: Allocator = heapAllocator): Indexes<StringCode> {
    if (dictionary === this.dictionary) {
      return codes;
    }
    const cached = this.translations.get(dictionary) ?? new Int32Array(16);
    const translations = ensureCapacity(cached, dictionary.size + 1);
    this.translations.set(dictionary, translations);
    translations[0] = 1;
    const unified = memory.ints(codes.length);
    for (let row = 0; row < codes.length; row += 1) {
      const code = codes[row] ?? -1;
      let translation = translations[code + 1] ?? 0;
      if (translation === 0) {
        translation = this.dictionary.internFrom(dictionary, code) + 2;
        translations[code + 1] = translation;
      }
      unified[row] = translation - 2;
    }
    return unified;
  }
}
