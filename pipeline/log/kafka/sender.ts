/**
 * Sends the records of one topic with an idempotent producer, acknowledged by all replicas. What arrives while a
 * request is under way goes into the next one together.
 */

import type { Kafka, Message, Producer } from 'kafkajs';
import { LogError } from '../log.ts';
import { kafkaError } from './errors.ts';
import { CompressionTypes } from './kafkajs.ts';

/** Bytes that Kafka adds to a record, at most, and to a batch. */
export const recordOverheadBytes = 96;

/** A record on its way to a partition. */
export interface Outgoing {
  readonly partition: number;
  readonly message: Message;
  readonly bytes: number;
  /** Called with the record's offset, or the reason why it has none. */
  readonly done: (result: string | LogError) => void;
}

/** The only sender of a topic. */
export class TopicSender {
  private readonly kafka: Kafka;
  private readonly topic: string;
  private readonly limits: { readonly batchBytes: number; readonly pendingBytes: number };
  private producer: Producer | null = null;
  private queue: Outgoing[] = [];
  private queuedBytes = 0;
  private sending: Promise<void> | null = null;

  /** @param limits `batchBytes`: what the broker takes for one partition in one request */
  constructor(
    kafka: Kafka,
    topic: string,
    limits: { readonly batchBytes: number; readonly pendingBytes: number },
  ) {
    this.kafka = kafka;
    this.topic = topic;
    this.limits = limits;
  }

  /** Takes records; each gets its result. @throws LogError `throttled` when too much waits already */
  send(records: readonly Outgoing[]): void {
    const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
    if (this.queuedBytes > 0 && this.queuedBytes + bytes > this.limits.pendingBytes) {
      throw new LogError(
        'throttled',
        `Kafka does not keep up: ${this.queuedBytes} bytes wait to be sent to ${this.topic}. Send slower.`,
      );
    }
    this.queue.push(...records);
    this.queuedBytes += bytes;
    this.sending ??= this.sendAll();
  }

  /** Sends what waits, and leaves. */
  async close(): Promise<void> {
    await this.sending;
    await this.producer?.disconnect();
    this.producer = null;
  }

  private async sendAll(): Promise<void> {
    while (this.queue.length > 0) {
      const group = this.takeGroup();
      try {
        await this.sendGroup(group);
      } catch (error) {
        await this.dropProducer();
        const failure = kafkaError(error, `Sending ${group.length} records to the topic ${this.topic}`);
        for (const { done } of group) {
          done(failure);
        }
      }
    }
    this.sending = null;
  }

  /** Records from the front of the queue, for no partition more than a broker takes in a batch. */
  private takeGroup(): Outgoing[] {
    const taken: Outgoing[] = [];
    const left: Outgoing[] = [];
    const bytesOf = new Map<number, number>();
    for (const record of this.queue) {
      const before = bytesOf.get(record.partition) ?? 0;
      const fits = before === 0 || before + record.bytes <= this.limits.batchBytes;
      // Once a record of a partition has to wait, so do those after it: order is kept.
      bytesOf.set(record.partition, fits ? before + record.bytes : Infinity);
      (fits ? taken : left).push(record);
    }
    this.queue = left;
    this.queuedBytes = left.reduce((sum, { bytes }) => sum + bytes, 0);
    return taken;
  }

  private async sendGroup(group: readonly Outgoing[]): Promise<void> {
    this.producer ??= await this.connect();
    const metadata = await this.producer.send({
      topic: this.topic,
      acks: -1,
      compression: CompressionTypes.None,
      messages: group.map(({ message, partition }) => ({ ...message, partition })),
    });
    const nextOffset = new Map(
      metadata.map(({ partition, baseOffset }) => [partition, BigInt(baseOffset ?? -1)]),
    );
    for (const { partition, done } of group) {
      const offset = nextOffset.get(partition) ?? -1n;
      nextOffset.set(partition, offset + 1n);
      done(offset >= 0n ? String(offset) : this.noOffset(partition));
    }
  }

  private async connect(): Promise<Producer> {
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
    });
    await producer.connect();
    return producer;
  }

  /**
   * After a request whose end is not known, kafkajs gives its sequence numbers to the next records; a broker that did
   * write the first ones takes the next for repeats and drops them. A new producer has a new identity.
   */
  private async dropProducer(): Promise<void> {
    const producer = this.producer;
    this.producer = null;
    await producer?.disconnect().catch(() => undefined);
  }

  private noOffset(partition: number): LogError {
    return new LogError('unavailable', `Kafka gave no offset for ${this.topic}/${partition}. Send again.`);
  }
}
