/**
 * The stream way: streams → micro-batches → decode → clean → rows kept once → silver → answers, for ever.
 *
 * ```ts
 * const stream = startStream({ log, datasets, queries, lake: 'data/lake', checkpoints: 'data/checkpoints' });
 * await stream.drain();
 * stream.answer(mostPopularCategoryByCountry);
 * await stream.stop();
 * ```
 *
 * Each dataset goes its own way (stream/dataset_stream.ts); answers and gold are of all of them. However it ends, the next
 * start goes on from what is committed, and each row is stored once (docs/decisions/stream.md).
 */

import type { ColumnarTable } from '../columns/table.ts';
import type { DeltaOptions } from '../delta/table.ts';
import { runPlan } from '../engines/arquero/run_plan.ts';
import { LiveAnswers } from '../engines/incremental/live_answers.ts';
import type { EventLog } from '../log/log.ts';
import { namesOf } from '../naming.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Query } from '../plan/query.ts';
import {
  type BatchStep,
  DatasetStream,
  type FinishedBatch,
  type MicroBatchLimits,
} from './dataset_stream.ts';
import { Gold } from './gold.ts';
import { pauseUnless } from './retry.ts';
import type { StreamStatus } from './status.ts';

export type { BatchStep, MicroBatchLimits } from './dataset_stream.ts';

/** What is read, where it goes, and how. */
export interface StreamOptions {
  readonly log: EventLog;
  readonly datasets: readonly Dataset[];
  readonly queries: readonly Query[];
  /** The stream of each dataset, by its name; one that is not there yet is waited for. Default: as `namesOf` says. */
  readonly streams?: Readonly<Record<string, string>>;
  /** A folder or `s3://bucket/prefix`; `stream/silver/<dataset>` and the like will lie in it. */
  readonly lake: string;
  /** A folder of this machine, for these streams alone. */
  readonly checkpoints: string;
  /** Default: 16 MiB, 300 ms. */
  readonly microBatch?: Partial<MicroBatchLimits>;
  /** Between two looks at whether gold must be written. Default: 10 s. */
  readonly goldEveryMilliseconds?: number;
  /** End when nothing came for so long. Default: never. */
  readonly untilIdleMilliseconds?: number;
  /** A log that does not answer is asked again for so long. Default: 10 minutes. */
  readonly patienceMilliseconds?: number;
  /** Stops the stream as `stop` does. */
  readonly signal?: AbortSignal;
  /** Is told what a person may want to know. */
  readonly onNotice?: (notice: string) => void;
  /** Called between the steps of each micro-batch; what it throws ends the stream there. */
  readonly onStep?: (step: BatchStep, dataset: Dataset) => void | Promise<void>;
  /** How the table at a path is opened, for example on another storage. */
  readonly tableOptions?: (path: string) => DeltaOptions;
}

/** A stream that runs. */
export interface RunningStream {
  /** Resolves when it was stopped, all that was begun is committed, and gold is written; rejects when it cannot go on. */
  readonly done: Promise<void>;
  status(): StreamStatus;
  /** The answer to all that is committed. @throws RangeError when the query is none of the stream's */
  answer(query: Query): ColumnarTable;
  /** The cleaned rows of a dataset, each once. */
  silver(dataset: Dataset): ColumnarTable;
  /** Grows with each micro-batch. */
  readonly version: number;
  /** Calls the listener after each micro-batch and when the state changes; returns what ends that. */
  onChange(listener: () => void): () => void;
  /** Resolves when all that is in the log now is committed and answered. */
  drain(): Promise<void>;
  /** Finishes the micro-batch, writes gold, and ends. Resolves as `done` does. */
  stop(): Promise<void>;
}

const defaultLimits: MicroBatchLimits = { bytes: 16 * 1024 * 1024, milliseconds: 300 };
const rateMilliseconds = 5000;

