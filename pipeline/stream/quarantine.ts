/**
 * A dataset's quarantine table on the stream path: `(source, shard, position, text, reason)`, each record once; several rows
 * of one position when a record held several events. It is committed before silver, so it may hold records that silver's
 * commits do not count yet: these may come again.
 */

import { type ColumnarTable, columnAt, emptyTable } from '../columns/table.ts';
import { DeltaConflictError, DeltaError } from '../delta/error.ts';
import { DeltaTable, type WriteOptions } from '../delta/table.ts';
import { erasuresApp, erasuresApplied } from '../erasures.ts';
import type { Schema } from '../plan/types.ts';
import type { CommittedBatch } from './batch_record.ts';
import type { DatasetErasures, TablePlace } from './dataset_erasures.ts';
import { operation, usedTwice } from './silver.ts';

export const quarantineSchema = {
  source: 'text',
  shard: 'text',
  position: 'text',
  text: 'text',
  reason: 'text',
} as const satisfies Schema;

export class Quarantine {
  /** Records of the stream that the table holds and silver does not count yet. */
  private readonly uncounted = new Set<string>();

  private constructor(
    readonly table: DeltaTable,
    private readonly stream: string,
    private readVersion: number,
    private readonly erasures: DatasetErasures,
  ) {}

  /**
   * Opens the table.
   * @param committed the stream's last micro-batch in silver
   * @throws DeltaError when it holds less than silver says
   */
  static async open(
    { path, options }: TablePlace,
    stream: string,
    committed: CommittedBatch | null,
    erasures: DatasetErasures,
  ): Promise<Quarantine> {
    const table = await DeltaTable.open(path, options);
    const quarantine = new Quarantine(table, stream, table.version, erasures);
    let counted = 0;
    const columns = ['source', 'shard', 'position'];
    for await (const rows of table.readFiles({ columns, version: table.version })) {
      counted += quarantine.note(rows, committed);
    }
    const { malformed_json = 0, missing_key = 0 } = committed?.totals.quarantined ?? {};
    // An erasure takes records out that silver's commits go on to count.
    const isWhole = (await erasuresApplied(table)) < 0;
    if (isWhole && counted < malformed_json + missing_key) {
      throw new DeltaError(
        `The Delta table ${path} holds ${counted} records of the stream ${stream}, but silver's commits count ` +
          `${malformed_json + missing_key}: it was deleted, or restored to an earlier version. Restore it to the latest one, or ` +
          'delete silver as well, so that the stream is read again.',
      );
    }
    return quarantine;
  }

  /** Gives the number of the last micro-batch that an application has committed here, −1 when there is none. */
  async lastBatch(appId: string): Promise<number> {
    return (await this.table.txnVersion(appId)) ?? -1;
  }

  /**
   * Commits those of a batch's records that the table does not hold yet.
   * @param mayBeCommitted the batch may have been committed before
   * @throws ErasedMeanwhile when posts were erased since
   */
  async append(
    records: ColumnarTable,
    txn: NonNullable<WriteOptions['txn']>,
    userMetadata: string,
    mayBeCommitted: boolean,
  ): Promise<void> {
    for (;;) {
      const fresh = this.fresh(records);
      if (fresh.length === 0) {
        return;
      }
      try {
        const options = { txn, readVersion: this.readVersion, operation, userMetadata };
        const { version, skipped } = await this.table.append([fresh], options);
        if (skipped && !mayBeCommitted) {
          throw usedTwice(this.table.path, txn);
        }
        this.readVersion = version;
        return;
      } catch (error) {
        if (!(error instanceof DeltaConflictError)) {
          throw error;
        }
        await this.erasures.throwIfNew();
        for await (const { rows } of this.table.rowsAfter(this.readVersion, erasuresApp)) {
          this.note(rows, null);
        }
        this.readVersion = this.table.version;
      }
    }
  }

  /** Notes the stream's records that silver does not count yet; gives the number of the others. */
  private note(rows: ColumnarTable, committed: CommittedBatch | null): number {
    const [source, shard, position] = ['source', 'shard', 'position'].map((name) => columnAt(rows, name));
    let counted = 0;
    for (let row = 0; row < rows.length; row += 1) {
      if (source?.at(row) === this.stream) {
        const key = keyOf(String(shard?.at(row)), String(position?.at(row)));
        const last = committed?.shards[String(shard?.at(row))]?.last;
        if (last && BigInt(String(position?.at(row))) <= BigInt(last.position)) {
          counted += 1;
        } else {
          this.uncounted.add(key);
        }
      }
    }
    return counted;
  }

  private fresh(records: ColumnarTable): ColumnarTable {
    if (this.uncounted.size === 0) {
      return records;
    }
    const [shard, position] = ['shard', 'position'].map((name) => columnAt(records, name));
    const fresh = emptyTable(quarantineSchema);
    let length = 0;
    for (let row = 0; row < records.length; row += 1) {
      if (!this.uncounted.has(keyOf(String(shard?.at(row)), String(position?.at(row))))) {
        for (const name of Object.keys(quarantineSchema)) {
          columnAt(fresh, name).add(columnAt(records, name).at(row));
        }
        length += 1;
      }
    }
    return { ...fresh, length };
  }
}

function keyOf(shard: string, position: string): string {
  return `${position} ${shard}`;
}
