/** Reads all shards of a stream side by side, parents before children, and never much further than is taken. */
import { LogError, type Shard } from '../log/log.ts';
import type { RetryingLog } from '../log/retrying.ts';
import { Signal } from '../log/signal.ts';
import { unlessAborted } from '../retry.ts';
import type { TaskGroup } from '../task_group.ts';
import type { ShardPosition } from './batch_record.ts';
import { type Fragment, ReadAhead } from './read_ahead.ts';
import { lostRecord, ShardReader } from './shard_reader.ts';
import type { StreamLag } from './status.ts';

const waitMilliseconds = 250;
const listShardsMilliseconds = 15_000;
const findStreamMilliseconds = 500;

export interface StreamReaderOptions {
  readonly log: RetryingLog;
  readonly stream: string;
  /** Positions at which reading continues; other shards are read from their earliest record. */
  readonly positions: Readonly<Record<string, ShardPosition>>;
  /** Shards that must be read again from these records on, because the lake has lost them. */
  readonly firsts: ReadonlyMap<string, string>;
  /** Reading pauses while records of this size wait to be taken. */
  readonly readAheadBytes: number;
  /** Reading is a task of the group for each shard, and one that looks for new shards. */
  readonly group: TaskGroup;
  readonly onNotice: (notice: string) => void;
}

export class StreamReader {
  /** Number of callers that wait for what is in the log now, and not for more. */
  awaited = 0;
  private readonly shards = new Map<string, ShardReader>();
  private readonly readAhead = new ReadAhead();
  private readonly changed = new Signal();
  private readonly createdAt = performance.now();
  private headRequests = 0;
  /** The log has listed the shards, or said that the stream does not exist. */
  private hasListed = false;

  constructor(private readonly options: StreamReaderOptions) {
    this.signal.addEventListener('abort', () => this.changed.wake(true), { once: true });
  }

  /** Starts to read, until the group ends. */
  start(): void {
    this.options.group.spawn(() => this.followShards());
  }

  /**
   * Takes what was read, up to a size: once there are records, and they are enough, or the oldest has waited for long, or
   * somebody waits for what is in the log now. Null when the group ends.
   */
  async take(enoughBytes: number, longestMilliseconds: number): Promise<readonly Fragment[] | null> {
    while (!this.isEnding && this.readAhead.oldestReadAt === undefined) {
      await this.changed.wait(waitMilliseconds);
    }
    const until = (this.readAhead.oldestReadAt ?? 0) + longestMilliseconds;
    const isEnough = () => this.readAhead.bytes >= enoughBytes || (this.awaited > 0 && this.isAtHead);
    while (!this.isEnding && !isEnough() && performance.now() < until) {
      await this.changed.wait(until - performance.now());
    }
    if (this.isEnding) {
      return null;
    }
    const taken = this.readAhead.take(enoughBytes);
    this.changed.wake(true);
    return taken;
  }

  /** Resolves when all that is in the log now was read; gives the number of records that were ever read here. */
  async reachHead(): Promise<number> {
    this.headRequests += 1;
    const request = this.headRequests;
    await unlessAborted(this.startShards(), this.signal);
    // A shard that is closed meanwhile has children, which are read from then on.
    for (const reached = new Set<ShardReader>(); !this.isEnding; ) {
      const next = [...this.shards.values()].find((reader) => !reached.has(reader));
      if (next === undefined) {
        break;
      }
      await this.reachHeadOf(next, request);
      reached.add(next);
      if (next.closed) {
        await unlessAborted(this.startShards(), this.signal);
      }
    }
    return [...this.shards.values()].reduce((sum, { received }) => sum + received, 0);
  }

  get lag(): readonly StreamLag[] {
    return [...this.shards.values()].flatMap(({ shard, closed, lag: { records, milliseconds } }) => {
      const waiting = this.readAhead.recordsOf(shard);
      const lag = { records: records === null ? null : records + waiting, milliseconds };
      return closed && waiting === 0 ? [] : [{ stream: this.options.stream, shard, ...lag }];
    });
  }

