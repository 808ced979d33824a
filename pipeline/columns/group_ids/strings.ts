import { type Allocator, heapAllocator } from '../allocator.ts';
import { type Column, StringColumn } from '../column.ts';
import { DictionaryUnifier } from '../dictionary_unifier.ts';
import { ensureCapacity } from '../ensure_capacity.ts';
import type { GroupId, Indexes } from '../ids.ts';
import type { GroupIds } from './group_ids.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** Group ids of strings, found by their code in a dictionary: the bytes of a string are read once. */
export class StringGroupIds implements GroupIds<Column> {
  size = 0;
  /** Translates into the dictionary of the first column. */
  private unifier: DictionaryUnifier | undefined;
  /** By code in that dictionary + 1 (null is first): the group id + 1, or 0. */
  private idOfCode = new Int32Array(16);

  intern(column: Column, memory: Allocator = heapAllocator): Indexes<GroupId> {
    if (!(column instanceof StringColumn)) {
      throw new TypeError(`A key of strings cannot be of ${column.type}.`);
    }
    this.unifier ??= new DictionaryUnifier(column.dictionary);
    const codes = this.unifier.codes(column, memory);
    this.idOfCode = ensureCapacity(this.idOfCode, this.unifier.dictionary.size + 1);
    const { idOfCode } = this;
    const ids = memory.ints(codes.length);
    for (let row = 0; row < ids.length; row += 1) {
      const code = codes[row] ?? -1;
      let id = idOfCode[code + 1] ?? 0;
      if (id === 0) {
        this.size += 1;
        id = this.size;
        idOfCode[code + 1] = id;
      }
      ids[row] = id - 1;
    }
    return ids;
  }
}
