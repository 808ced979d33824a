/** Apache Kafka and Amazon MSK as the log, through kafkajs. Positions are offsets. */

import { setTimeout as pause } from 'node:timers/promises';
import type { Admin, Kafka as KafkaClient } from 'kafkajs';
import { readAllCompressions } from './kafka/codecs.ts';
import { type KafkaAddress, kafkaConfig } from './kafka/connection.ts';
import { kafkaError } from './kafka/errors.ts';
import { ConfigResourceTypes, Kafka } from './kafka/kafkajs.ts';
import { type Outgoing, recordOverheadBytes, TopicSender } from './kafka/sender.ts';
import { type OffsetRange, PartitionSession } from './kafka/session.ts';
import {
  type AppendResult,
  type EventLog,
  LogError,
  type NewRecord,
  type ReadResult,
  type Shard,
} from './log.ts';
import { choosePartition, offsetOf, partitionNumber, RoundRobin, unknownPartition } from './partitioner.ts';
import { takenOrThrow } from './results.ts';

const pendingBytes = 64 * 1024 * 1024;
/** Limit of a batch unless a topic has its own: 1 MiB and the batch's header. */
const defaultBatchBytes = 1_048_588;
const topicAgeMilliseconds = 60_000;
const deletionPolls = 300;
const deletionPollMilliseconds = 100;

interface DescribedTopic {
  readonly partitions: number;
  /** The topic's `max.message.bytes`. */
  readonly batchBytes: number;
  readonly until: number;
}

/** A Kafka cluster. */
export class KafkaLog implements EventLog {
  private admin: Admin;
  private readonly describedTopics = new Map<string, DescribedTopic>();
  private readonly senders = new Map<string, TopicSender>();
  private readonly sessions = new Map<string, Promise<PartitionSession>>();
  private readonly roundRobin = new RoundRobin();

  private constructor(
    private readonly where: string,
    private readonly kafka: KafkaClient,
  ) {
    this.admin = kafka.admin();
  }

  /** Connects. @throws LogError `unavailable` when no broker answers, `refused` when it does not let us in */
  static async open(address: KafkaAddress): Promise<KafkaLog> {
    readAllCompressions();
    const where = `Kafka at ${address.brokers.join(',')}`;
    const log = new KafkaLog(where, new Kafka(kafkaConfig(address)));
    try {
      await log.admin.connect();
      return log;
    } catch (error) {
      await log.close();
      throw kafkaError(error, `Connecting to ${where}`);
    }
  }

  async topics(): Promise<readonly string[]> {
    const topics = await this.ask('Listing the topics', (admin) => admin.listTopics());
    return topics.filter((topic) => !topic.startsWith('__')).sort();
  }

  async shards(topic: string): Promise<readonly Shard[]> {
    const { partitions } = await this.describeTopic(topic);
    return Array.from({ length: partitions }, (_, partition) => ({ id: String(partition), parents: [] }));
  }

  async createTopic(topic: string, shards: number): Promise<boolean> {
    const request = { waitForLeaders: true, topics: [{ topic, numPartitions: shards }] };
    return this.ask(`Making the topic ${topic}`, (admin) => admin.createTopics(request));
  }

  async deleteTopic(topic: string): Promise<void> {
    await this.describeTopic(topic);
    await this.ask(`Deleting the topic ${topic}`, (admin) => admin.deleteTopics({ topics: [topic] }));
    await this.forget(topic);
    // The controller took it; each broker hears of it a moment later.
    for (let poll = 0; (await this.topics()).includes(topic); poll++) {
      if (poll === deletionPolls) {
        throw new LogError(
          'unavailable',
          `${this.where} takes long to delete ${topic}. It continues to delete it.`,
        );
      }
      await pause(deletionPollMilliseconds);
    }
  }

