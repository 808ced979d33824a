/**
 * Reads all shards of one stream side by side, each from where it stands, parents before children, and holds what was read
 * until it is taken. What is held is bounded: who takes slowly is read for slowly.
 */
import { setMaxListeners } from 'node:events';
import { type EventLog, LogError, type LogRecord, type ReadResult } from '../log/log.ts';
import { Signal } from '../log/signal.ts';
import { type RecordFingerprint, recordFingerprint, type ShardPosition } from './batch_record.ts';
import { RecordBlock } from './record_block.ts';
import { type RetryPolicy, retry, unlessAborted } from './retry.ts';
import type { StreamLag } from './status.ts';

const largestReadBytes = 1024 * 1024;
const waitMilliseconds = 250;
const lookForShardsMilliseconds = 15_000;
const lookForStreamMilliseconds = 500;

/** Records of one shard that were read at once. */
export interface Fragment {
  readonly shard: string;
  readonly from: string;
  readonly next: string;
  readonly block: RecordBlock;
  /** Nothing more will come from the shard. */
  readonly closed: boolean;
}

export interface StreamReaderOptions {
  readonly log: EventLog;
  readonly stream: string;
  /** Where the shards stand; others are read from their earliest record. */
  readonly stands: Readonly<Record<string, ShardPosition>>;
  /** Shards that were read once and must be read again from this record on, because the lake has lost it. */
  readonly firsts: ReadonlyMap<string, string>;
  /** Reading pauses while so many bytes wait to be taken. */
  readonly readAheadBytes: number;
  readonly patience: RetryPolicy;
  readonly onNotice: (notice: string) => void;
}

interface Follower {
  readonly shard: string;
  /** Where the next read goes on; null before the first was answered. */
  at: string | null;
  closed: boolean;
  lag: Pick<StreamLag, 'records' | 'milliseconds'>;
  /** Records that were read and not taken. */
  waiting: number;
  /** The last question for the head that came before a read which found nothing more. */
  headSeen: number;
  /** The last record that was read before, which must come first; null when it came. */
  expected: RecordFingerprint | null;
  /** The first record that must come, where that is known. */
  first: string | undefined;
}

export class StreamReader {
  /** How many wait for what is in the log now, and not for more. */
  awaited = 0;
  readonly #options: StreamReaderOptions;
  readonly #followers = new Map<string, Follower>();
  readonly #work: Promise<void>[] = [];
  readonly #changed = new Signal();
  #fragments: Fragment[] = [];
  #bytes = 0;
  #received = 0;
  #asked = 0;
  /** The log has told its shards, or that there is no such stream. */
  #looked = false;
  #failure: unknown;
  #lastRecord = performance.now();

  constructor(options: StreamReaderOptions) {
    this.#options = options;
    // Each shard listens while it waits for records.
    setMaxListeners(0, options.patience.signal);
    options.patience.signal.addEventListener('abort', () => this.#changed.wake(true), { once: true });
  }

  /** Reads until the signal is aborted. @throws what ended it before */
  async run(): Promise<void> {
    try {
      for (let told = false; !this.#isOver; ) {
        const found = await this.#lookForShards();
        this.#looked = true;
        if (!found && !told) {
          this.#options.onNotice(`The log has no stream ${this.#options.stream} yet: waiting for it.`);
          told = true;
        }
        const closed = this.#closedShards;
        const until = performance.now() + (found ? lookForShardsMilliseconds : lookForStreamMilliseconds);
        while (!this.#isOver && this.#closedShards === closed && performance.now() < until) {
          await this.#changed.wait(until - performance.now());
        }
      }
    } catch (error) {
      this.fail(error);
    }
    await Promise.all(this.#work);
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
  }

  /**
   * What was read and not taken yet, up to a size: once there are records, when there is enough of them, the oldest
   * has waited for long, or somebody waits for what is there. Null when reading ends.
   */
  async take(enoughBytes: number, longestMilliseconds: number): Promise<readonly Fragment[] | null> {
    while (!this.#isOver && !this.#fragments.some(({ block }) => block.length > 0)) {
      await this.#changed.wait(waitMilliseconds);
    }
    const until = performance.now() + longestMilliseconds;
    const isEnough = () => this.#bytes >= enoughBytes || (this.awaited > 0 && this.#isAtHead);
    while (!this.#isOver && !isEnough() && performance.now() < until) {
      await this.#changed.wait(until - performance.now());
    }
    if (this.#isOver) {
      return null;
    }
    let bytes = 0;
    const more = this.#fragments.findIndex((fragment, index) => {
      bytes += fragment.block.bytes;
      return index > 0 && bytes > enoughBytes;
    });
    const taken = this.#fragments.splice(0, more < 0 ? this.#fragments.length : more);
    for (const fragment of taken) {
      this.#bytes -= fragment.block.bytes;
      const follower = this.#followers.get(fragment.shard);
      if (follower) follower.waiting -= fragment.block.length;
    }
    this.#changed.wake(true);
    return taken;
  }

