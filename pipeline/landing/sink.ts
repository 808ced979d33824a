/**
 * Copies topics into landing files, as MSK Connect with Confluent's S3 sink does on AWS. Each partition is read and
 * written by itself. After a crash it continues after the last landing file (see landing/partition.ts).
 */

import { type EventLog, LogError } from '../log/log.ts';
import { RetryingLog } from '../log/retrying.ts';
import { Signal } from '../log/signal.ts';
import { sleep, unlessAborted } from '../retry.ts';
import { TaskGroup } from '../task_group.ts';
import { checkLanded } from './check_landed.ts';
import { type LandingStore, openLandingStore } from './landing.ts';
import { type LandedFile, landedBefore, PartitionLanding } from './partition.ts';

const readBytes = 1024 * 1024;
const readMilliseconds = 500;
const listShardsMilliseconds = 15_000;

/** The topics that a sink lands, the destination, and the size of its files. */
export interface SinkOptions {
  readonly log: EventLog;
  /** A topic that does not exist yet is waited for. */
  readonly topics: readonly string[];
  /** A folder, or `s3://bucket/prefix`; it will contain `topics/`. */
  readonly landing: string;
  /** Number of records after which a file is full. Default: 10,000. */
  readonly flushSize?: number;
  /** Time after which a file is written though it is not full. Default: 10 s. */
  readonly rotateMilliseconds?: number;
  /** Stops the sink as `stop` does. */
  readonly signal?: AbortSignal;
  /** Stops the sink when no record came for this long. Default: never. */
  readonly untilIdleMilliseconds?: number;
  /** For how long a log that does not answer is asked again. Default: 10 minutes. */
  readonly patienceMilliseconds?: number;
  /** Goes on with the earliest record where retention has removed those that come next. Default: that is an error. */
  readonly skipExpired?: boolean;
  /** Called when a landing file was written. */
  readonly onLanded?: ((file: LandedFile) => void) | undefined;
  /** Called with what a person may want to know: a topic that is waited for, a log that does not answer. */
  readonly onNotice?: (notice: string) => void;
}

/** Counts of what a sink has done and has yet to do. */
export interface SinkProgress {
  /** Landed since the start. */
  readonly records: number;
  readonly files: number;
  readonly bytes: number;
  /** Records that were read and not landed yet. */
  readonly waiting: number;
  /** Records in the log that were not read yet, where the log counts them. */
  readonly behind: number;
}

/** A running sink. */
export interface Sink {
  /** Resolves when the sink was stopped and all that it read is landed; rejects when it cannot continue. */
  readonly finished: Promise<SinkProgress>;
  progress(): SinkProgress;
  /** Resolves when every record that is in the log now is in a landing file, full or not. */
  drain(): Promise<void>;
  /** Lands what was read, and ends the sink. Resolves as `finished` does. */
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
  // A failure is also thrown by `drain` and `stop`: a caller need not handle `finished` as well.
  finished.catch(() => undefined);
  return { finished, progress: () => run.progress(), drain: () => run.drain(), stop };
}

/** One partition on its way into files. */
interface PartitionSink {
  readonly topic: string;
  readonly shard: string;
  readonly landing: PartitionLanding;
  /** The position to read next: past all that came, and past what holds no record, such as ends of transactions. */
  next: string;
  /** Records in the log that were not read yet; null until the log was read once. */
  behind: number | null;
}

class SinkRun {
  private readonly store: Promise<LandingStore>;
  private readonly group: TaskGroup;
  private readonly log: RetryingLog;
  /** By topic and shard. */
  private readonly partitions = new Map<string, Promise<PartitionSink>>();
  private readonly started: PartitionSink[] = [];
  private readonly advanced = new Signal();
  private readonly listedTopics = new Set<string>();
  private lastRecord = performance.now();

  constructor(private readonly options: SinkOptions) {
    const { log, landing, patienceMilliseconds, signal, skipExpired, onNotice } = options;
    this.group = new TaskGroup(signal);
    this.group.signal.addEventListener('abort', () => this.advanced.wake(true), { once: true });
    const onWaiting = (reason: string | null) => reason !== null && onNotice?.(reason);
    this.log = new RetryingLog(log, {
      patienceMilliseconds,
      signal: this.group.signal,
      onWaiting,
      onSkipped: skipExpired ? (notice) => onNotice?.(notice) : undefined,
    });
    this.store = openLandingStore(landing);
  }

  async run(): Promise<SinkProgress> {
    try {
      await this.store;
      for (const topic of this.options.topics) {
        this.group.spawn(() => this.follow(topic));
      }
      this.group.spawn(() => this.stopWhenIdle());
      await this.group.join();
      return this.progress();
    } finally {
      await this.store.then((store) => store.close()).catch(() => undefined);
    }
  }

  stop(): void {
    this.group.abort();
  }

