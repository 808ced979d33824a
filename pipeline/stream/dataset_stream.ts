/**
 * One dataset's way from its stream to committed tables, a micro-batch at a time:
 * read → write ahead → decode, clean → quarantine → silver → answers.
 */

import type { ColumnarTable } from '../columns/table.ts';
import { type DeltaOptions, tablePath } from '../delta/table.ts';
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
import { countOf, joinFragments, newestOf, positionsAfter, rangeOf } from './fragments.ts';
import { Quarantine } from './quarantine.ts';
import { RecordBlock } from './record_block.ts';
import { readAgain, StreamReader, type StreamReaderOptions } from './shard_reader.ts';
import { Silver } from './silver.ts';

/** What a micro-batch has behind it. */
export type BatchStep =
  | 'read'
  | 'written ahead'
  | 'decoded'
  | 'quarantine committed'
  | 'silver committed'
  | 'answered';

/** How large a micro-batch gets. */
export interface MicroBatchLimits {
  /** Bytes of records that are enough for one. */
  readonly bytes: number;
  /** Longest time that a record waits for others, in milliseconds. */
  readonly milliseconds: number;
}

export interface DatasetStreamOptions
  extends Pick<StreamReaderOptions, 'log' | 'stream' | 'patience' | 'onNotice'> {
  readonly dataset: Dataset;
  readonly lake: string;
  readonly checkpoints: string;
  readonly microBatch: MicroBatchLimits;
  /** Takes rows that are new, once they are committed. */
  readonly onRows: (rows: ColumnarTable) => void;
  /** Told when a micro-batch is wholly done. */
  readonly onBatch: (batch: FinishedBatch) => void;
  readonly tableOptions: (path: string) => DeltaOptions;
  /** Called between the steps of a micro-batch; what it throws ends the stream there. */
  readonly onStep: (step: BatchStep) => void | Promise<void>;
}

export interface FinishedBatch {
  readonly events: number;
  readonly milliseconds: number;
  /** When the newest of its events was taken by the log, milliseconds since 1970. */
  readonly newestEventAt: number;
}

export class DatasetStream {
  readonly #options: DatasetStreamOptions;
  readonly #checkpoint: Checkpoint;
  readonly #silver: Silver;
  readonly #quarantine: Quarantine;
  readonly #reader: StreamReader;
  readonly #decoder: Decoder;
  readonly #progress = new Signal();
  #shards: Readonly<Record<string, ShardPosition>>;
  #totals: Totals;
  #nextBatch: number;
  /** The last one in silver. */
  #silverBatch: number;
  /** The micro-batch that was begun before, and is done again first. */
  #again: MicroBatch | null;
  /** Records that the reader gave and that are committed. */
  #done = 0;
  #ended = false;

