/**
 * The stream path: streams → micro-batches → decode → clean → rows kept once → silver → answers, until it is stopped.
 *
 * ```ts
 * const stream = startStream({ log, datasets, queries, lake: 'data/lake', checkpoints: 'data/checkpoints' });
 * await stream.drain();
 * stream.answer(mostPopularCategoryByCountry);
 * await stream.stop();
 * ```
 *
 * Each dataset is streamed by itself (dataset_stream.ts); answers and gold are computed from all of them. However a stream
 * ends, the next start continues from what is committed, and each row is stored once (docs/decisions/stream.md).
 */

import type { ColumnarTable } from '../columns/table.ts';
import { runPlan } from '../engines/arquero/run_plan.ts';
import { LiveAnswers } from '../engines/incremental/live_answers.ts';
import { RetryingLog } from '../log/retrying.ts';
import { namesOf } from '../naming.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Query } from '../plan/query.ts';
import { sleep } from '../retry.ts';
import { TaskGroup } from '../task_group.ts';
import type { FinishedBatch, MicroBatchLimits } from './dataset_options.ts';
import { DatasetStream } from './dataset_stream.ts';
import { EventRate } from './event_rate.ts';
import { Gold } from './gold.ts';
import { MemoryGuard } from './memory_guard.ts';
import type { RunningStream, StreamOptions } from './options.ts';
import type { StreamStatus } from './status.ts';

export type { BatchStep, FinishedBatch } from './dataset_options.ts';
export type { RunningStream, StreamOptions } from './options.ts';

const defaultLimits: MicroBatchLimits = { bytes: 16 * 1024 * 1024, milliseconds: 50 };

const erasuresEveryMilliseconds = 1000;

/** Starts a stream. */
export function startStream(options: StreamOptions): RunningStream {
  const run = new StreamRun(options);
  const done = run.run();
  // A failure is also thrown by `drain` and `stop`: a caller need not handle `done` as well.
  done.catch(() => undefined);
  return {
    done,
    status: () => run.status(),
    answer: (query) => run.answer(query),
    silver: (dataset) => run.silver(dataset),
    tables: () => run.streams.flatMap(({ tables }) => tables),
    get version() {
      return run.version;
    },
    onChange: (listener) => run.onChange(listener),
    drain: () => run.drain(),
    stop: () => {
      run.stop();
      return done;
    },
  };
}

class StreamRun {
  version = 0;
  streams: readonly DatasetStream[] = [];
  private readonly group: TaskGroup;
  private readonly log: RetryingLog;
  private readonly answers: LiveAnswers;
  private readonly gold: Gold;
  private readonly memory: MemoryGuard;
  private readonly listeners = new Set<() => void>();
  private resolveOpened: () => void = () => undefined;
  /** Resolves when all streams are open, or one could not be opened. */
  private readonly opened = new Promise<void>((resolve) => {
    this.resolveOpened = resolve;
  });
  private readonly rate = new EventRate();
  private batch: StreamStatus['batch'] = null;
  private newestEventAt: number | null = null;
  private state: StreamStatus['state'] = 'replaying';
  private message: string | undefined;

  constructor(private readonly options: StreamOptions) {
    const { log, queries, patienceMilliseconds, signal, skipExpired, onNotice } = options;
    this.group = new TaskGroup(signal);
    this.log = new RetryingLog(log, {
      patienceMilliseconds,
      signal: this.group.signal,
      onWaiting: (reason) => this.noteWaiting(reason),
      onSkipped: skipExpired ? (notice) => onNotice?.(notice) : undefined,
    });
    this.answers = new LiveAnswers(queries, runPlan);
    this.gold = new Gold(options);
    this.memory = new MemoryGuard(options);
  }