  async append(topic: string, records: readonly NewRecord[]): Promise<readonly AppendResult[]> {
    const description = await this.topic(topic);
    const turn = this.roundRobin.next(topic, description.partitions);
    const outgoing: Outgoing[] = [];
    const results = records.map((record) => {
      const chosen = partitionFor(topic, record, description, turn);
      if (chosen instanceof LogError) {
        return { error: chosen };
      }
      return new Promise<AppendResult>((resolve) => {
        const shard = String(chosen.partition);
        const done = (result: string | LogError): void =>
          resolve(result instanceof LogError ? { error: result } : { shard, position: result });
        outgoing.push({ ...chosen, done });
      });
    });
    this.sender(topic, description).send(outgoing);
    const ended = await Promise.all(results);
    // The topic may have been deleted, or got more partitions.
    if (ended.some((result) => 'error' in result)) {
      this.describedTopics.delete(topic);
    }
    return takenOrThrow(ended);
  }

  async earliest(topic: string, shard: string): Promise<string> {
    return String((await this.range(topic, await this.partition(topic, shard))).low);
  }

  async latest(topic: string, shard: string): Promise<string> {
    return String((await this.range(topic, await this.partition(topic, shard))).high);
  }

  async read(
    topic: string,
    shard: string,
    from: string,
    limits: { readonly maximumBytes: number; readonly waitMilliseconds: number },
  ): Promise<ReadResult> {
    const offset = offsetOf(topic, shard, from);
    const name = `${topic}/${shard}`;
    let session: PartitionSession | undefined;
    try {
      session = await this.session(topic, shard, offset);
      const records = await session.take(limits.maximumBytes, limits.waitMilliseconds);
      const recordsBehind = session.behind;
      const last = records.at(-1);
      const millisecondsBehind =
        recordsBehind === 0 ? 0 : last ? Math.max(0, Date.now() - last.timestamp) : null;
      return { records, next: String(session.next), recordsBehind, millisecondsBehind, closed: false };
    } catch (error) {
      if (session) {
        this.sessions.delete(name);
      }
      await session?.close();
      throw kafkaError(error, `Reading ${name} in ${this.where}`);
    }
  }

  async close(): Promise<void> {
    const sessions = await Promise.allSettled(this.sessions.values());
    const open = sessions.flatMap((session) => (session.status === 'fulfilled' ? [session.value] : []));
    await Promise.all([...open, ...this.senders.values()].map((part) => part.close()));
    await this.admin.disconnect();
  }

  /** Forgets a topic that no longer exists. */
  private async forget(topic: string): Promise<void> {
    this.describedTopics.delete(topic);
    await this.senders.get(topic)?.close();
    this.senders.delete(topic);
    for (const [name, session] of this.sessions) {
      if (!name.startsWith(`${topic}/`)) {
        continue;
      }
      this.sessions.delete(name);
      // One that could not be opened has nothing to close.
      await session.then((opened) => opened.close()).catch(() => undefined);
    }
  }

  /** Gives the session at an offset: the current one when reading is sequential, else a new one. */
  private async session(topic: string, shard: string, from: bigint): Promise<PartitionSession> {
    const name = `${topic}/${shard}`;
    const current = await this.sessions.get(name);
    if (current?.next === from) {
      return current;
    }
    await current?.close();
    const partition = await this.partition(topic, shard);
    const range = () => this.range(topic, partition);
    const deleteGroup = async (group: string): Promise<void> => {
      await this.ask(`Deleting the group ${group}`, (admin) => admin.deleteGroups([group]));
    };
    const opening = PartitionSession.open(this.kafka, { topic, partition, from, range, deleteGroup });
    this.sessions.set(name, opening);
    opening.catch(() => this.sessions.delete(name));
    return opening;
  }

  private sender(topic: string, { batchBytes }: DescribedTopic): TopicSender {
    const sender =
      this.senders.get(topic) ?? new TopicSender(this.kafka, topic, { batchBytes, pendingBytes });
    this.senders.set(topic, sender);
    return sender;
  }

