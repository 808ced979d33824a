import type { Value } from '../plan/types.ts';
import { BaseColumn } from './base_column.ts';
import { ensureCapacity } from './ensure_capacity.ts';
import type { RowIndex } from './ids.ts';

/** Arrays of doubles: the elements of all, one array after the other, and where each ends. */
export class ArrayColumn extends BaseColumn<readonly number[]> {
  readonly type = 'array<double>';

  /**
   * @param elements of all arrays, one after the other: used, not copied
   * @param ends where each array ends among the elements, or −1 − end for null
   * @param begin where the first array begins
   */
  constructor(
    private elements: Float64Array = new Float64Array(0),
    private ends: Int32Array = new Int32Array(0),
    private readonly begin = 0,
  ) {
    super();
    this.length = ends.length;
  }

  override at(row: RowIndex): readonly number[] | null {
    const elements = this.elementsAt(row);
    return elements === undefined ? null : Array.from(elements);
  }

  add(value: Value): void {
    const from = this.endBefore(this.length);
    const added = Array.isArray(value) ? value : [];
    this.elements = ensureCapacity(this.elements, from + added.length);
    for (let i = 0; i < added.length; i += 1) {
      this.elements[from + i] = added[i] + 0;
    }
    this.ends = ensureCapacity(this.ends, this.length + 1);
    const end = from + added.length;
    this.ends[this.length] = value === null ? -1 - end : end;
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

  /** The elements of a row, without copying; undefined for null. */
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
    );
  }

  override gather(rows: Int32Array): ArrayColumn {
    const gathered = new ArrayColumn();
    for (const row of rows) {
      gathered.add(this.at(row));
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
