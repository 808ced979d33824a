/**
 * Takes one dataset from its stream to committed tables, a micro-batch at a time:
 * read → write ahead → decode, clean → quarantine → silver → answers.
 */

import type { ColumnarTable } from '../columns/table.ts';
import { type DeltaOptions, type DeltaTable, tablePath } from '../delta/table.ts';
import { Decoder } from '../json/decoder.ts';
import { Signal } from '../log/signal.ts';
import type { Dataset } from '../plan/dataset.ts';
import {
  type CommittedBatch,
  type MicroBatch,
  noTotals,
  plus,
  type ShardPosition,
  type Totals,
} from './batch_record.ts';
import { Checkpoint } from './checkpoint.ts';
import { decodeBatch, type ShardRecords } from './decode_batch.ts';
import { countOf, joinFragments, newestOf, positionsAfter, rangeOf, traceparentsOf } from './fragments.ts';
import { Quarantine } from './quarantine.ts';
import { readAgain } from './read_again.ts';
import { RecordBlock } from './record_block.ts';
import { type Resumption, resume } from './resumption.ts';
import { Silver } from './silver.ts';
import type { StreamTable } from './status.ts';
import { StreamReader, type StreamReaderOptions } from './stream_reader.ts';

/** The last step that a micro-batch has completed. */
export type BatchStep =
  | 'read'
  | 'written ahead'
  | 'decoded'
  | 'quarantine committed'
  | 'silver committed'
  | 'answered';

/** The size of a micro-batch. */
export interface MicroBatchLimits {
  /** A micro-batch of this many bytes of records waits for no more. */
  readonly bytes: number;
  /** Longest time that a record waits for others. */
  readonly milliseconds: number;
}

export interface DatasetStreamOptions
  extends Pick<StreamReaderOptions, 'log' | 'stream' | 'group' | 'onNotice'> {
  readonly dataset: Dataset;
  readonly lake: string;
  readonly checkpoints: string;
  readonly microBatch: MicroBatchLimits;
  /** Called with new rows, once they are committed. */
  readonly onRows: (rows: ColumnarTable) => void;
  /** Called when a micro-batch is complete. */
  readonly onBatch: (batch: FinishedBatch) => void;
  readonly tableOptions: (path: string) => DeltaOptions;
  /** Called between the steps of a micro-batch; an error that it throws ends the stream there. */
  readonly onStep: (step: BatchStep) => void | Promise<void>;
}

export interface FinishedBatch {
  readonly stream: string;
  /** Its number in the checkpoint. */
  readonly number: number;
  readonly records: number;
  readonly events: number;
  readonly milliseconds: number;
  /** Time at which the newest of its events was appended, milliseconds since 1970. */
  readonly newestEventAt: number;
  /** Spans that sent its records, `mostTraceparents` of them at most. */
  readonly traceparents: readonly string[];
}

/** The checkpoint and the tables of a stream, and what silver's commits say of it. */
interface OpenedStream {
  readonly checkpoint: Checkpoint;
  readonly silver: Silver;
  readonly quarantine: Quarantine;
  readonly committed: CommittedBatch | null;
}

export class DatasetStream {
  private readonly checkpoint: Checkpoint;
  private readonly silverTable: Silver;
  private readonly quarantine: Quarantine;
  private readonly reader: StreamReader;
  private readonly decoder: Decoder;
  private readonly progress = new Signal();
  private shards: Readonly<Record<string, ShardPosition>>;
  private counted: Totals;
  private nextBatch: number;
  /** The last micro-batch in silver. */
  private silverBatch: number;
  private interrupted: MicroBatch | null;
  private inBatch = false;
  /** Number of records that the reader gave and that are committed. */
  private committedRecords = 0;
  private ended = false;

  private constructor(
    private readonly options: DatasetStreamOptions,
    { checkpoint, silver, quarantine, committed }: OpenedStream,
    { interrupted, nextBatch, silverBatch, firsts }: Resumption,
  ) {
    this.checkpoint = checkpoint;
    this.silverTable = silver;
    this.quarantine = quarantine;
    // It shares silver's dictionaries, so that silver need not look up its strings.
    this.decoder = new Decoder(options.dataset, { dictionariesOf: silver.rows.table });
    this.shards = interrupted?.shards ?? committed?.shards ?? {};
    this.counted = committed?.totals ?? noTotals;
    this.interrupted = interrupted;
    this.nextBatch = nextBatch;
    this.silverBatch = silverBatch;
    const { log, stream, group, onNotice, microBatch } = options;
    this.reader = new StreamReader({
      log,
      stream,
      group,
      onNotice,
      positions: this.shards,
      firsts,
      readAheadBytes: microBatch.bytes,
    });
  }

