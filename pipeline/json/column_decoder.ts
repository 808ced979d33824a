/** The interface of columns that are decoded from lines. */
import type { Column } from '../columns/column.ts';
import type { StoredColumn } from '../columns/plain_byte_arrays.ts';
import type { LineFields } from './line_fields.ts';

/** A column that grows by the rows of a block at a time. */
export interface ColumnDecoder<Decoded extends StoredColumn = Column> {
  /** Adds the block's rows. */
  add(fields: LineFields): void;
  /** The rows added since the last `take`. */
  take(): Decoded;
}

/** The capacity for the next rows: the next split or micro-batch is often about as large as the last. */
export function nextCapacity(length: number): number {
  return length + (length >> 3);
}
