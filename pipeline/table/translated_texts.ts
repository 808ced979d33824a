import type { TextColumn } from './column.ts';
import { lasting, type Memory } from './memory.ts';
import { grown, type TextDictionary } from './text_dictionary.ts';

/** Texts of any dictionaries as codes of one; a text of a dictionary that comes again is looked up once. */
export class TranslatedTexts {
  /** By dictionary and code, the code in this one + 1; 0 where it was not asked for yet. */
  private readonly others = new Map<TextDictionary, Int32Array>();

  constructor(readonly dictionary: TextDictionary) {}

  /** The codes of a column's texts, −1 for null. */
  codes({ dictionary, codes }: TextColumn, memory: Memory = lasting): Int32Array {
    if (dictionary === this.dictionary) {
      return codes;
    }
    const known = grown(this.others.get(dictionary) ?? new Int32Array(16), dictionary.size);
    this.others.set(dictionary, known);
    const translated = memory.ints(codes.length);
    for (let row = 0; row < codes.length; row += 1) {
      const code = codes[row] ?? -1;
      let other = code < 0 ? 0 : (known[code] ?? 0);
      if (code >= 0 && other === 0) {
        other = this.dictionary.codeOfOther(dictionary, code) + 1;
        known[code] = other;
      }
      translated[row] = other - 1;
    }
    return translated;
  }
}
