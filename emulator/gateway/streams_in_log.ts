/** Streams in an event log that is not Kinesis: a stream is a topic, a shard a partition, a sequence number an offset. */
import { createHash } from 'node:crypto';
import { type AppendResult, type EventLog, LogError, type Shard } from '../../pipeline/log/log.ts';
import { type IteratorStart, type StreamRecord, type Streams, StreamsError } from './streams.ts';

/** Bytes that one answer holds, or one record that is larger. Kinesis would give up to 10 MB, which take many times as much memory here. */
const readBytes = 2 * 1024 * 1024;
/** Shards of all streams together: each takes open files for ever. An AWS account has as many. */
const maximumShards = 200;
const iteratorLifeMilliseconds = 5 * 60_000;
const hashKeys = 2n ** 128n;
const streamName = /^[A-Za-z0-9_.-]{1,128}$/;

/** The content of an iterator, which callers see as one opaque word. */
interface IteratorContent {
  readonly stream: string;
  readonly shard: string;
  readonly position: string;
  readonly madeAt: number;
}

/** Tells the log's streams from its topics, and the time. */
export interface StreamsInLogOptions {
  readonly isStream: (name: string) => boolean;
  readonly now?: () => number;
}

export class StreamsInLog implements Streams {
  private readonly log: EventLog;
  private readonly isStream: (name: string) => boolean;
  private readonly now: () => number;
  private creating: Promise<unknown> = Promise.resolve();

  constructor(log: EventLog, { isStream, now = Date.now }: StreamsInLogOptions) {
    this.log = log;
    this.isStream = isStream;
    this.now = now;
  }

  async listStreams(): Promise<object> {
    const names = (await this.log.topics()).filter(this.isStream);
    return { StreamNames: names, HasMoreStreams: false };
  }

  async createStream(name: string, shardCount: number): Promise<void> {
    if (!streamName.test(name)) {
      throw new StreamsError(
        'ValidationException',
        `"${name}" is not a name of a stream: use 1 to 128 letters, digits, "_", "." and "-".`,
      );
    }
    // One after the other: each counts the shards that those before it have made.
    const creating = this.creating.then(() => this.createWithinLimit(name, shardCount));
    this.creating = creating.catch(() => undefined);
    await creating;
  }

  private async createWithinLimit(name: string, shardCount: number): Promise<void> {
    const names = (await this.log.topics()).filter(this.isStream);
    const counts = await Promise.all(
      names.map(async (stream) => (await inKinesisTerms(stream, () => this.log.shards(stream))).length),
    );
    const shards = counts.reduce((sum, count) => sum + count, 0);
    if (!names.includes(name) && shards + shardCount > maximumShards) {
      throw new StreamsError(
        'LimitExceededException',
        `The streams have ${shards} shards, and may have ${maximumShards}: delete one, or ask for fewer shards.`,
      );
    }
    const created = await inKinesisTerms(name, () => this.log.createTopic(name, shardCount));
    if (!created) {
      throw new StreamsError('ResourceInUseException', `Stream ${name} already exists.`);
    }
  }

  async describeStream(name: string): Promise<object> {
    const shards = await this.shardsOf(name);
    const described = await Promise.all(
      shards.map(async ({ id, parents: [ParentShardId] }, index) => ({
        ShardId: shardIdOf(id),
        ...(ParentShardId === undefined ? {} : { ParentShardId }),
        HashKeyRange: {
          StartingHashKey: String(firstHashKey(index, shards.length)),
          EndingHashKey: String(firstHashKey(index + 1, shards.length) - 1n),
        },
        SequenceNumberRange: { StartingSequenceNumber: await this.log.earliest(name, id) },
      })),
    );
    return {
      StreamDescription: {
        StreamName: name,
        StreamARN: `arn:aws:kinesis:local:000000000000:stream/${name}`,
        StreamStatus: 'ACTIVE',
        StreamModeDetails: { StreamMode: 'PROVISIONED' },
        Shards: described,
        HasMoreShards: false,
        EncryptionType: 'NONE',
        EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
      },
    };
  }

  async deleteStream(name: string): Promise<void> {
    await inKinesisTerms(name, () => this.log.deleteTopic(name));
  }

  async putRecord(name: string, record: StreamRecord): Promise<object> {
    const [result] = await this.append(name, [record]);
    if (result === undefined || 'error' in result) {
      throw streamsError(name, result?.error);
    }
    return { ShardId: shardIdOf(result.shard), SequenceNumber: result.position };
  }

  async putRecords(name: string, records: readonly StreamRecord[]): Promise<object> {
    if (records.length < 1) {
      throw new StreamsError('ValidationException', 'There must be 1 to 500 records, not 0.');
    }
    const results = await this.append(name, records);
    return {
      FailedRecordCount: results.filter((result) => 'error' in result).length,
      Records: results.map((result) => {
        if ('error' in result) {
          const { type, message } = streamsError(name, result.error);
          return { ErrorCode: type, ErrorMessage: message };
        }
        return { ShardId: shardIdOf(result.shard), SequenceNumber: result.position };
      }),
    };
  }

  async getShardIterator(name: string, { shardId, type, startingSequenceNumber }: IteratorStart) {
    const shard = (await this.shardsOf(name)).find(({ id }) => shardIdOf(id) === shardId)?.id;
    if (shard === undefined) {
      throw new StreamsError('ResourceNotFoundException', `Stream ${name} has no shard ${shardId}.`);
    }
    const position = await inKinesisTerms(name, () =>
      this.positionOf(name, shard, type, startingSequenceNumber),
    );
    return { ShardIterator: this.iteratorAt(name, shard, position) };
  }

