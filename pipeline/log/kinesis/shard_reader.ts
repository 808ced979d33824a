/**
 * Reads one shard. A position is the sequence number of the last record that was read, or one of two words of ours:
 * `TRIM_HORIZON`, the oldest record that is kept, and `AT_TIMESTAMP:<milliseconds>`, what arrived from then on.
 *
 * Iterators live for five minutes. One is kept for the position that the reader is at, so that it continues where
 * GetRecords left it; where there is none, or it has expired, another is made from the position.
 */

import {
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type KinesisClient,
  type _Record as KinesisRecord,
  ShardIteratorType,
} from '@aws-sdk/client-kinesis';
import { sleep } from '../../retry.ts';
import { LogError, type LogRecord, type ReadResult } from '../log.ts';
import { kinesisError, nameOf } from './errors.ts';

/** A shard gives five answers a second to all of its readers together. */
const pollMilliseconds = 250;
const iteratorAgeMilliseconds = 240_000;

/** A shard of a stream, and its name in errors. */
export interface ShardName {
  readonly stream: string;
  readonly shard: string;
}

/** Everything outside of a reader that it uses. */
export interface ReaderEnvironment {
  readonly client: KinesisClient;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Aborted when the log is closed. */
  readonly closing: AbortSignal;
  /** For how long the stream keeps records. */
  readonly retentionMilliseconds: () => Promise<number>;
}

interface IteratorStart {
  readonly ShardIteratorType: ShardIteratorType;
  readonly StartingSequenceNumber?: string;
  readonly Timestamp?: Date;
}

/** The reader's position, and the records that it hands out next. */
interface State {
  readonly position: string;
  /** Null: the shard is at its end. */
  readonly iterator: string | null;
  readonly since: number;
  /** Records that were got but did not fit into an answer. */
  readonly rest: readonly LogRecord[];
  readonly millisecondsBehind: number | null;
  /** The record at `position` is expected first, as proof that nothing after it was lost; it was read before. */
  readonly expectsPosition: boolean;
}

/** One reader of a shard. */
export class ShardReader {
  private state: State | null = null;

  constructor(
    private readonly name: ShardName,
    private readonly environment: ReaderEnvironment,
  ) {}

  /** Reads as `EventLog.read` says. */
  async read(from: string, maximumBytes: number, waitMilliseconds: number): Promise<ReadResult> {
    const deadline = this.environment.now() + waitMilliseconds;
    let state = await this.stateAt(from);
    for (;;) {
      state = await this.fill(state);
      this.state = state;
      if (state.rest.length > 0) {
        return this.handOut(state, maximumBytes);
      }
      const atHead = state.millisecondsBehind === 0;
      const left = deadline - this.environment.now();
      if (
        state.iterator === null ||
        this.environment.closing.aborted ||
        (left <= 0 && (atHead || waitMilliseconds === 0))
      ) {
        return this.handOut(state, maximumBytes);
      }
      // An empty answer away from the head is usual: the next one continues from there.
      await sleep(atHead ? Math.min(pollMilliseconds, left) : pollMilliseconds, this.environment.closing);
    }
  }

  /** Gives the position after the last record: exact for this reader, by the time of arrival for others. */
  async latest(): Promise<string> {
    const since = this.environment.now();
    const position = `AT_TIMESTAMP:${since}`;
    const iterator = await this.iterator({ ShardIteratorType: ShardIteratorType.LATEST }, position);
    this.state = { position, iterator, since, rest: [], millisecondsBehind: null, expectsPosition: false };
    return position;
  }

  private handOut(state: State, maximumBytes: number): ReadResult {
    let bytes = 0;
    const tooMany = state.rest.findIndex(({ value }, index) => {
      bytes += value.length;
      return index > 0 && bytes > maximumBytes;
    });
    const records = tooMany < 0 ? state.rest : state.rest.slice(0, tooMany);
    const rest = tooMany < 0 ? [] : state.rest.slice(tooMany);
    const next = records.at(-1)?.position ?? state.position;
    this.state = { ...state, position: next, rest };
    const closed = state.iterator === null && rest.length === 0;
    return { records, next, recordsBehind: null, millisecondsBehind: state.millisecondsBehind, closed };
  }

