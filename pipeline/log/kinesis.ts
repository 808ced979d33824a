/** Amazon Kinesis Data Streams as the log, through the AWS SDK. A topic is a stream; see shard_reader.ts for positions. */

import { randomUUID } from 'node:crypto';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  type KinesisClientConfig,
  type Shard as KinesisShard,
  ListShardsCommand,
  type ListShardsCommandOutput,
  paginateListStreams,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { kinesisError, nameOf } from './kinesis/errors.ts';
import {
  maximumRecordBytes,
  type OutgoingRecord,
  putRecords,
  type RetrySettings,
  requestsOf,
  tooLarge,
} from './kinesis/put.ts';
import { ShardReader } from './kinesis/shard_reader.ts';
import {
  type AppendResult,
  type EventLog,
  LogError,
  type NewRecord,
  type ReadResult,
  type Shard,
} from './log.ts';
import { takenOrThrow } from './results.ts';
import { Signal } from './signal.ts';

const hourMilliseconds = 3_600_000;
const shardAgeMilliseconds = 10_000;
const changePolls = 240;
const changePollMilliseconds = 500;

/** Where the streams are, and how. */
export interface KinesisSettings {
  readonly region: string;
  /** Of an API that is not AWS's own: `http://127.0.0.1:4567`. */
  readonly endpoint?: string | undefined;
  /** Default: what the AWS SDK finds in the environment, the profile or the role. */
  readonly credentials?: NonNullable<KinesisClientConfig['credentials']>;
  /** How records that were not taken are sent again. */
  readonly retry?: Partial<RetrySettings>;
}

/** The streams of an AWS account in a region. */
export class KinesisLog implements EventLog {
  readonly #where: string;
  readonly #client: KinesisClient;
  readonly #retry: RetrySettings;
  readonly #waiters = new Signal();
  readonly #readers = new Map<string, ShardReader>();
  readonly #shards = new Map<string, { readonly found: readonly KinesisShard[]; readonly until: number }>();
  #closed = false;