  /** For how long nothing has come though every shard was read to its head and the log answers, in milliseconds. */
  get idleMilliseconds(): number {
    if (!this.hasListed || !this.isAtHead || !this.readAhead.isEmpty) {
      return 0;
    }
    const lastRecords = [...this.shards.values()].map(({ lastRecord }) => lastRecord);
    return performance.now() - Math.max(this.createdAt, this.options.log.answeringSince, ...lastRecords);
  }

  private get signal(): AbortSignal {
    return this.options.group.signal;
  }

  private get isEnding(): boolean {
    return this.signal.aborted;
  }

  private get isAtHead(): boolean {
    return [...this.shards.values()].every((reader) => reader.isAtHead);
  }

  private get closedShards(): number {
    return [...this.shards.values()].filter(({ closed }) => closed).length;
  }

  /** Up to the end of a log that counts records; of another, until a read that was begun since finds nothing more. */
  private async reachHeadOf(reader: ShardReader, request: number): Promise<void> {
    const { log, stream } = this.options;
    const isReading = () => !this.isEnding && !reader.closed;
    while (isReading() && reader.next === null) {
      await this.changed.wait(waitMilliseconds);
    }
    const counts = reader.lag.records !== null;
    const end = counts ? await unlessAborted(log.latest(stream, reader.shard), this.signal) : null;
    const isReached = () =>
      reader.headSeen >= request || (end !== null && BigInt(reader.next ?? 0) >= BigInt(end));
    while (isReading() && !isReached()) {
      await this.changed.wait(waitMilliseconds);
    }
  }

  private async followShards(): Promise<void> {
    for (let hasNoticed = false; !this.isEnding; ) {
      const found = await this.startShards();
      this.hasListed = true;
      if (!found && !hasNoticed) {
        this.options.onNotice(`The log has no stream ${this.options.stream} yet: waiting for it.`);
        hasNoticed = true;
      }
      const closed = this.closedShards;
      const until = performance.now() + (found ? listShardsMilliseconds : findStreamMilliseconds);
      while (!this.isEnding && this.closedShards === closed && performance.now() < until) {
        await this.changed.wait(until - performance.now());
      }
    }
  }

  /** Starts to read the shards that may be read now. False when the stream does not exist. */
  private async startShards(): Promise<boolean> {
    const { log, stream } = this.options;
    let shards: readonly Shard[];
    try {
      shards = await log.shards(stream);
    } catch (error) {
      if (error instanceof LogError && error.code === 'unknown_topic') {
        this.checkNeverRead(error);
        return false;
      }
      if (this.isEnding) {
        return false;
      }
      throw error;
    }
    if (this.isEnding) {
      return true;
    }
    this.checkFirsts(shards);
    for (const { id, parents } of shards) {
      if (!this.shards.has(id) && !this.isClosed(id) && parents.every((parent) => this.isClosed(parent))) {
        this.startShard(id);
      }
    }
    return true;
  }

  private isClosed(shard: string): boolean {
    return this.shards.get(shard)?.closed ?? this.options.positions[shard]?.closed ?? false;
  }

  private startShard(shard: string): void {
    const { log, stream, positions, firsts, readAheadBytes, group } = this.options;
    const { signal, readAhead, changed } = this;
    const headRequests = () => this.headRequests;
    const start = { position: positions[shard], first: firsts.get(shard) };
    const context = { log, stream, signal, readAhead, readAheadBytes, changed, headRequests };
    const reader = new ShardReader(shard, start, context);
    this.shards.set(shard, reader);
    group.spawn(() => reader.run());
  }

  private checkNeverRead(cause: LogError): void {
    const { stream, positions, firsts } = this.options;
    if (firsts.size > 0 || Object.values(positions).some(({ last }) => last !== null)) {
      throw new LogError(
        'expired',
        `The log has no stream ${stream} any more, of which records were read before. ` +
          'Name the log that held it, or begin with another lake and other checkpoints.',
        { cause },
      );
    }
  }

  private checkFirsts(shards: readonly Shard[]): void {
    for (const [shard, first] of this.options.firsts) {
      if (!shards.some(({ id }) => id === shard)) {
        throw lostRecord(this.options.stream, shard, first);
      }
    }
  }
}
