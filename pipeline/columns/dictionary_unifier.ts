import type { TextColumn } from './column.ts';
import { lasting, type Memory } from './memory.ts';
import { grown, type TextDictionary } from './string_dictionary.ts';

/** Texts of any dictionaries as codes of one; a text of a dictionary that comes again is looked up once. */
export class TranslatedTexts {
  /** By dictionary and code + 1 (null is first): the code in this one + 2, or 0 where it was not asked for yet. */
  private readonly others = new Map<TextDictionary, Int32Array>();

  constructor(readonly dictionary: TextDictionary) {}

  /** The codes of a column's texts, −1 for null. */
  codes({ dictionary, codes }: TextColumn, memory: Memory = lasting): Int32Array {
    if (dictionary === this.dictionary) {
      return codes;
    }
    const known = grown(this.others.get(dictionary) ?? new Int32Array(16), dictionary.size + 1);
    this.others.set(dictionary, known);
    known[0] = 1;
    const translated = memory.ints(codes.length);
    for (let row = 0; row < codes.length; row += 1) {
      const code = codes[row] ?? -1;
      let other = known[code + 1] ?? 0;
      if (other === 0) {
        other = this.dictionary.codeOfOther(dictionary, code) + 2;
        known[code + 1] = other;
      }
      translated[row] = other - 2;
    }
    return translated;
  }
}