  /** Resolves when all that is in the log now was read; gives the number of records that were ever read here. */
  async reachHead(): Promise<number> {
    this.#asked += 1;
    const asked = this.#asked;
    const { signal } = this.#options.patience;
    await unlessAborted(this.#lookForShards(), signal);
    // A shard that is closed meanwhile has children, which are followed from then on.
    for (const reached = new Set<string>(); !this.#isOver; ) {
      const next = [...this.#followers.values()].find(({ shard }) => !reached.has(shard));
      if (next === undefined) break;
      await this.#reachHeadOf(next, asked);
      reached.add(next.shard);
      if (next.closed) await unlessAborted(this.#lookForShards(), signal);
    }
    return this.#received;
  }

  /** Where the log counts records, up to its end; elsewhere until a read that was begun since finds nothing more. */
  async #reachHeadOf(follower: Follower, asked: number): Promise<void> {
    const { log, stream, patience } = this.#options;
    while (!this.#isOver && !follower.closed && follower.at === null)
      await this.#changed.wait(waitMilliseconds);
    const counts = follower.lag.records !== null;
    const latest = () => retry(() => log.latest(stream, follower.shard), patience);
    const end = counts ? await unlessAborted(latest(), patience.signal) : null;
    const isThere = () =>
      end === null
        ? follower.headSeen >= asked
        : BigInt(follower.at ?? 0) >= BigInt(end) || follower.headSeen >= asked;
    while (!this.#isOver && !follower.closed && !isThere()) await this.#changed.wait(waitMilliseconds);
  }

  get lag(): readonly StreamLag[] {
    const { stream } = this.#options;
    return [...this.#followers.values()]
      .filter(({ closed, waiting }) => !closed || waiting > 0)
      .map(({ shard, lag: { records, milliseconds }, waiting }) => ({
        stream,
        shard,
        records: records === null ? null : records + waiting,
        milliseconds,
      }));
  }

  /** How long nothing has come though every shard was read to its head, in milliseconds. */
  get idleMilliseconds(): number {
    const isIdle = this.#looked && this.#isAtHead && this.#fragments.length === 0;
    return isIdle ? performance.now() - this.#lastRecord : 0;
  }

  /** Whether all that was in the log at the last reads was read. */
  get #isAtHead(): boolean {
    return [...this.#followers.values()].every(
      ({ closed, lag }) => closed || lag.records === 0 || lag.milliseconds === 0,
    );
  }

  /** What waits for the log was waited for: nothing could come. */
  noteWaiting(): void {
    this.#lastRecord = performance.now();
  }

  get #ending(): boolean {
    return this.#options.patience.signal.aborted;
  }

  get #isOver(): boolean {
    return this.#ending || this.#failure !== undefined;
  }

  get #closedShards(): number {
    return [...this.#followers.values()].filter(({ closed }) => closed).length;
  }

  /** Starts to follow the shards that may be read now. False when there is no such stream. */
  async #lookForShards(): Promise<boolean> {
    const { log, stream, stands, firsts, patience } = this.#options;
    try {
      const shards = await retry(() => log.shards(stream), patience);
      this.#checkFirsts(
        shards.map(({ id }) => id),
        firsts,
      );
      const isClosed = (id: string) => this.#followers.get(id)?.closed ?? stands[id]?.closed ?? false;
      for (const { id, parents } of shards) {
        if (!this.#followers.has(id) && !isClosed(id) && parents.every(isClosed)) {
          this.#start(id);
        }
      }
      return true;
    } catch (error) {
      if (error instanceof LogError && error.code === 'unknown_topic') {
        if (Object.values(stands).some(({ last }) => last !== null) || firsts.size > 0) {
          throw new LogError(
            'expired',
            `The log has no stream ${stream} any more, of which records were read before. ` +
              'Name the log that held it, or begin with another lake and other checkpoints.',
            { cause: error },
          );
        }
        return false;
      }
      if (this.#ending && this.#failure === undefined) {
        return false;
      }
      throw error;
    }
  }

