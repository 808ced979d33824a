/**
 * A dataset's silver table on the stream path. Its commits are the truth of the stream: each holds a micro-batch's new
 * rows, the ranges of records that they came from, the position of each shard after them, and the totals.
 */

import { DistinctRows } from '../columns/distinct_rows.ts';
import { gathered, withoutRows } from '../columns/gathered.ts';
import type { ColumnarTable } from '../columns/table.ts';
import { DeltaConflictError, DeltaError } from '../delta/error.ts';
import { DeltaTable, type WriteOptions } from '../delta/table.ts';
import { erasuresApp } from '../erasures.ts';
import type { Dataset } from '../plan/dataset.ts';
import { type CommittedBatch, committedBatchOf } from './batch_record.ts';
import type { DatasetErasures, TablePlace } from './dataset_erasures.ts';

export const operation = 'STREAMING UPDATE';

export class Silver {
  /** All rows of the table, each once. */
  rows: DistinctRows;
  /** Rows that another process has committed for the same stream: they came once, and come here too. */
  private ofSameStream: DistinctRows;
  /** Those of them that have come. */
  private met: DistinctRows;

  private constructor(
    readonly table: DeltaTable,
    { cleaning }: Dataset,
    /** The version up to which `rows` holds the table's rows, but for those that were erased. */
    private readVersion: number,
    private readonly erasures: DatasetErasures,
  ) {
    this.rows = new DistinctRows(cleaning.schema);
    this.ofSameStream = new DistinctRows(cleaning.schema);
    this.met = new DistinctRows(cleaning.schema);
  }

  /** Opens the table, and reads its rows. @param erasures that it was freed of @throws DeltaError */
  static async open(place: TablePlace, dataset: Dataset, erasures: DatasetErasures): Promise<Silver> {
    const table = await DeltaTable.open(place.path, place.options);
    const silver = new Silver(table, dataset, table.version, erasures);
    for await (const rows of table.readFiles({ version: table.version })) {
      silver.rows.add(rows);
    }
    return silver;
  }

  /**
   * Gives the last micro-batch of a stream that was committed here; null when there is none.
   * @throws DeltaError when the log entry that would tell was removed
   */
  async committedBatch(stream: string): Promise<CommittedBatch | null> {
    let first = this.readVersion;
    for await (const { version, commitInfo } of this.table.history()) {
      const found =
        version > this.readVersion ? undefined : committedBatchOf(commitInfo.userMetadata, stream);
      if (found !== undefined) {
        return found;
      }
      first = version;
    }
    if (first > 0) {
      throw new DeltaError(
        `The log of the Delta table ${this.table.path} no longer tells how far the stream ${stream} was read into it: the ` +
          'entries that did were removed. Restore them, or let the stream begin with another lake.',
      );
    }
    return null;
  }

  /**
   * Commits those of a batch's rows that are new. When others commit at the same time, their rows are read first.
   * @param describe gives the commit's text, from the number of rows that are new to the stream
   * @returns this number: the rows committed, and those that another process has committed for the same stream
   * @throws ErasedMeanwhile when posts were erased since; then none of the batch's rows is held
   */
  async append(
    stream: string,
    batch: ColumnarTable,
    txn: NonNullable<WriteOptions['txn']>,
    describe: (kept: number) => string,
  ): Promise<number> {
    const before = this.rows.length;
    this.rows.add(batch);
    let fresh = this.rows.rowsFrom(before);
    let met = this.meet(batch);
    const theirs: ColumnarTable[] = [];
    for (;;) {
      const kept = fresh.length + met;
      try {
        const { readVersion } = this;
        const options = { txn, readVersion, operation, userMetadata: describe(kept) };
        const { version, skipped } = await this.table.append([fresh], options);
        if (skipped) {
          throw usedTwice(this.table.path, txn);
        }
        this.readVersion = version;
        return kept;
      } catch (error) {
        if (!(error instanceof DeltaConflictError)) {
          throw error;
        }
        await this.erasures.throwIfNew().catch((reason) => {
          this.rows = distinctLike(this.rows, [this.rows.rowsFrom(0, before), ...theirs]);
          throw reason;
        });
        const others = await this.theirs(stream);
        theirs.push(others.table);
        const known = others.length;
        others.add(fresh);
        fresh = others.rowsFrom(known);
        met += this.meet(batch);
      }
    }
  }

  /** The number of a batch's rows that another process has committed for the same stream, and that come for the first time. */
  private meet(batch: ColumnarTable): number {
    return this.ofSameStream.length === 0
      ? 0
      : this.met.add(gathered(batch, this.ofSameStream.heldOf(batch)));
  }

  /** Reads what others have committed since, and holds it. */
  private async theirs(stream: string): Promise<DistinctRows> {
    const theirs = new DistinctRows(this.rows.schema);
    for await (const { rows, commitInfo } of this.table.rowsAfter(this.readVersion, erasuresApp)) {
      theirs.add(rows);
      if (committedBatchOf(commitInfo.userMetadata, stream) !== undefined) {
        this.ofSameStream.add(rows);
      }
    }
    this.readVersion = this.table.version;
    this.rows.add(theirs.table);
    return theirs;
  }

  /** Forgets the rows that the table was freed of. */
  forget(isErased: (rows: ColumnarTable) => (row: number) => boolean): void {
    const left = (held: DistinctRows) => distinctLike(held, [withoutRows(held.table, isErased(held.table))]);
    this.rows = left(this.rows);
    this.ofSameStream = left(this.ofSameStream);
    this.met = left(this.met);
  }
}

/** Rows in the dictionaries of others, which whoever decodes goes on to use. */
function distinctLike(others: DistinctRows, tables: readonly ColumnarTable[]): DistinctRows {
  const rows = DistinctRows.like(others.table);
  for (const table of tables) {
    rows.add(table);
  }
  return rows;
}

/** The error for a batch whose number was used already: nothing was written, so going on would lose its rows. */
export function usedTwice(table: string, { appId, version }: NonNullable<WriteOptions['txn']>): DeltaError {
  return new DeltaError(
    `Micro-batch ${version} of ${appId} is in ${table} already, though it was only begun now: another process works with a ` +
      'copy of this checkpoint. End it and remove the copy; a checkpoint belongs to one stream alone.',
  );
}
