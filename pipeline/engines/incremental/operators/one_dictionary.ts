import type { Allocator } from '../../../columns/allocator.ts';
import { type Column, StringColumn } from '../../../columns/column.ts';
import { DictionaryUnifier } from '../../../columns/dictionary_unifier.ts';
import { StringDictionary } from '../../../columns/string_dictionary.ts';

/** Columns from several places, the strings of each as codes of one dictionary. */
export class OneDictionary {
  /** By column; the dictionaries are our own, since joins may add to them. */
  private readonly unifiers = new Map<string, DictionaryUnifier>();

  column(name: string, column: Column, memory: Allocator): Column {
    if (!(column instanceof StringColumn)) {
      return column;
    }
    const unifier = this.unifiers.get(name) ?? new DictionaryUnifier(new StringDictionary());
    this.unifiers.set(name, unifier);
    return new StringColumn(unifier.dictionary, unifier.codes(column, memory));
  }
}