  async run(): Promise<void> {
    const streams: DatasetStream[] = [];
    try {
      for (const dataset of this.options.datasets) {
        streams.push(await this.open(dataset));
        this.memory.check();
        this.changed();
      }
      this.streams = streams;
      this.enter('running');
      this.resolveOpened();
      for (const stream of streams) {
        this.group.spawn(() => stream.run());
      }
      this.group.spawn(() => this.writeGoldRegularly());
      this.group.spawn(() => this.takeOutErasedRegularly());
      this.group.spawn(() => this.stopWhenIdle());
      await this.group.join();
      await this.writeGold();
    } catch (error) {
      this.group.fail(error);
      this.enter('failed', error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      for (const stream of streams) {
        stream.release();
      }
      this.resolveOpened();
    }
    this.enter('ended');
  }

  stop(): void {
    this.group.abort();
  }

  status(): StreamStatus {
    const { datasets } = this.options;
    return {
      state: this.state,
      ...(this.message === undefined ? {} : { message: this.message }),
      totals: this.streams.map(({ totals }, index) => ({ name: datasets[index]?.name ?? '', ...totals })),
      eventsPerSecond: this.rate.perSecond,
      lag: this.streams.flatMap(({ lag }) => lag),
      batch: this.batch,
      newestEventAt: this.newestEventAt,
    };
  }

  answer(query: Query): ColumnarTable {
    return this.answers.answer(query);
  }

  silver(dataset: Dataset): ColumnarTable {
    const stream = this.streams[this.options.datasets.indexOf(dataset)];
    if (stream === undefined) {
      throw new RangeError(`The dataset "${dataset.name}" is not streamed here, or not yet.`);
    }
    return stream.silver;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async drain(): Promise<void> {
    await this.opened;
    await Promise.all(this.streams.map((stream) => stream.drain()));
    this.group.throwFailure();
  }

  private open(dataset: Dataset): Promise<DatasetStream> {
    const { lake, checkpoints, streams, microBatch, onNotice, onStep, tableOptions } = this.options;
    return DatasetStream.open({
      log: this.log,
      group: this.group,
      dataset,
      lake,
      checkpoints,
      stream: streams?.[dataset.name] ?? namesOf(dataset).stream,
      microBatch: { ...defaultLimits, ...microBatch },
      onNotice: (notice) => onNotice?.(notice),
      tableOptions: (path) => tableOptions?.(path) ?? {},
      onStep: (step) => onStep?.(step, dataset),
      onRows: (rows) => this.answers.add(dataset.name, rows),
      onRowsErased: (rows) => this.takeBack(dataset, rows),
      onBatch: (batch) => {
        this.noteBatch(batch);
        this.options.onBatch?.(batch, dataset);
      },
    });
  }

  /** Takes rows out of answers. */
  private takeBack({ name }: Dataset, rows: ColumnarTable): void {
    const { datasets } = this.options;
    this.answers.remove(name, rows, () =>
      this.streams.map(({ answeredRows }, i) => [datasets[i]?.name ?? '', answeredRows]),
    );
    this.version += 1;
    this.changed();
  }

  /** A stream to which nothing comes forgets what is erased, too. */
  private async takeOutErasedRegularly(): Promise<void> {
    const { signal } = this.group;
    while (!signal.aborted) {
      await sleep(erasuresEveryMilliseconds, signal);
      for (const stream of signal.aborted ? [] : this.streams) {
        await stream.takeOutErased();
      }
    }
  }

  private noteBatch({ events, milliseconds, newestEventAt }: FinishedBatch): void {
    this.version += 1;
    this.batch = { number: this.version, events, milliseconds };
    this.newestEventAt = Math.max(this.newestEventAt ?? 0, newestEventAt);
    this.rate.note(events);
    this.changed();
    this.memory.check();
  }

  private async writeGoldRegularly(): Promise<void> {
    const { goldEveryMilliseconds = 10_000 } = this.options;
    const { signal } = this.group;
    for (let written = 0; !signal.aborted; ) {
      await sleep(goldEveryMilliseconds, signal);
      const { version } = this;
      if (!signal.aborted && version !== written) {
        await this.writeGold();
        written = version;
      }
    }
  }

  private writeGold(): Promise<void> {
    return this.gold.write((query) => this.answer(query));
  }

  private async stopWhenIdle(): Promise<void> {
    const { untilIdleMilliseconds } = this.options;
    const { signal } = this.group;
    while (untilIdleMilliseconds !== undefined && !signal.aborted) {
      const idle = Math.min(...this.streams.map(({ idleMilliseconds }) => idleMilliseconds));
      if (idle >= untilIdleMilliseconds) {
        this.stop();
      } else {
        await sleep(Math.max(untilIdleMilliseconds - idle, 50), signal);
      }
    }
  }

  private noteWaiting(reason: string | null): void {
    if (reason !== null) {
      this.options.onNotice?.(reason);
    }
    // While the group ends, an answer that is no longer needed may still come.
    if (this.group.signal.aborted) {
      return;
    }
    this.enter(reason === null ? 'running' : 'waiting', reason ?? undefined);
  }

  private enter(state: StreamStatus['state'], message?: string): void {
    this.state = state;
    this.message = message;
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) {
      listener();
    }
  }
}