/** Starts a stream. */
export function startStream(options: StreamOptions): RunningStream {
  const run = new StreamRun(options);
  const done = run.run();
  // Whoever drains or stops hears of a failure there; nobody need look at `done` as well.
  done.catch(() => undefined);
  options.signal?.addEventListener('abort', () => run.stop(), { once: true });
  if (options.signal?.aborted) run.stop();
  return {
    done,
    status: () => run.status(),
    answer: (query) => run.answer(query),
    silver: (dataset) => run.silver(dataset),
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
  readonly #options: StreamOptions;
  readonly #answers: LiveAnswers;
  readonly #gold: Gold;
  readonly #ending = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #ready: Promise<void>;
  #isReady: () => void = () => undefined;
  #streams: readonly DatasetStream[] = [];
  /** Micro-batches of the last seconds, the newest last. */
  #recent: { readonly at: number; readonly events: number }[] = [];
  #batch: StreamStatus['batch'] = null;
  #newestEventAt: number | null = null;
  #state: StreamStatus['state'] = 'replaying';
  #message: string | undefined;
  #failure: { readonly error: unknown } | null = null;
  version = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#answers = new LiveAnswers(options.queries, runPlan);
    this.#gold = new Gold(options);
    this.#ready = new Promise((resolve) => {
      this.#isReady = resolve;
    });
  }

  async run(): Promise<void> {
    const opened: DatasetStream[] = [];
    try {
      for (const dataset of this.#options.datasets) {
        opened.push(await this.#open(dataset));
        this.#changed();
      }
      this.#streams = opened;
      this.#enter('running');
      this.#isReady();
      await Promise.all([
        ...opened.map((stream) => stream.run().catch((error) => this.#fail(error))),
        this.#keepGold().catch((error) => this.#fail(error)),
        this.#watchIdle(),
      ]);
      if (this.#failure === null) {
        await this.#gold.write((query) => this.answer(query));
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      for (const stream of opened) stream.release();
      this.#isReady();
    }
    if (this.#failure !== null) {
      throw this.#failure.error;
    }
    this.#enter('ended');
  }

  stop(): void {
    this.#ending.abort();
  }

  status(): StreamStatus {
    const { datasets } = this.#options;
    return {
      state: this.#state,
      ...(this.#message === undefined ? {} : { message: this.#message }),
      totals: this.#streams.map(({ totals }, index) => ({ name: datasets[index]?.name ?? '', ...totals })),
      eventsPerSecond: this.#eventsPerSecond(),
      lag: this.#streams.flatMap(({ lag }) => lag),
      batch: this.#batch,
      newestEventAt: this.#newestEventAt,
    };
  }

  answer(query: Query): ColumnarTable {
    return this.#answers.answer(query);
  }

  silver(dataset: Dataset): ColumnarTable {
    const stream = this.#streams[this.#options.datasets.indexOf(dataset)];
    if (stream === undefined) {
      throw new RangeError(`The dataset "${dataset.name}" is not streamed here, or not yet.`);
    }
    return stream.silver;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async drain(): Promise<void> {
    await this.#ready;
    await Promise.all(this.#streams.map((stream) => stream.drain()));
    if (this.#failure !== null) {
      throw this.#failure.error;
    }
  }

  #open(dataset: Dataset): Promise<DatasetStream> {
    const { log, lake, checkpoints, streams, microBatch, onNotice, onStep, tableOptions } = this.#options;
    const { signal } = this.#ending;
    return DatasetStream.open({
      log,
      dataset,
      lake,
      checkpoints,
      stream: streams?.[dataset.name] ?? namesOf(dataset).stream,
      microBatch: { ...defaultLimits, ...microBatch },
      patience: {
        milliseconds: this.#options.patienceMilliseconds ?? 600_000,
        signal,
        onWaiting: (reason) => this.#wait(reason),
      },
      onNotice: (notice) => onNotice?.(notice),
      tableOptions: (path) => tableOptions?.(path) ?? {},
      onStep: (step) => onStep?.(step, dataset),
      onRows: (rows) => this.#answers.add(dataset.name, rows),
      onBatch: (batch) => this.#finished(batch),
    });
  }

  #finished({ events, milliseconds, newestEventAt }: FinishedBatch): void {
    this.version += 1;
    this.#batch = { number: this.version, events, milliseconds };
    this.#newestEventAt = Math.max(this.#newestEventAt ?? 0, newestEventAt);
    this.#recent.push({ at: performance.now(), events });
    this.#changed();
  }

  #eventsPerSecond(): number {
    const since = performance.now() - rateMilliseconds;
    this.#recent = this.#recent.filter(({ at }) => at >= since);
    return this.#recent.reduce((sum, { events }) => sum + events, 0) / (rateMilliseconds / 1000);
  }

  async #keepGold(): Promise<void> {
    const { goldEveryMilliseconds = 10_000 } = this.#options;
    const { signal } = this.#ending;
    for (let written = 0; !signal.aborted; ) {
      await pauseUnless(signal, goldEveryMilliseconds);
      const { version } = this;
      if (!signal.aborted && version !== written) {
        await this.#gold.write((query) => this.answer(query));
        written = version;
      }
    }
  }

  async #watchIdle(): Promise<void> {
    const { untilIdleMilliseconds } = this.#options;
    while (untilIdleMilliseconds !== undefined && !this.#ending.signal.aborted) {
      const idle = Math.min(...this.#streams.map(({ idleMilliseconds }) => idleMilliseconds));
      if (idle >= untilIdleMilliseconds) this.stop();
      else await pauseUnless(this.#ending.signal, Math.max(untilIdleMilliseconds - idle, 50));
    }
  }

  #wait(reason: string | null): void {
    if (reason !== null) this.#options.onNotice?.(reason);
    for (const stream of this.#streams) stream.noteWaiting();
    if (this.#failure === null) this.#enter(reason === null ? 'running' : 'waiting', reason ?? undefined);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#ending.abort();
    const { error: first } = this.#failure;
    this.#enter('failed', first instanceof Error ? first.message : String(first));
  }

  #enter(state: StreamStatus['state'], message?: string): void {
    this.#state = state;
    this.#message = message;
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
