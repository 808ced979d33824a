/**
 * The sink: topics → landing files, what MSK Connect with Confluent's S3 sink does on AWS. Each partition is read and
 * written by itself. After a crash it goes on behind the last landing file (see lake/landing_partition.ts).
 */

import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type EventLog, LogError } from '../log/log.ts';
import { Signal } from '../log/signal.ts';
import { type LandingStore, openLandingStore } from './landing.ts';
import { landedBefore, PartitionLanding } from './partition.ts';

const readBytes = 1024 * 1024;
const readMilliseconds = 500;
const lookForShardsMilliseconds = 15_000;
const firstRetryMilliseconds = 200;
const longestRetryMilliseconds = 5000;

/** What is landed, where, and how. */
export interface SinkOptions {
  readonly log: EventLog;
  /** Topics that are not there yet are waited for. */
  readonly topics: readonly string[];
  /** A folder, or `s3://bucket/prefix`; `topics/` will lie in it. */
  readonly landing: string;
  /** Records of a full file. Default: 10,000. */
  readonly flushSize?: number;
  /** Longest time that a record waits for its file to fill. Default: 10 s. */
  readonly rotateMilliseconds?: number;
  /** Stops the sink as `stop` does. */
  readonly signal?: AbortSignal;
  /** Stop when nothing came for so long. Default: never. */
  readonly untilIdleMilliseconds?: number;
  /** A log that does not answer is asked again for so long. Default: 10 minutes. */
  readonly patienceMilliseconds?: number;
  /** Is told what a person may want to know: a topic that is waited for, a log that does not answer. */
  readonly onNotice?: (notice: string) => void;
}

/** Where the sink is. */
export interface SinkProgress {
  /** Records, files and bytes that were landed since the start. */
  readonly records: number;
  readonly files: number;
  readonly bytes: number;
  /** Records that were read and are not landed yet. */
  readonly waiting: number;
  /** Records in the log that were not read yet, as far as it says. */
  readonly behind: number;
}

/** A sink that runs. */
export interface Sink {
  /** Resolves when it was stopped and everything it read is landed; rejects when it cannot go on. */
  readonly finished: Promise<SinkProgress>;
  progress(): SinkProgress;
  /** Resolves when every record that is in the log now is in a landing file, full or not. */
  drain(): Promise<void>;
  /** Lands what was read, and ends. Resolves as `finished` does. */
  stop(): Promise<SinkProgress>;
}

/** Starts a sink. */
export function runSink(options: SinkOptions): Sink {
  const run = new SinkRun(options);
  const finished = run.run();
  const stop = (): Promise<SinkProgress> => {
    run.stop();
    return finished;
  };
  options.signal?.addEventListener('abort', () => run.stop(), { once: true });
  if (options.signal?.aborted) run.stop();
  // Whoever drains or stops hears of a failure there; nobody need look at `finished` as well.
  finished.catch(() => undefined);
  return { finished, progress: () => run.progress(), drain: () => run.drain(), stop };
}

interface Worker {
  readonly topic: string;
  readonly shard: string;
  readonly landing: PartitionLanding;
  /** Records in the log that were not read yet; null until the log was read once. */
  behind: number | null;
}

class SinkRun {
  readonly #options: SinkOptions;
  readonly #workers = new Map<string, Promise<Worker>>();
  readonly #started: Worker[] = [];
  readonly #work: Promise<void>[] = [];
  readonly #ending = new AbortController();
  readonly #advanced = new Signal();
  readonly #lookedFor = new Set<string>();
  #store: Promise<LandingStore> | null = null;
  #failure: unknown;
  #lastRecord = performance.now();