  async getRecords(name: string, iterator: string, limit = 10_000): Promise<object> {
    const { stream, shard, position, madeAt } = contentOf(iterator);
    // Anybody can write an iterator: it reads nothing that the path does not name.
    if (stream !== name) {
      throw notAnIterator();
    }
    if (this.now() - madeAt > iteratorLifeMilliseconds) {
      throw new StreamsError('ExpiredIteratorException', 'The iterator is more than 5 minutes old.');
    }
    const read = await inKinesisTerms(stream, () =>
      this.log.read(stream, shard, position, { maximumBytes: readBytes, waitMilliseconds: 0 }),
    );
    const records = read.records.slice(0, limit);
    const next = read.records[limit]?.position ?? read.next;
    const closed = read.closed && records.length === read.records.length;
    const last = records.at(-1);
    const isBehind = records.length < read.records.length || (read.recordsBehind ?? 0) > 0;
    return {
      MillisBehindLatest: read.millisecondsBehind ?? (last && isBehind ? this.now() - last.timestamp : 0),
      ...(closed ? {} : { NextShardIterator: this.iteratorAt(stream, shard, next) }),
      Records: records.map((record) => ({
        ApproximateArrivalTimestamp: record.timestamp / 1000,
        Data: Buffer.from(record.value).toString('base64'),
        PartitionKey: record.key ?? '',
        SequenceNumber: record.position,
      })),
    };
  }

  /** The log is its opener's to close. */
  async close(): Promise<void> {}

  private async append(name: string, records: readonly StreamRecord[]): Promise<readonly AppendResult[]> {
    const shards = await this.shardsOf(name);
    return inKinesisTerms(name, () =>
      this.log.append(
        name,
        records.map(({ data, partitionKey, traceparent }) => ({
          value: data,
          traceparent,
          key: partitionKey,
          shard: shardForKey(partitionKey, shards),
        })),
      ),
    );
  }

  private async shardsOf(name: string): Promise<readonly Shard[]> {
    return inKinesisTerms(name, () => this.log.shards(name));
  }

  private async positionOf(name: string, shard: string, type: string, sequenceNumber: string | undefined) {
    switch (type) {
      case 'TRIM_HORIZON':
        return this.log.earliest(name, shard);
      case 'LATEST':
        return this.log.latest(name, shard);
      case 'AT_SEQUENCE_NUMBER':
      case 'AFTER_SEQUENCE_NUMBER':
        if (!/^[0-9]{1,15}$/.test(sequenceNumber ?? '')) {
          throw new StreamsError('InvalidArgumentException', `${type} needs a starting sequence number.`);
        }
        return String(Number(sequenceNumber) + (type === 'AFTER_SEQUENCE_NUMBER' ? 1 : 0));
      default:
        throw new StreamsError('ValidationException', `"${type}" is not a type of shard iterator here.`);
    }
  }

  private iteratorAt(stream: string, shard: string, position: string): string {
    const content: IteratorContent = { stream, shard, position, madeAt: this.now() };
    return Buffer.from(JSON.stringify(content)).toString('base64url');
  }
}

/** As Kinesis names shards: `shardId-` and twelve digits. */
function shardIdOf(partition: string): string {
  return `shardId-${partition.padStart(12, '0')}`;
}

function firstHashKey(index: number, shards: number): bigint {
  return (hashKeys * BigInt(index)) / BigInt(shards);
}

/** The shard whose range of hash keys holds the key's MD5, as in Kinesis. */
function shardForKey(partitionKey: string, shards: readonly Shard[]): string {
  const hash = BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`);
  const found = shards.findIndex((_, index) => hash < firstHashKey(index + 1, shards.length));
  const { id } = shards[found] ?? { id: '0' };
  return id;
}

function contentOf(iterator: string): IteratorContent {
  try {
    const content: unknown = JSON.parse(Buffer.from(iterator, 'base64url').toString());
    if (content instanceof Object && 'stream' in content && 'shard' in content && 'position' in content) {
      const { stream, shard, position } = content;
      const madeAt = ('madeAt' in content && Number(content.madeAt)) || 0;
      return { stream: String(stream), shard: String(shard), position: String(position), madeAt };
    }
  } catch {
    // Refused below, as any other iterator that is not one of ours.
  }
  throw notAnIterator();
}

function notAnIterator(): StreamsError {
  return new StreamsError('InvalidArgumentException', 'That is not a shard iterator of this stream.');
}

async function inKinesisTerms<T>(stream: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof LogError ? streamsError(stream, error) : error;
  }
}

function streamsError(stream: string, error: LogError | undefined): StreamsError {
  switch (error?.code) {
    case 'unknown_topic':
    case 'unknown_shard':
      return notFound(stream);
    case 'too_large':
    case 'refused':
    case 'expired':
      return new StreamsError('InvalidArgumentException', error.message, 400, { cause: error });
    case 'throttled':
      return new StreamsError('ProvisionedThroughputExceededException', error.message, 400, { cause: error });
    case 'full':
    case 'damaged':
    case 'unavailable':
    case undefined:
      return new StreamsError('InternalFailure', error?.message ?? 'The log gave no answer.', 500);
  }
}

function notFound(stream: string): StreamsError {
  return new StreamsError('ResourceNotFoundException', `Stream ${stream} not found.`);
}
