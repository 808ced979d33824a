import type { Value } from '../plan/types.ts';
import { BaseColumn } from './base_column.ts';
import { ensureCapacity } from './ensure_capacity.ts';
import type { RowIndex } from './ids.ts';
import type { StringDictionary } from './string_dictionary.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

type ArrayValue = readonly number[] | readonly string[];

/**
 * Arrays of doubles, or of strings as codes of a dictionary: the elements of all, one array after the other, and where each ends.
 */
export class ArrayColumn extends BaseColumn<ArrayValue> {
  /**
   * @param elements of all arrays, one after the other: used, not copied
   * @param ends where each array ends among the elements, or −1 − end for null
   * @param begin where the first array begins
   * @param dictionary of the elements, where they are strings
   */
  constructor(
    private elements: Float64Array = new Float64Array(0),
    private ends: Int32Array = new Int32Array(0),
    private readonly begin = 0,
    readonly dictionary?: StringDictionary,
  ) {
    super();
    this.length = ends.length;
  }

  /** An empty column of arrays of strings. */
  static ofStrings(dictionary: StringDictionary): ArrayColumn {
    return new ArrayColumn(new Float64Array(0), new Int32Array(0), 0, dictionary);
  }

  get type(): 'array<double>' | 'array<text>' {
    return this.dictionary === undefined ? 'array<double>' : 'array<text>';
  }

  override at(row: RowIndex): ArrayValue | null {
    const { dictionary } = this;
    const elements = this.elementsAt(row);
    if (elements === undefined) {
      return null;
    }
    return dictionary === undefined
      ? Array.from(elements)
      : Array.from(elements, (code) => dictionary.stringAt(code));
  }

  add(value: Value): void {
    const { dictionary } = this;
    const added: readonly (number | string)[] = Array.isArray(value) ? value : [];
    const elements = added.map((element) => dictionary?.intern(String(element)) ?? Number(element) + 0);
    this.addElements(Array.isArray(value) ? elements : undefined);
  }

  /** Adds an array in the form of `elementsAt`, strings as codes of this column's dictionary. */
  private addElements(added: ArrayLike<number> | undefined): void {
    const from = this.endBefore(this.length);
    const end = from + (added?.length ?? 0);
    this.elements = ensureCapacity(this.elements, end);
    this.elements.set(added ?? [], from);
    this.ends = ensureCapacity(this.ends, this.length + 1);
    this.ends[this.length] = added === undefined ? -1 - end : end;
    this.length += 1;
  }

  /** Adds arrays in the layout of `stored`, the first of which begins at the first element. */
  addStored(elements: Float64Array, ends: Int32Array): void {
    const from = this.endBefore(this.length);
    this.elements = ensureCapacity(this.elements, from + elements.length);
    this.elements.set(elements, from);
    this.ends = ensureCapacity(this.ends, this.length + ends.length);
    for (const end of ends) {
      this.ends[this.length] = end < 0 ? end - from : end + from;
      this.length += 1;
    }
  }

  /** The elements of a row, strings as codes, without copying; undefined for null. */
  elementsAt(row: RowIndex): Float64Array | undefined {
    const end = row < this.length ? (this.ends[row] ?? -1) : -1;
    return end < 0 ? undefined : this.elements.subarray(this.endBefore(row), end);
  }

  override slice(from: RowIndex, to: RowIndex): ArrayColumn {
    const end = this.endBefore(Math.max(from, to));
    return new ArrayColumn(
      this.elements.subarray(0, end),
      this.ends.subarray(from, to),
      this.endBefore(from),
      this.dictionary,
    );
  }

  override gather(rows: Int32Array): ArrayColumn {
    const gathered = new ArrayColumn(new Float64Array(0), new Int32Array(0), 0, this.dictionary);
    for (const row of rows) {
      gathered.addElements(this.elementsAt(row));
    }
    return gathered;
  }

  /**
   * The layout of all arrays: where the first begins among the elements, and where each ends, −1 − end for null;
   * views that hold until the next one is added.
   */
  get stored(): { readonly elements: Float64Array; readonly ends: Int32Array; readonly begin: number } {
    return { elements: this.elements, ends: this.ends, begin: this.begin };
  }

  private endBefore(row: RowIndex): number {
    const end = row === 0 ? this.begin : (this.ends[row - 1] ?? 0);
    return end < 0 ? -1 - end : end;
  }
}