  private async stateAt(position: string): Promise<State> {
    const state = this.state;
    if (state?.position === position) {
      const fresh = this.environment.now() - state.since < iteratorAgeMilliseconds;
      if (fresh || state.rest.length > 0 || state.iterator === null) {
        return state;
      }
    }
    return this.begin(position);
  }

  private async begin(position: string): Promise<State> {
    const { stream, shard } = this.name;
    const since = this.environment.now();
    const start = startOf(position);
    if (start === null) {
      throw new LogError(
        'refused',
        `"${position}" is not a position in ${stream}/${shard}: a sequence number is digits.`,
      );
    }
    if (start.Timestamp !== undefined) {
      const oldest = since - (await this.environment.retentionMilliseconds());
      if (start.Timestamp.getTime() < oldest) {
        throw this.expired(position);
      }
    }
    const iterator = await this.iterator(start, position);
    const expectsPosition = start.ShardIteratorType === ShardIteratorType.AT_SEQUENCE_NUMBER;
    return { position, iterator, since, rest: [], millisecondsBehind: null, expectsPosition };
  }

  private async iterator(start: IteratorStart, position: string): Promise<string | null> {
    const { stream, shard } = this.name;
    try {
      const command = new GetShardIteratorCommand({ StreamName: stream, ShardId: shard, ...start });
      return (await this.environment.client.send(command)).ShardIterator ?? null;
    } catch (error) {
      // A sequence number that was never given in this stream.
      if (nameOf(error) === 'InvalidArgumentException') {
        throw this.expired(position, error);
      }
      throw this.failed(error);
    }
  }

  /** Gets records when none are left. */
  private async fill(state: State): Promise<State> {
    if (state.rest.length > 0 || state.iterator === null) {
      return state;
    }
    const answer = await this.get(state.iterator);
    if (answer === null) {
      return this.fill(await this.begin(state.position));
    }
    const got = (answer.Records ?? []).map(toLogRecord);
    const first = got[0];
    const end = answer.NextShardIterator === undefined || answer.NextShardIterator === null;
    const missing = first ? first.position !== state.position : end || answer.MillisBehindLatest === 0;
    if (state.expectsPosition && missing) {
      throw this.expired(state.position);
    }
    return {
      position: state.position,
      iterator: answer.NextShardIterator ?? null,
      since: this.environment.now(),
      rest: state.expectsPosition ? got.slice(1) : got,
      millisecondsBehind: answer.MillisBehindLatest ?? null,
      expectsPosition: state.expectsPosition && first === undefined,
    };
  }

  /** Null when the iterator is over. */
  private async get(iterator: string): Promise<GetRecordsCommandOutput | null> {
    try {
      return await this.environment.client.send(new GetRecordsCommand({ ShardIterator: iterator }));
    } catch (error) {
      if (nameOf(error) === 'ExpiredIteratorException') {
        return null;
      }
      throw this.failed(error);
    }
  }

  private failed(error: unknown): LogError {
    return kinesisError(error, `Reading the stream ${this.name.stream}, ${this.name.shard},`);
  }

  private expired(position: string, cause?: unknown): LogError {
    return new LogError(
      'expired',
      `The record ${position} of ${this.name.stream}/${this.name.shard} is no longer kept, so records after it may be lost too. Retention removed it, or the stream was created again.`,
      { cause },
    );
  }
}

/**
 * Parses a position. Kinesis skips expired records silently: so reading continues *at* the last record that was read,
 * which must come first again.
 */
function startOf(position: string): IteratorStart | null {
  if (position === 'TRIM_HORIZON') {
    return { ShardIteratorType: ShardIteratorType.TRIM_HORIZON };
  }
  const [, milliseconds] = /^AT_TIMESTAMP:([0-9]{1,15})$/.exec(position) ?? [];
  if (milliseconds !== undefined) {
    return { ShardIteratorType: ShardIteratorType.AT_TIMESTAMP, Timestamp: new Date(Number(milliseconds)) };
  }
  if (!/^[0-9]{1,128}$/.test(position)) {
    return null;
  }
  return { ShardIteratorType: ShardIteratorType.AT_SEQUENCE_NUMBER, StartingSequenceNumber: position };
}

function toLogRecord(record: KinesisRecord): LogRecord {
  return {
    position: record.SequenceNumber ?? '',
    value: record.Data ?? new Uint8Array(),
    key: record.PartitionKey ?? null,
    timestamp: record.ApproximateArrivalTimestamp?.getTime() ?? 0,
  };
}
