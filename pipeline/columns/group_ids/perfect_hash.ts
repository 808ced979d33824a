import { type Column, NumberColumn, StringColumn } from '../column.ts';
import { type Allocator, heapAllocator } from '../memory.ts';
import type { StringDictionary } from '../string_dictionary.ts';
import { RowGroupIds } from './rows.ts';
import type { GroupIds } from './values.ts';

/** Places of tuples at most, which is a megabyte. */
const mostPlaces = 1 << 18;

/** Whole numbers below, such as years and ages, have places. */
const numbersWithPlaces = 1 << 12;

/** The texts of a column have a place each, 0 being null's; numbers have as many as `numbersWithPlaces`. */
interface ColumnPlaces {
  /** A power of two. */
  readonly count: number;
  readonly dictionary: StringDictionary | undefined;
}

/**
 * Codes of tuples that remember, where few are possible (years and categories), the code of each in one array: a place says
 * all values of the tuple, so nothing need be compared. The codes are the tuple coder's, which is asked for every other.
 */
export class PerfectHashGroupIds implements GroupIds<readonly Column[]> {
  private readonly tuples = new RowGroupIds();
  private columns: readonly ColumnPlaces[] = [];
  /** By place: code + 1, 0 where it was not asked for yet. */
  private known = new Int32Array(0);

  get size(): number {
    return this.tuples.size;
  }

  intern(columns: readonly Column[], memory: Allocator = heapAllocator): Int32Array {
    const places = this.placesOf(columns, memory);
    if (places === undefined) {
      return this.tuples.intern(columns, memory);
    }
    const { known } = this;
    const codes = memory.ints(places.length);
    const unknown = memory.ints(places.length);
    const count = lookUp(known, places, codes, unknown);
    if (count > 0) {
      const rows = unknown.subarray(0, count);
      const found = this.tuples.intern(
        columns.map((column) => column.gather(rows, memory)),
        memory,
      );
      for (let i = 0; i < count; i += 1) {
        const row = rows[i] ?? 0;
        codes[row] = found[i] ?? 0;
        known[places[row] ?? 0] = (found[i] ?? 0) + 1;
      }
    }
    return codes;
  }

  /** The place of each row, undefined where there are values without one. */
  private placesOf(columns: readonly Column[], memory: Allocator): Int32Array | undefined {
    if (!this.haveRoom(columns)) {
      return undefined;
    }
    const places = memory.ints(columns[0]?.length ?? 0).fill(0);
    for (const [i, column] of columns.entries()) {
      const count = this.columns[i]?.count ?? 0;
      if (column instanceof StringColumn) {
        addTexts(column.codes, count, places);
      } else if (!(column instanceof NumberColumn && addNumbers(column.values, count, places))) {
        return undefined;
      }
    }
    return places;
  }

  /** Whether all texts of these columns have places, for which room is made where there are few. */
  private haveRoom(columns: readonly Column[]): boolean {
    const fits = columns.every((column, i) => {
      const { count = 0, dictionary } = this.columns[i] ?? {};
      if (column instanceof StringColumn) return column.dictionary === dictionary && dictionary.size < count;
      return count > 0;
    });
    if (!fits) {
      this.columns = columns.map((column) => {
        const dictionary = column instanceof StringColumn ? column.dictionary : undefined;
        const wanted = dictionary === undefined ? numbersWithPlaces : dictionary.size + 1;
        return { count: 2 ** Math.ceil(Math.log2(wanted)), dictionary };
      });
      const count = this.columns.reduce((product, column) => product * column.count, 1);
      this.known = new Int32Array(count <= mostPlaces ? count : 0);
    }
    return this.known.length > 0;
  }
}

// Each makes room for `count` places more between those of the columns before, and takes one of them.

function addTexts(codes: Int32Array, count: number, places: Int32Array): void {
  for (let row = 0; row < places.length; row += 1) {
    places[row] = Math.imul(places[row] ?? 0, count) + (codes[row] ?? -1) + 1;
  }
}

/** @returns false when there is a number without a place */
function addNumbers(values: Float64Array, count: number, places: Int32Array): boolean {
  for (let row = 0; row < places.length; row += 1) {
    const value = values[row] ?? Number.NaN;
    const place = (value | 0) + 1;
    if (place - 1 === value && place > 0 && place < count) {
      places[row] = Math.imul(places[row] ?? 0, count) + place;
    } else if (Number.isNaN(value)) {
      places[row] = Math.imul(places[row] ?? 0, count);
    } else {
      return false;
    }
  }
  return true;
}

/** Writes the codes that are known, and the rows of the others, and gives how many these are. */
function lookUp(known: Int32Array, places: Int32Array, codes: Int32Array, unknown: Int32Array): number {
  let count = 0;
  for (let row = 0; row < places.length; row += 1) {
    const code = known[places[row] ?? 0] ?? 0;
    codes[row] = code - 1;
    if (code === 0) {
      unknown[count] = row;
      count += 1;
    }
  }
  return count;
}