  /** Opens checkpoint and tables, and hands out the rows that silver holds. */
  static async open(options: DatasetStreamOptions): Promise<DatasetStream> {
    const { dataset, stream, lake, checkpoints, onNotice, onRows, tableOptions } = options;
    const checkpoint = await Checkpoint.open(checkpoints, stream, onNotice);
    try {
      const pathOf = (layer: string) => tablePath(lake, 'stream', layer, dataset.name);
      const silver = await Silver.open(pathOf('silver'), dataset, tableOptions(pathOf('silver')));
      const committed = await silver.committedBatch(stream);
      const path = pathOf('quarantine');
      const quarantine = await Quarantine.open(path, stream, committed, tableOptions(path));
      const { appId, ahead } = checkpoint;
      const silverBatch = (await silver.table.txnVersion(appId)) ?? -1;
      const lastBatch = Math.max(silverBatch, await quarantine.lastBatch(appId));
      const resumption = resume(ahead, committed, silverBatch, lastBatch);
      if (resumption.notice) {
        onNotice(resumption.notice);
      }
      onRows(silver.rows.rowsFrom(0));
      return new DatasetStream(options, { checkpoint, silver, quarantine, committed }, resumption);
    } catch (error) {
      checkpoint.release();
      throw error;
    }
  }

  /** Makes micro-batches until the group ends. The one that was begun is finished. */
  async run(): Promise<void> {
    try {
      if (this.interrupted !== null) {
        await this.repeat(this.interrupted);
        this.interrupted = null;
      }
      this.reader.start();
      await this.makeBatches();
    } finally {
      this.ended = true;
      this.progress.wake(true);
    }
  }

  /** Lets another process use the checkpoint. */
  release(): void {
    this.checkpoint.release();
  }

  /** Resolves when all that is in the log now is committed and answered, or when the stream has ended. */
  async drain(): Promise<void> {
    this.reader.awaited += 1;
    try {
      const received = await this.reader.reachHead();
      while (!this.ended && (this.interrupted !== null || this.committedRecords < received)) {
        await this.progress.wait(1000);
      }
    } finally {
      this.reader.awaited -= 1;
    }
  }

  get totals(): Totals {
    return this.counted;
  }

  get lag() {
    return this.reader.lag;
  }

  get tables(): readonly StreamTable[] {
    const of = (layer: StreamTable['layer'], { version, files }: DeltaTable): StreamTable => ({
      dataset: this.options.dataset.name,
      layer,
      version,
      files: files.size,
      bytes: [...files.values()].reduce((sum, { size }) => sum + size, 0),
    });
    return [of('silver', this.silverTable.table), of('quarantine', this.quarantine.table)];
  }

  get silver(): ColumnarTable {
    return this.silverTable.rows.table;
  }

  /** For how long nothing has come, in milliseconds; 0 while a micro-batch is under way. */
  get idleMilliseconds(): number {
    return this.interrupted === null && !this.inBatch ? this.reader.idleMilliseconds : 0;
  }

  private async makeBatches(): Promise<void> {
    const { microBatch, stream, onStep } = this.options;
    for (;;) {
      const fragments = await this.reader.take(microBatch.bytes, microBatch.milliseconds);
      if (fragments === null) {
        return;
      }
      this.inBatch = true;
      const start = performance.now();
      await onStep('read');
      const parts = joinFragments(fragments);
      const batch = {
        stream,
        batch: this.nextBatch,
        after: this.silverBatch,
        ranges: parts.flatMap(rangeOf),
        shards: { ...this.shards, ...positionsAfter(this.shards, parts) },
      };
      await this.checkpoint.writeAhead(batch);
      this.nextBatch += 1;
      await onStep('written ahead');
      await this.commit(batch, parts, start);
      this.committedRecords += parts.reduce((sum, { blocks }) => sum + countOf(blocks), 0);
      this.inBatch = false;
      this.progress.wake(true);
    }
  }

  /** Reads and commits a micro-batch that an earlier run has begun. */
  private async repeat(batch: MicroBatch): Promise<void> {
    const { log, stream } = this.options;
    const start = performance.now();
    const parts: ShardRecords[] = [];
    for (const range of batch.ranges) {
      parts.push({ shard: range.shard, blocks: [new RecordBlock(await readAgain(log, stream, range))] });
    }
    await this.commit(batch, parts, start);
  }

  private async commit(batch: MicroBatch, parts: readonly ShardRecords[], start: number): Promise<void> {
    const { stream, onStep, onRows, onBatch } = this.options;
    const txn = { appId: this.checkpoint.appId, version: batch.batch };
    const { rows, quarantined, reasons, nulled } = decodeBatch(this.decoder, stream, parts);
    await onStep('decoded');
    const mayBeCommitted = this.interrupted !== null;
    await this.quarantine.append(quarantined, txn, JSON.stringify(batch), mayBeCommitted);
    await onStep('quarantine committed');
    const totalsWith = (kept: number) =>
      plus(this.counted, {
        read: rows.length + quarantined.length,
        kept,
        repeated: rows.length - kept,
        quarantined: reasons,
        nulled,
      });
    const before = this.silverTable.rows.length;
    const kept = await this.silverTable.append(stream, rows, txn, (count) =>
      JSON.stringify({ ...batch, totals: totalsWith(count) }),
    );
    await onStep('silver committed');
    this.counted = totalsWith(kept);
    this.shards = batch.shards;
    this.silverBatch = batch.batch;
    onRows(this.silverTable.rows.rowsFrom(before));
    await onStep('answered');
    onBatch({
      stream,
      number: batch.batch,
      records: parts.reduce((sum, { blocks }) => sum + countOf(blocks), 0),
      events: rows.length + quarantined.length,
      milliseconds: performance.now() - start,
      newestEventAt: newestOf(parts),
      traceparents: traceparentsOf(parts),
    });
  }
}