  private async partition(topic: string, shard: string): Promise<number> {
    const { partitions } = await this.topic(topic);
    const partition = partitionNumber(shard, partitions);
    if (partition === null) {
      throw unknownPartition(topic, shard, partitions);
    }
    return partition;
  }

  private async range(topic: string, partition: number): Promise<OffsetRange> {
    const doing = `Asking for the offsets of ${topic}/${partition}`;
    const offsets = await this.ask(doing, (admin) => admin.fetchTopicOffsets(topic));
    const found = offsets.find((offset) => offset.partition === partition);
    if (!found) {
      throw unknownPartition(topic, String(partition), offsets.length);
    }
    return { low: BigInt(found.low), high: BigInt(found.high) };
  }

  private async topic(topic: string): Promise<DescribedTopic> {
    const cached = this.describedTopics.get(topic);
    return cached && cached.until > Date.now() ? cached : this.describeTopic(topic);
  }

  private async describeTopic(topic: string): Promise<DescribedTopic> {
    const topics = await this.topics();
    if (!topics.includes(topic)) {
      const existing = topics.length === 0 ? 'It has no topics.' : `It has ${topics.join(', ')}.`;
      throw new LogError('unknown_topic', `${this.where} has no topic ${topic}. ${existing}`);
    }
    return this.ask(`Looking up the topic ${topic}`, async (admin) => {
      const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = metadata.topics[0]?.partitions.length ?? 0;
      const batchBytes = this.describedTopics.get(topic)?.batchBytes ?? (await this.batchBytes(admin, topic));
      const description = { partitions, batchBytes, until: Date.now() + topicAgeMilliseconds };
      this.describedTopics.set(topic, description);
      return description;
    });
  }

  private async batchBytes(admin: Admin, topic: string): Promise<number> {
    try {
      const wanted = { type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['max.message.bytes'] };
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [wanted],
      });
      return Number(resources[0]?.configEntries[0]?.configValue ?? defaultBatchBytes);
    } catch (error) {
      // An identity that may write need not be allowed to read a topic's settings.
      if (kafkaError(error, '').code === 'refused') {
        return defaultBatchBytes;
      }
      throw error;
    }
  }

  /** Asks, and asks once more with a new client when the answer is that the topic does not exist. */
  private async ask<T>(doing: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    const asked = this.admin;
    try {
      return await question(asked).catch(async (error) => {
        if (kafkaError(error, doing).code !== 'unknown_topic') {
          throw error;
        }
        await this.renewAdmin(asked);
        return question(this.admin);
      });
    } catch (error) {
      throw kafkaError(error, `${doing} in ${this.where}`);
    }
  }

  /**
   * Replaces the client. One of kafkajs keeps asking for every topic that it was ever asked about; when one of them is
   * deleted elsewhere, it answers every question with "no such topic".
   */
  private async renewAdmin(asked: Admin): Promise<void> {
    const fresh = this.kafka.admin();
    await fresh.connect();
    const isFirst = this.admin === asked;
    if (isFirst) {
      this.admin = fresh;
    }
    await (isFirst ? asked : fresh).disconnect();
  }
}

function partitionFor(topic: string, record: NewRecord, description: DescribedTopic, turn: number) {
  const key = record.key === undefined ? null : Buffer.from(record.key);
  const { value, traceparent } = record;
  const headers = traceparent === undefined ? undefined : { traceparent };
  const headerBytes = traceparent === undefined ? 0 : 'traceparent'.length + traceparent.length;
  const bytes = value.length + (key?.length ?? 0) + headerBytes + recordOverheadBytes;
  if (bytes > description.batchBytes) {
    const most = description.batchBytes - recordOverheadBytes;
    return new LogError(
      'too_large',
      `A record of ${value.length} bytes is more than ${topic} takes: ${most}.`,
    );
  }
  const partition = choosePartition(topic, record, description.partitions, turn);
  if (partition instanceof LogError) {
    return partition;
  }
  return { partition, bytes, message: { key, value: Buffer.from(value), ...(headers && { headers }) } };
}