  constructor(options: SinkOptions) {
    this.#options = options;
    // Each partition listens while it waits for records.
    setMaxListeners(0, this.#ending.signal);
  }

  async run(): Promise<SinkProgress> {
    this.#store = openLandingStore(this.#options.landing);
    try {
      await this.#store;
      await Promise.all([...this.#options.topics.map((topic) => this.#follow(topic)), this.#watchIdle()]);
      await Promise.all(this.#work);
      if (this.#failure !== undefined) throw this.#failure;
      return this.progress();
    } catch (error) {
      this.#fail(error);
      await Promise.all(this.#work);
      throw this.#failure;
    } finally {
      await this.#store.then((store) => store.close()).catch(() => undefined);
    }
  }

  stop(): void {
    this.#ending.abort();
    this.#advanced.wake(true);
  }

  progress(): SinkProgress {
    const sum = (of: (worker: Worker) => number) =>
      this.#started.reduce((all, worker) => all + of(worker), 0);
    return {
      records: sum(({ landing }) => landing.totals.records),
      files: sum(({ landing }) => landing.totals.files),
      bytes: sum(({ landing }) => landing.totals.bytes),
      waiting: sum(({ landing }) => landing.waiting),
      behind: sum(({ behind }) => behind ?? 0),
    };
  }

  async drain(): Promise<void> {
    await this.#store;
    await Promise.all(this.#options.topics.map((topic) => this.#lookForShards(topic)));
    const workers = await Promise.all(this.#workers.values());
    await Promise.all(
      workers.map(async (worker) => {
        const { topic, shard, landing } = worker;
        const end = BigInt(await this.#patiently(() => this.#options.log.latest(topic, shard)));
        while (landing.next < end && !this.#ending.signal.aborted)
          await this.#advanced.wait(readMilliseconds);
        await landing.flush();
      }),
    );
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Starts a worker for each of a topic's partitions, also for those that are added later. */
  async #follow(topic: string): Promise<void> {
    for (let told = false; !this.#ending.signal.aborted; ) {
      const found = await this.#lookForShards(topic);
      this.#lookedFor.add(topic);
      if (!found && !told) {
        this.#options.onNotice?.(`The log has no topic ${topic} yet: waiting for it.`);
        told = true;
      }
      await this.#pause(found ? lookForShardsMilliseconds : readMilliseconds);
    }
  }

  async #lookForShards(topic: string): Promise<boolean> {
    try {
      const shards = await this.#patiently(() => this.#options.log.shards(topic));
      await Promise.all(shards.map(({ id }) => this.#worker(topic, id)));
      return true;
    } catch (error) {
      if (error instanceof LogError && error.code === 'unknown_topic') return false;
      if (this.#ending.signal.aborted && this.#failure === undefined) return false;
      throw error;
    }
  }

  #worker(topic: string, shard: string): Promise<Worker> {
    const name = `${topic}/${shard}`;
    const known = this.#workers.get(name);
    if (known) return known;
    const worker = this.#start(topic, shard);
    this.#workers.set(name, worker);
    return worker;
  }

  async #start(topic: string, shard: string): Promise<Worker> {
    if (!/^[0-9]+$/.test(shard) || this.#store === null) {
      throw new LogError(
        'refused',
        `Landing files are named after partitions and offsets, which ${topic}/${shard} does not have: land a topic of Kafka or of the embedded log.`,
      );
    }
    const { log, flushSize = 10_000, rotateMilliseconds = 10_000 } = this.#options;
    const store = await this.#store;
    const partition = Number(shard);
    const landed = await landedBefore(store, topic, partition);
    const next = landed ?? BigInt(await this.#patiently(() => log.earliest(topic, shard)));
    const rotation = { flushSize, rotateMilliseconds };
    const landing = new PartitionLanding(store, { topic, partition }, rotation, next);
    const worker = { topic, shard, landing, behind: null };
    this.#started.push(worker);
    this.#work.push(this.#land(worker).catch((error) => this.#fail(error)));
    return worker;
  }

  async #land(worker: Worker): Promise<void> {
    const { topic, shard, landing } = worker;
    while (!this.#ending.signal.aborted) {
      const due = Math.max(0, landing.due - performance.now());
      const waitMilliseconds = Math.min(readMilliseconds, Math.ceil(due));
      const limits = { maximumBytes: readBytes, waitMilliseconds };
      const read = await this.#unlessEnding(
        this.#patiently(() => this.#options.log.read(topic, shard, String(landing.next), limits)),
      );
      if (read === null) break;
      if (read.records.length > 0) this.#lastRecord = performance.now();
      await landing.add(read.records);
      if (worker.behind === null) this.#lastRecord = performance.now();
      worker.behind = read.recordsBehind ?? 0;
      if (performance.now() >= landing.due) await landing.flush();
      this.#advanced.wake(true);
    }
    await landing.flush();
  }

  async #watchIdle(): Promise<void> {
    const { untilIdleMilliseconds } = this.#options;
    while (untilIdleMilliseconds !== undefined && !this.#ending.signal.aborted) {
      const left = this.#lastRecord + untilIdleMilliseconds - performance.now();
      if (left <= 0 && this.#hasReadAll()) this.stop();
      else await this.#pause(Math.max(left, 50));
    }
  }

  /** Every topic was looked for, and every partition read to its end. */
  #hasReadAll(): boolean {
    return (
      this.#lookedFor.size === this.#options.topics.length &&
      this.#started.length === this.#workers.size &&
      this.#started.every(({ behind }) => behind === 0)
    );
  }

  /** Asks a log again that does not answer, until patience ends. */
  async #patiently<T>(question: () => Promise<T>): Promise<T> {
    const { patienceMilliseconds = 600_000 } = this.#options;
    const deadline = performance.now() + patienceMilliseconds;
    for (let attempt = 0; ; attempt++) {
      try {
        return await question();
      } catch (error) {
        const passing =
          error instanceof LogError && (error.code === 'unavailable' || error.code === 'throttled');
        if (!passing || performance.now() > deadline || this.#ending.signal.aborted) throw error;
        if (attempt === 0) this.#options.onNotice?.(`${error.message} Asking again.`);
        await this.#pause(Math.min(firstRetryMilliseconds * 2 ** attempt, longestRetryMilliseconds));
        // While the log did not answer, nothing could come.
        this.#lastRecord = performance.now();
      }
    }
  }

  /** What is waited for, or null when the sink is ending. */
  async #unlessEnding<T>(waitedFor: Promise<T>): Promise<T | null> {
    const { signal } = this.#ending;
    let onEnding = (): void => undefined;
    const ending = new Promise<null>((resolve) => {
      onEnding = () => resolve(null);
      signal.addEventListener('abort', onEnding, { once: true });
    });
    try {
      return await Promise.race([waitedFor, ending]);
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    } finally {
      signal.removeEventListener('abort', onEnding);
      waitedFor.catch(() => undefined);
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    const { signal } = this.#ending;
    await pause(milliseconds, undefined, { signal }).catch((error) => {
      if (!signal.aborted) throw error;
    });
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.stop();
  }
}
