/**
 * A dataset's quarantine table of the stream way: `(source, shard, position, text, reason)`, each record once. It is
 * committed before silver, so it may hold records that silver's commits do not count yet: these may come again.
 */

import { type ColumnarTable, columnAt, emptyTable } from '../columns/table.ts';
import { DeltaConflictError, DeltaError } from '../delta/error.ts';
import { type DeltaOptions, DeltaTable, type WriteOptions } from '../delta/table.ts';
import type { Schema } from '../plan/types.ts';
import type { CommittedBatch } from './batch_record.ts';
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
  private readonly early = new Set<string>();

  private constructor(
    private readonly table: DeltaTable,
    private readonly stream: string,
    private known: number,
  ) {}

  /**
   * Opens the table, or makes it.
   * @param stand where silver says that the stream stands
   * @throws DeltaError when it holds less than silver says
   */
  static async open(
    path: string,
    stream: string,
    stand: CommittedBatch | null,
    options: DeltaOptions,
  ): Promise<Quarantine> {
    const table = await DeltaTable.openOrCreate(path, quarantineSchema, options);
    const quarantine = new Quarantine(table, stream, table.version);
    let counted = 0;
    const columns = ['source', 'shard', 'position'];
    for await (const rows of table.readFiles({ columns, version: table.version })) {
      counted += quarantine.learn(rows, stand);
    }
    const { malformed_json = 0, missing_key = 0 } = stand?.totals.quarantined ?? {};
    if (counted < malformed_json + missing_key) {
      throw new DeltaError(
        `The Delta table ${path} holds ${counted} records of the stream ${stream}, but silver's commits count ` +
          `${malformed_json + missing_key}: it was deleted, or restored to an earlier version. Restore it to the latest one, or ` +
          'delete silver as well, so that the stream is read again.',
      );
    }
    return quarantine;
  }

  /** The last micro-batch that an application has committed here, −1 when there is none. */
  async lastBatch(appId: string): Promise<number> {
    return (await this.table.txnVersion(appId)) ?? -1;
  }

  /**
   * Commits records, without those that the table holds already.
   * @param again whether the batch may have been committed before
   */
  async append(
    records: ColumnarTable,
    txn: NonNullable<WriteOptions['txn']>,
    userMetadata: string,
    again: boolean,
  ): Promise<void> {
    for (;;) {
      const fresh = this.fresh(records);
      if (fresh.length === 0) {
        return;
      }
      try {
        const options = { txn, readVersion: this.known, operation, userMetadata };
        const { version, skipped } = await this.table.append([fresh], options);
        if (skipped && !again) {
          throw usedTwice(this.table.path, txn);
        }
        this.known = version;
        return;
      } catch (error) {
        if (!(error instanceof DeltaConflictError)) {
          throw error;
        }
        for await (const rows of this.table.rowsAfter(this.known)) {
          this.learn(rows, null);
        }
        this.known = this.table.version;
      }
    }
  }

  /** Notes the stream's records that silver does not count yet; gives the number of those that it does. */
  private learn(rows: ColumnarTable, stand: CommittedBatch | null): number {
    const [source, shard, position] = ['source', 'shard', 'position'].map((name) => columnAt(rows, name));
    let counted = 0;
    for (let row = 0; row < rows.length; row += 1) {
      if (source?.at(row) === this.stream) {
        const key = keyOf(String(shard?.at(row)), String(position?.at(row)));
        const last = stand?.shards[String(shard?.at(row))]?.last;
        if (last && BigInt(String(position?.at(row))) <= BigInt(last.position)) {
          counted += 1;
        } else {
          this.early.add(key);
        }
      }
    }
    return counted;
  }

  private fresh(records: ColumnarTable): ColumnarTable {
    if (this.early.size === 0) {
      return records;
    }
    const [shard, position] = ['shard', 'position'].map((name) => columnAt(records, name));
    const fresh = emptyTable(quarantineSchema);
    let length = 0;
    for (let row = 0; row < records.length; row += 1) {
      if (!this.early.has(keyOf(String(shard?.at(row)), String(position?.at(row))))) {
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
