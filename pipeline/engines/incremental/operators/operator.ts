import { Evaluator } from '../../../columns/evaluate/evaluator.ts';
import type { Indexes, RowIndex } from '../../../columns/ids.ts';
import type { Schema } from '../../../plan/types.ts';
import { CountedRows } from '../counted_rows.ts';
import type { Delta } from '../delta.ts';
import type { RowStore } from '../row_store.ts';
import { StoredRows } from '../stored_rows.ts';

/** Takes rows that come to a relation or leave it. @param rows where each is stored, if rows are stored */
export type DeltaReader = (delta: Delta, rows: Indexes<RowIndex>) => void;

const notStored = new Int32Array(0);

/**
 * A relation that is kept up to date: it takes the rows that come to its inputs or leave them, and emits those that come to it
 * or leave it. Whatever the history, its rows are those of the plan over the rows that are left.
 */
export abstract class Operator {
  private readonly readers: DeltaReader[] = [];
  private stored: RowStore | undefined;

  /** @param rowsLeave false where rows only ever come: then less is kept */
  constructor(
    readonly schema: Schema,
    readonly rowsLeave: boolean,
    readonly evaluator = new Evaluator(schema),
  ) {}

  /** Declares columns that will be read, before the first row comes. */
  abstract require(columns: Iterable<string>): void;

  onDelta(reader: DeltaReader): void {
    this.readers.push(reader);
  }

  /** Retains these columns of all rows, once for all readers. */
  store(columns: Iterable<string>): RowStore {
    const required = [...columns];
    this.require(required);
    this.stored ??= this.rowsLeave ? new CountedRows(this.schema) : new StoredRows(this.schema);
    this.stored.retain(required);
    return this.stored;
  }

  protected emit(delta: Delta): void {
    if (delta.length === 0) {
      return;
    }
    const rows = this.stored?.take(delta) ?? notStored;
    for (const reader of this.readers) {
      reader(delta, rows);
    }
  }
}
