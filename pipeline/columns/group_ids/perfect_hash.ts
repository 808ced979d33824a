import { type Allocator, heapAllocator } from '../allocator.ts';
import { type Column, NumberColumn, StringColumn } from '../column.ts';
import type { GroupId, Indexes } from '../ids.ts';
import type { StringDictionary } from '../string_dictionary.ts';
import type { GroupIds } from './group_ids.ts';
import { RowGroupIds } from './rows.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** The largest number of possible tuples: a megabyte of ids. */
const mostTuples = 1 << 18;

/** Integers below, such as years and ages, have an ordinal. */
const integersWithOrdinal = 1 << 12;

/** The possible values of a column: its strings, or the integers with an ordinal; each has an ordinal, null's is 0. */
interface Domain {
  /** A power of two. */
  readonly size: number;
  readonly dictionary: StringDictionary | undefined;
}

/**
 * Group ids of tuples; where few tuples are possible (years and categories), an array holds the id of each: the index is
 * made of the ordinals of all values, so nothing is hashed or compared. Ids come from `RowGroupIds`, which is asked once for
 * each tuple then, and for every row otherwise.
 */
export class PerfectHashGroupIds implements GroupIds<readonly Column[]> {
  private readonly rows = new RowGroupIds();
  private domains: readonly Domain[] = [];
  /** By tuple: the id + 1, 0 while it is not known. */
  private idOfTuple = new Int32Array(0);

  get size(): number {
    return this.rows.size;
  }

  intern(columns: readonly Column[], memory: Allocator = heapAllocator): Indexes<GroupId> {
    const tuples = this.tuplesOf(columns, memory);
    if (tuples === undefined) {
      return this.rows.intern(columns, memory);
    }
    const { idOfTuple } = this;
    const ids = memory.ints(tuples.length);
    const missing = memory.ints(tuples.length);
    const count = lookUp(idOfTuple, tuples, ids, missing);
    if (count > 0) {
      const rows = missing.subarray(0, count);
      const found = this.rows.intern(
        columns.map((column) => column.gather(rows, memory)),
        memory,
      );
      for (let i = 0; i < count; i += 1) {
        const row = rows[i] ?? 0;
        ids[row] = found[i] ?? 0;
        idOfTuple[tuples[row] ?? 0] = (found[i] ?? 0) + 1;
      }
    }
    return ids;
  }

  /** The index of each row's tuple, undefined where a value has no ordinal. */
  private tuplesOf(columns: readonly Column[], memory: Allocator): Int32Array | undefined {
    if (!this.ensureDomains(columns)) {
      return undefined;
    }
    const tuples = memory.ints(columns[0]?.length ?? 0).fill(0);
    for (const [i, column] of columns.entries()) {
      const size = this.domains[i]?.size ?? 0;
      if (column instanceof StringColumn) {
        addStrings(column.codes, size, tuples);
      } else if (!(column instanceof NumberColumn && addNumbers(column.values, size, tuples))) {
        return undefined;
      }
    }
    return tuples;
  }

  /** Enlarges the domains where a dictionary has outgrown its own. @returns false when there are too many tuples */
  private ensureDomains(columns: readonly Column[]): boolean {
    const fits = columns.every((column, i) => {
      const { size = 0, dictionary } = this.domains[i] ?? {};
      if (column instanceof StringColumn) {
        return column.dictionary === dictionary && dictionary.size < size;
      }
      return size > 0;
    });
    if (!fits) {
      this.domains = columns.map((column) => {
        const dictionary = column instanceof StringColumn ? column.dictionary : undefined;
        const values = dictionary === undefined ? integersWithOrdinal : dictionary.size + 1;
        return { size: 2 ** Math.ceil(Math.log2(values)), dictionary };
      });
      const count = this.domains.reduce((product, domain) => product * domain.size, 1);
      this.idOfTuple = new Int32Array(count <= mostTuples ? count : 0);
    }
    return this.idOfTuple.length > 0;
  }
}

// Each multiplies the tuples' indexes by the size of one more domain and adds the ordinal of the column's value.

function addStrings(codes: Int32Array, size: number, tuples: Int32Array): void {
  for (let row = 0; row < tuples.length; row += 1) {
    tuples[row] = Math.imul(tuples[row] ?? 0, size) + (codes[row] ?? -1) + 1;
  }
}

/** @returns false when a number has no ordinal */
function addNumbers(values: Float64Array, size: number, tuples: Int32Array): boolean {
  for (let row = 0; row < tuples.length; row += 1) {
    const value = values[row] ?? Number.NaN;
    const ordinal = (value | 0) + 1;
    if (ordinal - 1 === value && ordinal > 0 && ordinal < size) {
      tuples[row] = Math.imul(tuples[row] ?? 0, size) + ordinal;
    } else if (Number.isNaN(value)) {
      tuples[row] = Math.imul(tuples[row] ?? 0, size);
    } else {
      return false;
    }
  }
  return true;
}

/** Writes the ids of tuples, and the rows whose tuple has none. @returns the number of these rows */
function lookUp(idOfTuple: Int32Array, tuples: Int32Array, ids: Int32Array, missing: Int32Array): number {
  let count = 0;
  for (let row = 0; row < tuples.length; row += 1) {
    const id = idOfTuple[tuples[row] ?? 0] ?? 0;
    ids[row] = id - 1;
    if (id === 0) {
      missing[count] = row;
      count += 1;
    }
  }
  return count;
}
