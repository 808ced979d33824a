/**
 * Takes one dataset from its stream to committed tables, a micro-batch at a time:
 * read → write ahead → decode, clean → quarantine → silver → answers.
 */

import { withoutRows } from '../columns/gathered.ts';
import type { ColumnarTable } from '../columns/table.ts';
import { rowsWith } from '../delta/remove_rows.ts';
import { type DeltaTable, tablePath } from '../delta/table.ts';
import { Decoder } from '../json/decoder.ts';
import { Signal } from '../log/signal.ts';
import type { Schema } from '../plan/types.ts';
import { type MicroBatch, noTotals, plus, type ShardPosition, type Totals } from './batch_record.ts';
import { Checkpoint } from './checkpoint.ts';
import { DatasetErasures, ErasedMeanwhile } from './dataset_erasures.ts';
import type { DatasetStreamOptions, OpenedStream } from './dataset_options.ts';
import { decodeBatch, type ShardRecords } from './decode_batch.ts';
import { countIn, joinFragments, newestOf, positionsAfter, rangeOf, traceparentsOf } from './fragments.ts';
import { Quarantine, quarantineSchema } from './quarantine.ts';
import { readAgain } from './read_again.ts';
import { RecordBlock } from './record_block.ts';
import { type Resumption, resume } from './resumption.ts';
import { Silver } from './silver.ts';
import type { StreamTable } from './status.ts';
import { StreamReader } from './stream_reader.ts';
import { Turns } from './turns.ts';

export class DatasetStream {
  private readonly checkpoint: Checkpoint;
  private readonly silverTable: Silver;
  private readonly quarantine: Quarantine;
  private readonly erasures: DatasetErasures;
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
  /** The number of silver's rows that are in answers, its first ones. */
  private answered: number;
  private readonly turns = new Turns();
  /** Number of records that the reader gave and that are committed. */
  private committedRecords = 0;
  private ended = false;

  private constructor(
    private readonly options: DatasetStreamOptions,
    { checkpoint, silver, quarantine, erasures, committed }: OpenedStream,
    { interrupted, nextBatch, silverBatch, firsts }: Resumption,
  ) {
    this.checkpoint = checkpoint;
    this.silverTable = silver;
    this.quarantine = quarantine;
    this.erasures = erasures;
    this.answered = silver.rows.length;
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
      const placeOf = (layer: string, schema: Schema) => {
        const path = tablePath(lake, 'stream', layer, dataset.name);
        return { path, schema, options: tableOptions(path) };
      };
      const silverPlace = placeOf('silver', dataset.cleaning.schema);
      const quarantinePlace = placeOf('quarantine', quarantineSchema);
      const erasures = await DatasetErasures.open(lake, dataset, silverPlace, quarantinePlace);
      const silver = await Silver.open(silverPlace, dataset, erasures);
      const committed = await silver.committedBatch(stream);
      const quarantine = await Quarantine.open(quarantinePlace, stream, committed, erasures);
      const { appId, ahead } = checkpoint;
      const silverBatch = (await silver.table.txnVersion(appId)) ?? -1;
      const lastBatch = Math.max(silverBatch, await quarantine.lastBatch(appId));
      const resumption = resume(ahead, committed, silverBatch, lastBatch);
      if (resumption.notice) {
        onNotice(resumption.notice);
      }
      onRows(silver.rows.rowsFrom(0));
      return new DatasetStream(options, { checkpoint, silver, quarantine, erasures, committed }, resumption);
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

  /** The rows that are in answers. */
  get answeredRows(): ColumnarTable {
    return this.silverTable.rows.rowsFrom(0, this.answered);
  }

  /** Takes out what was erased since, once no micro-batch is being committed. */
  takeOutErased(): Promise<void> {
    return this.turns.take(() => this.takeOut());
  }

  private async takeOut(): Promise<void> {
    const keys = await this.erasures.carryOut();
    if (keys.size > 0) {
      const { chosen } = rowsWith(this.options.dataset.keyColumn, keys);
      const isErased = chosen(this.answeredRows);
      const erased = withoutRows(this.answeredRows, (row) => !isErased(row));
      this.silverTable.forget(chosen);
      this.answered -= erased.length;
      this.options.onRowsErased(erased);
    }
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
      await this.turns.take(() => this.commit(batch, parts, start));
      this.committedRecords += countIn(parts);
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
    await this.turns.take(() => this.commit(batch, parts, start));
  }

  /** Commits a micro-batch; anew without what is erased meanwhile, which is seldom once and never for long. */
  private async commit(batch: MicroBatch, parts: readonly ShardRecords[], start: number): Promise<void> {
    for (let mayBeCommitted = this.interrupted !== null; ; mayBeCommitted = true) {
      await this.takeOut();
      try {
        return await this.commitRest(batch, parts, start, mayBeCommitted);
      } catch (error) {
        if (!(error instanceof ErasedMeanwhile)) {
          throw error;
        }
      }
    }
  }

  /** Commits what is not erased of a micro-batch. @throws ErasedMeanwhile */
  private async commitRest(
    batch: MicroBatch,
    parts: readonly ShardRecords[],
    start: number,
    mayBeCommitted: boolean,
  ): Promise<void> {
    const { dataset, stream, onStep, onRows, onBatch } = this.options;
    const txn = { appId: this.checkpoint.appId, version: batch.batch };
    const decoded = decodeBatch(this.decoder, dataset, stream, parts, this.erasures.current);
    const { rows, quarantined, reasons, nulled, erased } = decoded;
    await onStep('decoded');
    await this.quarantine.append(quarantined, txn, JSON.stringify(batch), mayBeCommitted);
    await onStep('quarantine committed');
    const totalsWith = (kept: number) =>
      plus(this.counted, {
        read: rows.length + quarantined.length + erased,
        kept,
        repeated: rows.length - kept,
        quarantined: reasons,
        nulled,
        erased,
      });
    const kept = await this.silverTable.append(stream, rows, txn, (count) =>
      JSON.stringify({ ...batch, totals: totalsWith(count) }),
    );
    await onStep('silver committed');
    this.counted = totalsWith(kept);
    this.shards = batch.shards;
    this.silverBatch = batch.batch;
    onRows(this.silverTable.rows.rowsFrom(this.answered));
    this.answered = this.silverTable.rows.length;
    await onStep('answered');
    onBatch({
      stream,
      number: batch.batch,
      records: countIn(parts),
      events: rows.length + quarantined.length + erased,
      milliseconds: performance.now() - start,
      newestEventAt: newestOf(parts),
      traceparents: traceparentsOf(parts),
    });
  }
}