  private constructor(
    options: DatasetStreamOptions,
    checkpoint: Checkpoint,
    { silver, quarantine, stand }: { silver: Silver; quarantine: Quarantine; stand: CommittedBatch | null },
    { again, nextBatch, silverBatch, firsts }: Resumption,
  ) {
    this.#options = options;
    this.#checkpoint = checkpoint;
    this.#silver = silver;
    // Its texts are those of silver, so that silver knows their codes.
    this.#decoder = new Decoder(options.dataset, { dictionariesOf: silver.rows.table });
    this.#quarantine = quarantine;
    this.#shards = again?.shards ?? stand?.shards ?? {};
    this.#totals = stand?.totals ?? noTotals;
    this.#again = again;
    this.#nextBatch = nextBatch;
    this.#silverBatch = silverBatch;
    const { log, stream, patience, onNotice, microBatch } = options;
    this.#reader = new StreamReader({
      log,
      stream,
      patience,
      onNotice,
      stands: this.#shards,
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
      const stand = await silver.standOf(stream);
      const path = pathOf('quarantine');
      const quarantine = await Quarantine.open(path, stream, stand, tableOptions(path));
      const { appId, ahead } = checkpoint;
      const silverBatch = (await silver.table.txnVersion(appId)) ?? -1;
      const lastBatch = Math.max(silverBatch, await quarantine.lastBatch(appId));
      const resumption = resume(ahead, stand, silverBatch, lastBatch);
      if (resumption.notice) {
        onNotice(resumption.notice);
      }
      onRows(silver.rows.rowsFrom(0));
      return new DatasetStream(options, checkpoint, { silver, quarantine, stand }, resumption);
    } catch (error) {
      checkpoint.release();
      throw error;
    }
  }

  /** Makes micro-batches until reading ends. The one that was begun is finished. */
  async run(): Promise<void> {
    try {
      if (this.#again !== null) {
        await this.#doAgain(this.#again);
      }
      const batches = this.#makeBatches().catch((error) => this.#reader.fail(error));
      const [read] = await Promise.allSettled([this.#reader.run(), batches]);
      if (read.status === 'rejected') {
        throw read.reason;
      }
    } finally {
      this.#ended = true;
      this.#progress.wake(true);
    }
  }

  /** Lets another process go on. */
  release(): void {
    this.#checkpoint.release();
  }

  /** Resolves when all that is in the log now is committed and answered, or when the stream has ended. */
  async drain(): Promise<void> {
    this.#reader.awaited += 1;
    try {
      const received = await this.#reader.reachHead();
      while (!this.#ended && this.#done < received) {
        await this.#progress.wait(1000);
      }
    } finally {
      this.#reader.awaited -= 1;
    }
  }

  get totals(): Totals {
    return this.#totals;
  }

  get lag() {
    return this.#reader.lag;
  }

  get silver(): ColumnarTable {
    return this.#silver.rows.table;
  }

  /** How long nothing has come, in milliseconds; 0 while something is under way. */
  get idleMilliseconds(): number {
    return this.#again === null && !this.#inBatch ? this.#reader.idleMilliseconds : 0;
  }

  noteWaiting(): void {
    this.#reader.noteWaiting();
  }

  #inBatch = false;

  async #makeBatches(): Promise<void> {
    const { microBatch, stream } = this.#options;
    for (;;) {
      const fragments = await this.#reader.take(microBatch.bytes, microBatch.milliseconds);
      if (fragments === null) {
        return;
      }
      this.#inBatch = true;
      const start = performance.now();
      await this.#options.onStep('read');
      const parts = joinFragments(fragments);
      const batch = {
        stream,
        batch: this.#nextBatch,
        after: this.#silverBatch,
        ranges: parts.flatMap(rangeOf),
        shards: { ...this.#shards, ...positionsAfter(this.#shards, parts) },
      };
      await this.#checkpoint.writeAhead(batch);
      this.#nextBatch += 1;
      await this.#options.onStep('written ahead');
      await this.#commit(batch, parts, start, false);
      this.#done += parts.reduce((sum, { blocks }) => sum + countOf(blocks), 0);
      this.#inBatch = false;
      this.#progress.wake(true);
    }
  }

  async #doAgain(batch: MicroBatch): Promise<void> {
    const start = performance.now();
    const parts: ShardRecords[] = [];
    for (const range of batch.ranges) {
      parts.push({ shard: range.shard, blocks: [new RecordBlock(await readAgain(this.#options, range))] });
    }
    await this.#commit(batch, parts, start, true);
    this.#again = null;
  }

  async #commit(
    batch: MicroBatch,
    parts: readonly ShardRecords[],
    start: number,
    again: boolean,
  ): Promise<void> {
    const { stream, onStep, onRows, onBatch } = this.#options;
    const txn = { appId: this.#checkpoint.appId, version: batch.batch };
    const { rows, quarantined, reasons } = decodeBatch(this.#decoder, stream, parts);
    await onStep('decoded');
    await this.#quarantine.append(quarantined, txn, JSON.stringify(batch), again);
    await onStep('quarantine committed');
    const totalsWith = (kept: number) =>
      plus(this.#totals, {
        read: rows.length + quarantined.length,
        kept,
        repeated: rows.length - kept,
        quarantined: reasons,
      });
    const before = this.#silver.rows.length;
    const kept = await this.#silver.append(rows, txn, (count) =>
      JSON.stringify({ ...batch, totals: totalsWith(count) }),
    );
    await onStep('silver committed');
    this.#totals = totalsWith(kept);
    this.#shards = batch.shards;
    this.#silverBatch = batch.batch;
    onRows(this.#silver.rows.rowsFrom(before));
    await onStep('answered');
    onBatch({
      events: rows.length + quarantined.length,
      milliseconds: performance.now() - start,
      newestEventAt: newestOf(parts),
    });
  }
}

/** How a stream goes on. */
interface Resumption {
  readonly again: MicroBatch | null;
  readonly nextBatch: number;
  /** The last one of this checkpoint in silver, −1 for none. */
  readonly silverBatch: number;
  /** Shards that must be read again from these records on. */
  readonly firsts: ReadonlyMap<string, string>;
  readonly notice?: string;
}

/**
 * How a stream goes on, from what the checkpoint and the lake say. The lake is the truth: a micro-batch that was written ahead
 * is done again where it continues what the lake holds; where the lake holds less, the stream is read again from there. No
 * number is used for other records.
 * @param silverBatch the last one of this checkpoint in silver, −1 for none
 * @param lastBatch the last one in any of the tables
 */
function resume(
  ahead: MicroBatch | null,
  stand: CommittedBatch | null,
  silverBatch: number,
  lastBatch: number,
): Resumption {
  const nextBatch = Math.max(ahead?.batch ?? -1, lastBatch) + 1;
  const none = new Map<string, string>();
  if (ahead === null && stand !== null) {
    const notice = `The checkpoint of the stream ${stand.stream} is new: it goes on where the lake's commits say.`;
    return { again: null, nextBatch, silverBatch, firsts: none, notice };
  }
  if (ahead === null || ahead.batch <= silverBatch) {
    return { again: null, nextBatch, silverBatch, firsts: none };
  }
  const continues = ahead.ranges.every(({ shard, from, first }) => {
    const known = stand?.shards[shard];
    return known === undefined ? ahead.shards[shard]?.first === first : known.next === from;
  });
  if (ahead.after === silverBatch && continues) {
    return { again: ahead, nextBatch, silverBatch, firsts: none };
  }
  const firsts = Object.entries(ahead.shards).flatMap(([shard, { first }]) =>
    first === null || stand?.shards[shard] !== undefined ? [] : [[shard, first] as const],
  );
  return {
    again: null,
    nextBatch,
    silverBatch,
    firsts: new Map(firsts),
    notice:
      `The lake holds less of the stream ${ahead.stream} than its checkpoint says: it was deleted or restored to an earlier ` +
      'version. What is missing is read again.',
  };
}
