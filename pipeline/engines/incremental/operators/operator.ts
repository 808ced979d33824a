import { Evaluator } from '../../../columns/evaluate/evaluator.ts';
import type { RowIndex } from '../../../columns/ids.ts';
import type { Schema } from '../../../plan/types.ts';
import type { Delta } from '../delta.ts';
import { StoredRows } from '../stored_rows.ts';

/** Takes the rows that are new to a relation. @param first where the first of them is stored, if rows are stored */
export type DeltaReader = (delta: Delta, first: RowIndex) => void;

/**
 * A relation that is kept up to date: it takes the rows that are new to its inputs and emits those that are new to it. Rows
 * are only ever added, since a cleaned table only grows; so nothing is taken back, whatever the order of arrival.
 */
export abstract class Operator {
  private readonly readers: DeltaReader[] = [];
  private stored: StoredRows | undefined;

  constructor(
    readonly schema: Schema,
    readonly evaluator = new Evaluator(schema),
  ) {}

  /** Declares columns that will be read, before the first row comes. */
  abstract require(columns: Iterable<string>): void;

  onDelta(reader: DeltaReader): void {
    this.readers.push(reader);
  }

  /** Retains these columns of all rows, once for all readers. */
  store(columns: Iterable<string>): StoredRows {
    const required = [...columns];
    this.require(required);
    this.stored ??= new StoredRows(this.schema);
    this.stored.retain(required);
    return this.stored;
  }

  protected emit(delta: Delta): void {
    if (delta.length === 0) {
      return;
    }
    const first = this.stored?.append(delta) ?? 0;
    for (const reader of this.readers) {
      reader(delta, first);
    }
  }
}
