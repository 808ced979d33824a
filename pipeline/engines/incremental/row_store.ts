import type { Indexes, RowIndex } from '../../columns/ids.ts';
import type { ColumnarTable } from '../../columns/table.ts';
import type { Delta } from './delta.ts';

/** Some columns of the rows of a relation. */
export interface RowStore {
  /** Declares columns to store, before the first row comes. */
  retain(columns: Iterable<string>): void;
  /** Takes rows that come or leave. @returns where each is stored */
  take(delta: Delta): Indexes<RowIndex>;
  /** The rows that are stored, at the places that `take` gave: rows that have left may be among it. */
  readonly stored: ColumnarTable;
  /** The rows of the relation. */
  readonly table: ColumnarTable;
}