  private constructor(settings: KinesisSettings) {
    const { region, endpoint, credentials } = settings;
    this.#where = endpoint === undefined ? `Kinesis in ${region}` : `Kinesis at ${endpoint}`;
    this.#client = new KinesisClient({
      region,
      // The SDK's own choice for Kinesis is HTTP/2, which no plain endpoint speaks.
      requestHandler: new NodeHttpHandler(),
      maxAttempts: 3,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(credentials === undefined ? {} : { credentials }),
    });
    this.#retry = {
      attempts: 10,
      firstPauseMilliseconds: 100,
      longestPauseMilliseconds: 5000,
      pause: (milliseconds) => this.#pause(milliseconds),
      random: Math.random,
      ...settings.retry,
    };
  }

  /** Makes a client. AWS is asked by the first call. */
  static async open(settings: KinesisSettings): Promise<KinesisLog> {
    return new KinesisLog(settings);
  }

  async topics(): Promise<readonly string[]> {
    return this.#ask('Listing the streams', async () => {
      const names: string[] = [];
      for await (const { StreamNames } of paginateListStreams({ client: this.#client }, {})) {
        names.push(...(StreamNames ?? []));
      }
      return names.sort();
    });
  }

  async shards(topic: string): Promise<readonly Shard[]> {
    const shards = await this.#listShards(topic);
    const ids = new Set(shards.map(({ ShardId }) => ShardId));
    return shards.map(({ ShardId = '', ParentShardId, AdjacentParentShardId }) => {
      const parents = [ParentShardId, AdjacentParentShardId].filter((id) => id !== undefined);
      // A parent whose records have all expired is no longer listed.
      return { id: ShardId, parents: parents.filter((id) => ids.has(id)) };
    });
  }

  async createTopic(topic: string, shards: number): Promise<boolean> {
    if (!(await this.#create(topic, shards))) return false;
    for (let poll = 0; poll < changePolls && !this.#closed; poll++) {
      const status = await this.#statusOf(topic);
      if (status === 'ACTIVE') return true;
      // The deletion of an earlier stream of this name may have taken the new one with it.
      if (status === undefined) await this.#create(topic, shards);
      await this.#pause(Math.min(changePollMilliseconds, 25 * 2 ** poll));
    }
    throw new LogError(
      'unavailable',
      `The stream ${topic} was created, but is not active yet (${this.#where}).`,
    );
  }

  /** Asks for a stream; false when there is one. */
  async #create(topic: string, shards: number): Promise<boolean> {
    try {
      await this.#client.send(new CreateStreamCommand({ StreamName: topic, ShardCount: shards }));
      return true;
    } catch (error) {
      if (nameOf(error) === 'ResourceInUseException') return false;
      throw kinesisError(error, `Creating the stream ${topic} (${this.#where})`);
    }
  }

  /** The state of a stream, undefined when there is none. */
  async #statusOf(topic: string): Promise<string | undefined> {
    try {
      return (await this.#summary(topic))?.StreamStatus;
    } catch (error) {
      if (error instanceof LogError && error.code === 'unknown_topic') return undefined;
      throw error;
    }
  }

  async deleteTopic(topic: string): Promise<void> {
    await this.#ask(`Deleting the stream ${topic}`, () =>
      this.#client.send(new DeleteStreamCommand({ StreamName: topic })),
    );
    this.#shards.delete(topic);
    for (const name of this.#readers.keys()) if (name.startsWith(`${topic}/`)) this.#readers.delete(name);
    for (let poll = 0; poll < changePolls && !this.#closed; poll++) {
      if ((await this.#statusOf(topic)) === undefined) return;
      await this.#pause(Math.min(changePollMilliseconds, 25 * 2 ** poll));
    }
    throw new LogError(
      'unavailable',
      `The stream ${topic} takes long to be deleted (${this.#where}). Kinesis goes on doing so.`,
    );
  }

  async append(topic: string, records: readonly NewRecord[]): Promise<readonly AppendResult[]> {
    const hashKeys = records.some(({ shard }) => shard !== undefined)
      ? await this.#hashKeys(topic)
      : new Map();
    const results = new Map<number, AppendResult>();
    const sendable: OutgoingRecord[] = [];
    for (const [index, record] of records.entries()) {
      const outgoing = outgoingRecord(topic, record, index, hashKeys);
      if (outgoing instanceof LogError) results.set(index, { error: outgoing });
      else sendable.push(outgoing);
    }
    try {
      // One request after the other, so that records of one key keep their order.
      for (const request of requestsOf(sendable)) {
        const ended = await putRecords(this.#client, topic, request, this.#retry);
        for (const [index, result] of ended) results.set(index, result);
      }
    } catch (error) {
      const failure = await this.#withTopics(error);
      for (const { index } of sendable) if (!results.has(index)) results.set(index, { error: failure });
    }
    return takenOrThrow(records.flatMap((_, index) => results.get(index) ?? []));
  }

  async earliest(topic: string, shard: string): Promise<string> {
    await this.#reader(topic, shard);
    return 'TRIM_HORIZON';
  }

  async latest(topic: string, shard: string): Promise<string> {
    return (await this.#reader(topic, shard)).latest();
  }

  async read(
    topic: string,
    shard: string,
    from: string,
    limits: { readonly maximumBytes: number; readonly waitMilliseconds: number },
  ): Promise<ReadResult> {
    const reader = await this.#reader(topic, shard);
    return reader.read(from, limits.maximumBytes, limits.waitMilliseconds);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiters.wake(false);
    this.#client.destroy();
  }

  async #reader(topic: string, shard: string): Promise<ShardReader> {
    const name = `${topic}/${shard}`;
    const known = this.#readers.get(name);
    if (known) return known;
    const shards = await this.shards(topic);
    if (!shards.some(({ id }) => id === shard))
      throw unknownShard(
        topic,
        shard,
        shards.map(({ id }) => id),
      );
    const reader = new ShardReader(
      { stream: topic, shard },
      {
        client: this.#client,
        now: Date.now,
        pause: (milliseconds) => this.#pause(milliseconds),
        isClosed: () => this.#closed,
        retentionMilliseconds: async () =>
          ((await this.#summary(topic))?.RetentionPeriodHours ?? 24) * hourMilliseconds,
      },
    );
    this.#readers.set(name, reader);
    return reader;
  }

  /** The key that leads to each shard that can be written to. */
  async #hashKeys(topic: string): Promise<ReadonlyMap<string, string>> {
    const known = this.#shards.get(topic);
    const fresh = known !== undefined && known.until > Date.now();
    const found = fresh ? known.found : await this.#listShards(topic);
    this.#shards.set(topic, { found, until: fresh ? known.until : Date.now() + shardAgeMilliseconds });
    const open = found.filter(
      ({ SequenceNumberRange }) => SequenceNumberRange?.EndingSequenceNumber === undefined,
    );
    return new Map(
      open.map(({ ShardId = '', HashKeyRange }) => [ShardId, HashKeyRange?.StartingHashKey ?? '0']),
    );
  }

  async #listShards(topic: string): Promise<readonly KinesisShard[]> {
    return this.#ask(`Listing the shards of ${topic}`, async () => {
      const shards: KinesisShard[] = [];
      // A token says which stream it is for; the name may not come with it.
      let page: { StreamName: string } | { NextToken: string } | null = { StreamName: topic };
      while (page !== null) {
        const answer: ListShardsCommandOutput = await this.#client.send(new ListShardsCommand(page));
        shards.push(...(answer.Shards ?? []));
        page = answer.NextToken === undefined ? null : { NextToken: answer.NextToken };
      }
      return shards;
    });
  }

  async #summary(topic: string) {
    return this.#ask(`Describing the stream ${topic}`, async () => {
      const answer = await this.#client.send(new DescribeStreamSummaryCommand({ StreamName: topic }));
      return answer.StreamDescriptionSummary;
    });
  }

  async #ask<T>(doing: string, question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw await this.#withTopics(kinesisError(error, `${doing} (${this.#where})`));
    }
  }

  /** An unknown stream is easier to put right when those that exist are named. */
  async #withTopics(error: unknown): Promise<LogError> {
    const failure = kinesisError(error, this.#where);
    if (failure.code !== 'unknown_topic') return failure;
    const names = await this.topics().catch(() => []);
    const there = names.length === 0 ? '' : ` There are: ${names.join(', ')}.`;
    return new LogError('unknown_topic', `${failure.message}${there}`, { cause: failure });
  }

  async #pause(milliseconds: number): Promise<void> {
    if (!this.#closed) await this.#waiters.wait(milliseconds);
  }
}

function outgoingRecord(
  topic: string,
  { value, key, shard }: NewRecord,
  index: number,
  hashKeys: ReadonlyMap<string, string>,
): OutgoingRecord | LogError {
  const partitionKey = key ?? randomUUID();
  const keyLength = [...partitionKey].length;
  if (keyLength < 1 || keyLength > 256) {
    return new LogError(
      'refused',
      `A key of ${keyLength} characters is no partition key of Kinesis: use 1 to 256.`,
    );
  }
  const bytes = value.length + Buffer.byteLength(partitionKey);
  if (bytes > maximumRecordBytes) return tooLarge(topic, bytes);
  const entry = { Data: value, PartitionKey: partitionKey };
  if (shard === undefined) return { index, entry, bytes };
  const hashKey = hashKeys.get(shard);
  if (hashKey === undefined) return unknownShard(topic, shard, [...hashKeys.keys()]);
  return { index, entry: { ...entry, ExplicitHashKey: hashKey }, bytes };
}

function unknownShard(topic: string, shard: string, shards: readonly string[]): LogError {
  return new LogError(
    'unknown_shard',
    `The stream ${topic} has no shard ${shard} to be used so: it has ${shards.join(', ')}.`,
  );
}
