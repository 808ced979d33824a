/** Reads one shard from a position on, and checks that it continues what was read before. */
import { LogError, type LogRecord, type ReadResult } from '../log/log.ts';
import type { RetryingLog } from '../log/retrying.ts';
import type { Signal } from '../log/signal.ts';
import { unlessAborted } from '../retry.ts';
import { type RecordFingerprint, recordFingerprint, type ShardPosition } from './batch_record.ts';
import type { ReadAhead } from './read_ahead.ts';
import { RecordBlock } from './record_block.ts';
import type { StreamLag } from './status.ts';

const largestReadBytes = 1024 * 1024;
const waitMilliseconds = 250;

/** Everything that the readers of a stream's shards share. */
export interface ShardReaderContext {
  readonly log: RetryingLog;
  readonly stream: string;
  readonly signal: AbortSignal;
  readonly readAhead: ReadAhead;
  /** Reading pauses while the read-ahead holds this much. */
  readonly readAheadBytes: number;
  /** Woken after each read, and when the read-ahead gets smaller. */
  readonly changed: Signal;
  /** The number of the last request for the head. */
  readonly headRequests: () => number;
}

/** The position at which a shard's reader begins, and the record that must be there. */
export interface ShardStart {
  /** Undefined for a shard that was never read: it is read from its earliest record. */
  readonly position: ShardPosition | undefined;
  /** The record that must come first, because the lake has lost it. */
  readonly first: string | undefined;
}

/** The reader of one shard. */
export class ShardReader {
  /** The position of the next read; null before the first was answered. */
  next: string | null = null;
  closed = false;
  lag: Pick<StreamLag, 'records' | 'milliseconds'> = { records: null, milliseconds: null };
  /** The last request for the head that came before a read which found nothing more. */
  headSeen = 0;
  /** Number of records that were read. */
  received = 0;
  /** Time of the last record by `performance.now()`; before the first one, the time at which reading began. */
  lastRecord = performance.now();
  /** The last record that was read in an earlier run; null when it was found, or there is none. */
  private expected: RecordFingerprint | null;
  private first: string | undefined;

  constructor(
    readonly shard: string,
    private readonly start: ShardStart,
    private readonly context: ShardReaderContext,
  ) {
    this.expected = start.position?.last ?? null;
    this.first = start.first;
  }

  get isAtHead(): boolean {
    return this.closed || this.lag.records === 0 || this.lag.milliseconds === 0;
  }

  /** Reads until the shard ends or the signal is aborted. @throws LogError */
  async run(): Promise<void> {
    const { log, stream, signal, readAhead, readAheadBytes, changed, headRequests } = this.context;
    let from = this.start.position?.next ?? (await unlessAborted(log.earliest(stream, this.shard), signal));
    while (from !== null && !signal.aborted && !this.closed) {
      if (readAhead.bytes >= readAheadBytes) {
        await changed.wait(waitMilliseconds);
        continue;
      }
      const headRequest = headRequests();
      const read = await unlessAborted(this.read(from), signal);
      if (read === null) {
        return;
      }
      this.keep(from, read);
      if (read.records.length === 0 && (read.recordsBehind === 0 || read.millisecondsBehind === 0)) {
        this.headSeen = headRequest;
      }
      from = read.next;
      this.next = from;
      changed.wake(true);
    }
  }

  /**
   * Reads on. The first read begins at the last record of the earlier run, where positions are offsets: it must still be the
   * same record.
   */
  private async read(from: string): Promise<ReadResult> {
    const { expected, shard } = this;
    const { log, stream, readAheadBytes } = this.context;
    const limits = { maximumBytes: Math.min(largestReadBytes, readAheadBytes), waitMilliseconds };
    if (expected === null || !isJustBefore(expected.position, from)) {
      return log.readOn(stream, shard, from, limits);
    }
    let found: ReadResult;
    try {
      found = await log.read(stream, shard, expected.position, limits);
    } catch (error) {
      if (!(error instanceof LogError && error.code === 'expired')) {
        throw error;
      }
      // Perhaps only the record that was read already has expired.
      this.expected = null;
      return log.readOn(stream, shard, from, limits);
    }
    const [first, ...others] = found.records;
    if (first === undefined) {
      return { ...found, next: from };
    }
    this.expected = null;
    if (first.position !== expected.position) {
      return found;
    }
    this.checkSame(first, expected);
    return { ...found, records: others };
  }

  private checkSame(record: LogRecord, expected: RecordFingerprint): void {
    if (recordFingerprint(record).digest !== expected.digest) {
      throw new LogError(
        'expired',
        `Record ${record.position} of ${this.context.stream}/${this.shard} is another than the one that was read there before: the log was ` +
          'replaced, or the stream was created again. Begin with another lake and other checkpoints, or name the log that held it.',
      );
    }
  }

  private keep(from: string, { records, next, recordsBehind, millisecondsBehind, closed }: ReadResult): void {
    this.lag = { records: recordsBehind, milliseconds: millisecondsBehind };
    this.closed = closed;
    const [first] = records;
    if (first !== undefined) {
      if (this.first !== undefined && first.position !== this.first) {
        throw lostRecord(this.context.stream, this.shard, this.first);
      }
      this.first = undefined;
      this.lastRecord = performance.now();
      this.received += records.length;
    }
    if (first !== undefined || closed) {
      this.context.readAhead.add({
        shard: this.shard,
        from,
        next,
        block: new RecordBlock(records),
        readAt: performance.now(),
        closed,
      });
    }
  }
}

/** The error for a record that the lake has lost and the log no longer holds. */
export function lostRecord(stream: string, shard: string, position: string): LogError {
  return new LogError(
    'expired',
    `The lake is behind its checkpoint, and the log no longer holds record ${position} of ${stream}/${shard}, from which it ` +
      'would have to be read again. Restore the lake from a backup, or remove the checkpoint to go on without what is lost.',
  );
}

/** Tells whether a position is an offset and the one before another. */
function isJustBefore(position: string, next: string): boolean {
  const digits = /^[0-9]+$/;
  return digits.test(position) && digits.test(next) && BigInt(position) + 1n === BigInt(next);
}
