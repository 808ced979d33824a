/** What all columns that are gathered from lines have in common. */
import type { Column } from '../columns/column.ts';
import type { StoredColumn } from '../parquet/plain_byte_arrays.ts';
import type { LineFields } from './line_scanner.ts';

/** A column that grows by the rows of a block at a time. */
export interface ColumnDecoder<Taken extends StoredColumn = Column> {
  /** Adds the block's rows. */
  add(fields: LineFields): void;
  /** What was added since the last `take`. */
  take(): Taken;
}

/** Room for the next rows, so that it need not grow: the next task or batch is often of about the size of the last. */
export function aboutAsMany(length: number): number {
  return length + (length >> 3);
}
