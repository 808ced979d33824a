/** Amazon Kinesis Data Streams as the log, through the AWS SDK. A topic is a stream; see shard_reader.ts for positions. */

import { setMaxListeners } from 'node:events';
import { KinesisClient, type KinesisClientConfig, type Shard as KinesisShard } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { RetryPolicy } from '../retry.ts';
import { type OutgoingRecord, outgoingRecord, requestsOf, unknownShard } from './kinesis/outgoing_record.ts';
import { putPolicy, putRecords } from './kinesis/put.ts';
import { ShardReader } from './kinesis/shard_reader.ts';
import { StreamCatalogue } from './kinesis/streams.ts';
import {
  type AppendResult,
  type EventLog,
  LogError,
  type NewRecord,
  type ReadResult,
  type Shard,
} from './log.ts';
import { takenOrThrow } from './results.ts';

const shardsAgeMilliseconds = 10_000;

/** The API that is used, and the identity that uses it. */
export interface KinesisSettings {
  readonly region: string;
  /** URL of an API that is not AWS's own: `http://127.0.0.1:4567`. */
  readonly endpoint?: string | undefined;
  /** Default: those that the AWS SDK finds in the environment, the profile or the role. */
  readonly credentials?: NonNullable<KinesisClientConfig['credentials']>;
  /** Changes to how records that were not taken are sent again. */
  readonly retry?: Partial<RetryPolicy>;
}

/** The streams of an AWS account in a region. */
export class KinesisLog implements EventLog {
  private readonly client: KinesisClient;
  private readonly retryPolicy: RetryPolicy;
  private readonly closing = new AbortController();
  private readonly streams: StreamCatalogue;
  private readonly readers = new Map<string, ShardReader>();
  private readonly listedShards = new Map<
    string,
    { readonly shards: readonly KinesisShard[]; readonly until: number }
  >();

  private constructor({ region, endpoint, credentials, retry }: KinesisSettings) {
    this.client = new KinesisClient({
      region,
      // The SDK's default for Kinesis is HTTP/2, which no plain endpoint speaks.
      requestHandler: new NodeHttpHandler(),
      maxAttempts: 3,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(credentials === undefined ? {} : { credentials }),
    });
    // Each waiting reader listens.
    setMaxListeners(0, this.closing.signal);
    const where = endpoint === undefined ? `Kinesis in ${region}` : `Kinesis at ${endpoint}`;
    this.streams = new StreamCatalogue(this.client, where, this.closing.signal);
    this.retryPolicy = { ...putPolicy, ...retry };
  }

  /** Makes a client. AWS is asked by the first call. */
  static async open(settings: KinesisSettings): Promise<KinesisLog> {
    return new KinesisLog(settings);
  }

  topics(): Promise<readonly string[]> {
    return this.streams.names();
  }

  async shards(topic: string): Promise<readonly Shard[]> {
    const shards = await this.streams.shards(topic);
    const ids = new Set(shards.map(({ ShardId }) => ShardId));
    return shards.map(({ ShardId = '', ParentShardId, AdjacentParentShardId }) => {
      const parents = [ParentShardId, AdjacentParentShardId].filter((id) => id !== undefined);
      // A parent whose records have all expired is no longer listed.
      return { id: ShardId, parents: parents.filter((id) => ids.has(id)) };
    });
  }

  createTopic(topic: string, shards: number): Promise<boolean> {
    return this.streams.create(topic, shards);
  }

  async deleteTopic(topic: string): Promise<void> {
    const deleted = this.streams.delete(topic);
    this.listedShards.delete(topic);
    for (const name of this.readers.keys()) {
      if (name.startsWith(`${topic}/`)) {
        this.readers.delete(name);
      }
    }
    await deleted;
  }

  async append(topic: string, records: readonly NewRecord[]): Promise<readonly AppendResult[]> {
    const namesShards = records.some(({ shard }) => shard !== undefined);
    const hashKeys = namesShards ? await this.hashKeys(topic) : new Map<string, string>();
    const results = new Map<number, AppendResult>();
    const sendable: OutgoingRecord[] = [];
    for (const [index, record] of records.entries()) {
      const outgoing = outgoingRecord(topic, record, index, hashKeys);
      if (outgoing instanceof LogError) {
        results.set(index, { error: outgoing });
      } else {
        sendable.push(outgoing);
      }
    }
    try {
      const { signal } = this.closing;
      // One request after the other, so that records of one key keep their order.
      for (const request of requestsOf(sendable)) {
        const ended = await putRecords(this.client, topic, request, this.retryPolicy, signal);
        for (const [index, result] of ended) {
          results.set(index, result);
        }
      }
    } catch (error) {
      const failure = await this.streams.explain(error);
      for (const { index } of sendable) {
        if (!results.has(index)) {
          results.set(index, { error: failure });
        }
      }
    }
    return takenOrThrow(records.flatMap((_, index) => results.get(index) ?? []));
  }

  async earliest(topic: string, shard: string): Promise<string> {
    await this.reader(topic, shard);
    return 'TRIM_HORIZON';
  }

  async latest(topic: string, shard: string): Promise<string> {
    return (await this.reader(topic, shard)).latest();
  }

  async read(
    topic: string,
    shard: string,
    from: string,
    limits: { readonly maximumBytes: number; readonly waitMilliseconds: number },
  ): Promise<ReadResult> {
    const reader = await this.reader(topic, shard);
    return reader.read(from, limits.maximumBytes, limits.waitMilliseconds);
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.client.destroy();
  }

  private async reader(topic: string, shard: string): Promise<ShardReader> {
    const name = `${topic}/${shard}`;
    const existing = this.readers.get(name);
    if (existing) {
      return existing;
    }
    const ids = (await this.shards(topic)).map(({ id }) => id);
    if (!ids.includes(shard)) {
      throw unknownShard(topic, shard, ids);
    }
    const reader = new ShardReader(
      { stream: topic, shard },
      {
        client: this.client,
        now: Date.now,
        closing: this.closing.signal,
        retentionMilliseconds: () => this.streams.retentionMilliseconds(topic),
      },
    );
    this.readers.set(name, reader);
    return reader;
  }

  /** A hash key that leads to each shard that takes records, by the shard's id. */
  private async hashKeys(topic: string): Promise<ReadonlyMap<string, string>> {
    const cached = this.listedShards.get(topic);
    const isFresh = cached !== undefined && cached.until > Date.now();
    const shards = isFresh ? cached.shards : await this.streams.shards(topic);
    if (!isFresh) {
      this.listedShards.set(topic, { shards, until: Date.now() + shardsAgeMilliseconds });
    }
    const open = shards.filter(
      ({ SequenceNumberRange }) => SequenceNumberRange?.EndingSequenceNumber === undefined,
    );
    return new Map(
      open.map(({ ShardId = '', HashKeyRange }) => [ShardId, HashKeyRange?.StartingHashKey ?? '0']),
    );
  }
}