  #checkFirsts(shards: readonly string[], firsts: ReadonlyMap<string, string>): void {
    for (const [shard, first] of firsts) {
      if (!shards.includes(shard)) {
        throw this.#lost(shard, first);
      }
    }
  }

  #start(shard: string): void {
    const stand = this.#options.stands[shard];
    const follower: Follower = {
      shard,
      at: null,
      closed: false,
      lag: { records: null, milliseconds: null },
      waiting: 0,
      headSeen: 0,
      expected: stand?.last ?? null,
      first: this.#options.firsts.get(shard),
    };
    this.#followers.set(shard, follower);
    this.#work.push(
      this.#follow(follower, stand).catch((error) => {
        if (!(this.#ending && error instanceof LogError)) this.fail(error);
      }),
    );
    this.#lastRecord = performance.now();
  }

  async #follow(follower: Follower, stand: ShardPosition | undefined): Promise<void> {
    const { log, stream, patience, readAheadBytes } = this.#options;
    const { signal } = patience;
    const { shard } = follower;
    let at = stand?.next ?? (await retry(() => log.earliest(stream, shard), patience));
    while (!this.#isOver && !follower.closed) {
      if (this.#bytes >= readAheadBytes) {
        await this.#changed.wait(waitMilliseconds);
        continue;
      }
      const asked = this.#asked;
      const read = await unlessAborted(this.#read(follower, at), signal);
      if (read === null) return;
      this.#keep(follower, at, read);
      if (read.records.length === 0 && (read.recordsBehind === 0 || read.millisecondsBehind === 0)) {
        follower.headSeen = asked;
      }
      at = read.next;
      follower.at = at;
      this.#changed.wake(true);
    }
  }

  /**
   * Reads on. The first time it reads from the last record that was read before, where its position tells where it lies:
   * it must be the same record still.
   */
  async #read(follower: Follower, at: string): Promise<ReadResult> {
    const { log, stream, patience, readAheadBytes } = this.#options;
    const { shard, expected } = follower;
    const limits = { maximumBytes: Math.min(largestReadBytes, readAheadBytes), waitMilliseconds };
    const read = (from: string) => retry(() => log.read(stream, shard, from, limits), patience);
    if (expected === null || !isJustBefore(expected.position, at)) {
      return read(at);
    }
    let found: ReadResult;
    try {
      found = await read(expected.position);
    } catch (error) {
      if (!(error instanceof LogError && error.code === 'expired')) throw error;
      // Perhaps only the record that was read already has expired.
      follower.expected = null;
      return read(at);
    }
    const [first, ...others] = found.records;
    if (first === undefined) {
      return { ...found, next: at };
    }
    follower.expected = null;
    if (first.position !== expected.position) {
      return found;
    }
    if (recordFingerprint(first).digest !== expected.digest) {
      throw new LogError(
        'expired',
        `Record ${first.position} of ${stream}/${shard} is another than the one that was read there before: the log was ` +
          'replaced, or the stream made anew. Begin with another lake and other checkpoints, or name the log that held it.',
      );
    }
    return { ...found, records: others };
  }

  #keep(
    follower: Follower,
    from: string,
    { records, next, recordsBehind, millisecondsBehind, closed }: ReadResult,
  ) {
    const { shard } = follower;
    follower.lag = { records: recordsBehind, milliseconds: millisecondsBehind };
    const [first] = records;
    if (first !== undefined) {
      if (follower.first !== undefined && first.position !== follower.first) {
        throw this.#lost(shard, follower.first);
      }
      follower.first = undefined;
      this.#lastRecord = performance.now();
      this.#received += records.length;
      follower.waiting += records.length;
    }
    follower.closed = closed;
    if (first !== undefined || closed) {
      const block = new RecordBlock(records);
      this.#fragments.push({ shard, from, next, block, closed });
      this.#bytes += block.bytes;
    }
  }

  #lost(shard: string, first: string): LogError {
    const { stream } = this.#options;
    return new LogError(
      'expired',
      `The lake is behind its checkpoint, and the log no longer holds record ${first} of ${stream}/${shard}, from which it ` +
        'would have to be read again. Restore the lake from a backup, or remove the checkpoint to go on without what is lost.',
    );
  }

  /** Ends reading; `run` throws the error. */
  fail(error: unknown): void {
    this.#failure ??= error;
    this.#changed.wake(true);
  }
}

/** Reads the records of a range again. @throws LogError `expired` when the log no longer holds exactly these */
export async function readAgain(
  { log, stream, patience }: Pick<StreamReaderOptions, 'log' | 'stream' | 'patience'>,
  range: {
    readonly shard: string;
    readonly from: string;
    readonly records: number;
    readonly last: RecordFingerprint;
  },
): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = [];
  const limits = { maximumBytes: largestReadBytes, waitMilliseconds };
  let at = range.from;
  for (let empty = 0; records.length < range.records && empty < 20; ) {
    const read = await retry(() => log.read(stream, range.shard, at, limits), patience);
    records.push(...read.records);
    at = read.next;
    empty = read.records.length === 0 ? empty + 1 : 0;
    if (read.closed) break;
  }
  const exact = records.slice(0, range.records);
  const last = exact.at(-1);
  const found = last && recordFingerprint(last);
  if (
    exact.length < range.records ||
    found?.position !== range.last.position ||
    found.digest !== range.last.digest
  ) {
    throw new LogError(
      'expired',
      `The records of ${stream}/${range.shard} from ${range.from} up to ${range.last.position}, which were read before and not ` +
        'committed, are no longer in the log as they were. Begin with another lake and other checkpoints, or name the log that held them.',
    );
  }
  return exact;
}

/** Whether a position is an offset and lies just before another. */
function isJustBefore(position: string, next: string): boolean {
  const digits = /^[0-9]+$/;
  return digits.test(position) && digits.test(next) && BigInt(position) + 1n === BigInt(next);
}
