import type { ArrayType, ColumnType, Value } from '../plan/types.ts';
import { type Allocator, heapAllocator } from './allocator.ts';
import { BaseColumn } from './base_column.ts';
import { ensureCapacity } from './ensure_capacity.ts';
import type { RowIndex } from './ids.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

type NumberType = Exclude<ColumnType, 'text' | ArrayType>;

/** Numbers, timestamps or booleans as 64-bit floats, NaN for null (no value of a plan is NaN). */
export class NumberColumn extends BaseColumn<number | boolean> {
  /** @param stored its values, NaN for null and never −0: they are used, not copied */
  constructor(
    readonly type: NumberType,
    private stored: Float64Array = new Float64Array(0),
  ) {
    super();
    this.length = stored.length;
  }

  /** The values in use, NaN for null; a view that holds until the next one is added. */
  get values(): Float64Array {
    return this.stored.subarray(0, this.length);
  }

  override at(row: RowIndex): number | boolean | null {
    const value = this.valueAt(row);
    if (Number.isNaN(value)) {
      return null;
    }
    return this.type === 'boolean' ? value !== 0 : value;
  }

  /** The number at a row, NaN for null. */
  valueAt(row: RowIndex): number {
    return row < this.length ? (this.stored[row] ?? Number.NaN) : Number.NaN;
  }

  add(value: Value): void {
    this.addNumber(value === null ? Number.NaN : Number(value));
  }

  /** Adds a number, NaN for null. */
  addNumber(value: number): void {
    this.stored = ensureCapacity(this.stored, this.length + 1);
    // −0 would be a second zero: equal, yet of other bits.
    this.stored[this.length] = value + 0;
    this.length += 1;
  }

  /** Adds all values of another column. */
  addAll({ values }: NumberColumn): void {
    this.stored = ensureCapacity(this.stored, this.length + values.length);
    this.stored.set(values, this.length);
    this.length += values.length;
  }

  override slice(from: RowIndex, to: RowIndex): NumberColumn {
    return new NumberColumn(this.type, this.values.subarray(from, to));
  }

  override gather(rows: Int32Array, memory: Allocator = heapAllocator): NumberColumn {
    const values = memory.floats(rows.length);
    gatherFloats(this.stored, rows, values);
    return new NumberColumn(this.type, values);
  }
}

/** A function of its own: V8 compiles the loop once, and not again for what first runs after it. */
function gatherFloats(from: Float64Array, rows: Int32Array, to: Float64Array): void {
  for (let i = 0; i < to.length; i += 1) {
    to[i] = from[rows[i] ?? 0] ?? Number.NaN;
  }
}