  progress(): SinkProgress {
    const sum = (of: (partition: PartitionSink) => number) =>
      this.started.reduce((total, partition) => total + of(partition), 0);
    return {
      records: sum(({ landing }) => landing.totals.records),
      files: sum(({ landing }) => landing.totals.files),
      bytes: sum(({ landing }) => landing.totals.bytes),
      waiting: sum(({ landing }) => landing.waiting),
      behind: sum(({ behind }) => behind ?? 0),
    };
  }

  async drain(): Promise<void> {
    await this.store;
    await Promise.all(this.options.topics.map((topic) => this.startPartitions(topic)));
    const partitions = await Promise.all(this.partitions.values());
    await Promise.all(
      partitions.map(async (sink) => {
        const end = BigInt(await this.log.latest(sink.topic, sink.shard));
        while (BigInt(sink.next) < end && !this.isEnding) {
          await this.advanced.wait(readMilliseconds);
        }
        await sink.landing.flush();
      }),
    );
    this.group.throwFailure();
  }

  private get isEnding(): boolean {
    return this.group.signal.aborted;
  }

  /** Starts each of a topic's partitions, also those that are added later. */
  private async follow(topic: string): Promise<void> {
    for (let hasNoticed = false; !this.isEnding; ) {
      const found = await this.startPartitions(topic);
      this.listedTopics.add(topic);
      if (!found && !hasNoticed) {
        this.options.onNotice?.(`The log has no topic ${topic} yet: waiting for it.`);
        hasNoticed = true;
      }
      await sleep(found ? listShardsMilliseconds : readMilliseconds, this.group.signal);
    }
  }

  /** Starts the partitions that do not run yet. False when the log has no such topic. */
  private async startPartitions(topic: string): Promise<boolean> {
    try {
      const shards = await this.log.shards(topic);
      await Promise.all(shards.map(({ id }) => this.partition(topic, id)));
      return true;
    } catch (error) {
      if (error instanceof LogError && error.code === 'unknown_topic') {
        return false;
      }
      if (this.isEnding && !this.group.hasFailed) {
        return false;
      }
      throw error;
    }
  }

  private partition(topic: string, shard: string): Promise<PartitionSink> {
    const name = `${topic}/${shard}`;
    const existing = this.partitions.get(name);
    if (existing) {
      return existing;
    }
    const partition = this.start(topic, shard);
    this.partitions.set(name, partition);
    return partition;
  }

  private async start(topic: string, shard: string): Promise<PartitionSink> {
    if (!/^[0-9]+$/.test(shard)) {
      throw new LogError(
        'refused',
        `Landing files are named after partitions and offsets, which ${topic}/${shard} does not have: land a topic of Kafka or of the embedded log.`,
      );
    }
    const { flushSize = 10_000, rotateMilliseconds = 10_000, onLanded } = this.options;
    const store = await this.store;
    const partition = Number(shard);
    const landed = await landedBefore(store, topic, partition);
    if (landed !== null) {
      await unlessAborted(checkLanded(this.log, topic, shard, landed), this.group.signal);
    }
    const next = landed?.next ?? BigInt(await this.log.earliest(topic, shard));
    const rotation = { flushSize, rotateMilliseconds };
    const landing = new PartitionLanding(store, { topic, partition }, rotation, next, onLanded);
    const sink: PartitionSink = { topic, shard, landing, next: String(next), behind: null };
    this.started.push(sink);
    this.group.spawn(() => this.land(sink));
    return sink;
  }

  private async land(sink: PartitionSink): Promise<void> {
    const { topic, shard, landing } = sink;
    while (!this.isEnding) {
      const due = Math.max(0, landing.due - performance.now());
      const waitMilliseconds = Math.min(readMilliseconds, Math.ceil(due));
      const limits = { maximumBytes: readBytes, waitMilliseconds };
      const reading = this.log.readOn(topic, shard, sink.next, limits);
      const read = await unlessAborted(reading, this.group.signal);
      if (read === null) {
        break;
      }
      if (read.records.length > 0) {
        this.lastRecord = performance.now();
      }
      await landing.add(read.records);
      sink.next = read.next;
      if (sink.behind === null) {
        this.lastRecord = performance.now();
      }
      sink.behind = read.recordsBehind ?? 0;
      if (performance.now() >= landing.due) {
        await landing.flush();
      }
      this.advanced.wake(true);
    }
    await landing.flush();
  }

  private async stopWhenIdle(): Promise<void> {
    const { untilIdleMilliseconds } = this.options;
    while (untilIdleMilliseconds !== undefined && !this.isEnding) {
      // While the log does not answer, nothing can come.
      const idleSince = Math.max(this.lastRecord, this.log.answeringSince);
      const left = idleSince + untilIdleMilliseconds - performance.now();
      if (left <= 0 && this.hasReadAll()) {
        this.stop();
      } else {
        await sleep(Math.max(left, 50), this.group.signal);
      }
    }
  }

  /** Every topic was listed, and every partition read to its end. */
  private hasReadAll(): boolean {
    return (
      this.listedTopics.size === this.options.topics.length &&
      this.started.length === this.partitions.size &&
      this.started.every(({ behind }) => behind === 0)
    );
  }
}
