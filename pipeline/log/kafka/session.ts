/**
 * Reads one partition from an offset on. kafkajs reads only as a member of a consumer group, so each partition that is
 * read gets a group of its own (a name used once, no offsets committed, deleted at the end), whose assigner hands out
 * that partition alone; and whenever the group is joined, reading is put to the offset that is wanted next.
 */

import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage, PartitionAssigner } from 'kafkajs';
import { sleep } from '../../retry.ts';
import { LogError, type LogRecord } from '../log.ts';
import { Signal } from '../signal.ts';
import { kafkaError } from './errors.ts';
import { AssignerProtocol } from './kafkajs.ts';

const bufferBytes = 8 * 1024 * 1024;
const heartbeatMilliseconds = 3000;

/** The offsets that a partition holds: from `low` up to before `high`. */
export interface OffsetRange {
  readonly low: bigint;
  readonly high: bigint;
}

/** For how long a head before a record that was read is taken for an outdated one. */
const staleHeadMilliseconds = 10_000;

/**
 * The offsets that a partition holds. A broker that was killed knows its head from a checkpoint when it is back, and for a
 * moment gives one before records that it handed out already: it is asked again, and only what stays so was lost.
 * @param wanted the offset after the last record that was read
 */
export async function settledRange(
  range: () => Promise<OffsetRange>,
  wanted: bigint,
  patienceMilliseconds = staleHeadMilliseconds,
): Promise<OffsetRange> {
  const deadline = performance.now() + patienceMilliseconds;
  for (;;) {
    const offsets = await range();
    if (wanted <= offsets.high || performance.now() >= deadline) {
      return offsets;
    }
    await sleep(Math.min(200, patienceMilliseconds));
  }
}

/** The partition that a session reads, and its broker. */
export interface SessionTarget {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  /** Asks the broker. */
  readonly range: () => Promise<OffsetRange>;
  /** Deletes a group that nobody is in. */
  readonly deleteGroup: (group: string) => Promise<void>;
}

/** A sequential reader of a partition. */
export class PartitionSession {
  private readonly group = `pinterest-pipeline-reader-${randomUUID()}`;
  private readonly consumer: Consumer;
  private readonly arrivals = new Signal();
  private readonly room = new Signal();
  private buffer: LogRecord[] = [];
  private bufferedBytes = 0;
  /** The offset that the broker is asked for next. */
  private wanted: bigint;
  /** The offset that is handed out next. */
  private nextOffset: bigint;
  private high = 0n;
  private failure: LogError | null = null;
  private closed = false;

  private constructor(
    kafka: Kafka,
    private readonly target: SessionTarget,
  ) {
    this.wanted = target.from;
    this.nextOffset = target.from;
    this.consumer = kafka.consumer({
      groupId: this.group,
      partitionAssigners: [handOut(target.partition)],
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: 500,
      heartbeatInterval: heartbeatMilliseconds,
      maxBytesPerPartition: 4 * 1024 * 1024,
      // A session that broke is replaced by the next read, at the offset that the reader then asks for.
      retry: { restartOnFailure: async () => false },
    });
  }

  /** @throws LogError `expired` when the offset is not, or no longer, in the partition */
  static async open(kafka: Kafka, target: SessionTarget): Promise<PartitionSession> {
    const session = new PartitionSession(kafka, target);
    await session.checkRange();
    try {
      await session.start();
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** The offset of the next record. */
  get next(): bigint {
    return this.nextOffset;
  }

  /** Number of records from `next` on, as far as the broker has told. */
  get behind(): number {
    return Number(this.high > this.nextOffset ? this.high - this.nextOffset : 0n);
  }

  /** Takes records that have arrived, waiting for the first. @throws LogError when reading cannot continue here */
  async take(maximumBytes: number, waitMilliseconds: number): Promise<LogRecord[]> {
    if (this.buffer.length === 0 && this.failure === null) {
      await this.arrivals.wait(waitMilliseconds);
    }
    if (this.buffer.length === 0) {
      if (this.failure) {
        throw this.failure;
      }
      await this.checkRange();
      this.nextOffset = this.wanted;
      return [];
    }
    let bytes = 0;
    let count = 0;
    for (const { value } of this.buffer) {
      if (count > 0 && bytes + value.length > maximumBytes) {
        break;
      }
      bytes += value.length;
      count += 1;
    }
    const records = this.buffer.slice(0, count);
    this.buffer = this.buffer.slice(count);
    this.bufferedBytes -= bytes;
    // Offsets after the last record have no record: ends of transactions, or offsets that compaction left out.
    this.nextOffset = this.buffer.length === 0 ? this.wanted : BigInt(records.at(-1)?.position ?? 0) + 1n;
    this.room.wake(true);
    return records;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.arrivals.wake(false);
    this.room.wake(false);
    // Nothing can be lost here. A group that stays, because the broker is away or does not allow it to be deleted,
    // is empty, and Kafka removes it by itself.
    await this.consumer.disconnect().catch(() => undefined);
    await this.target.deleteGroup(this.group).catch(() => undefined);
  }

  private async start(): Promise<void> {
    const { topic, partition } = this.target;
    const consumer = this.consumer;
    consumer.on(consumer.events.GROUP_JOIN, () => {
      consumer.seek({ topic, partition, offset: String(this.wanted) });
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.fail(kafkaError(payload.error, `Reading ${this.name()}`));
    });
    // A batch of nothing but ends of transactions, and records of aborted ones, is not handed out.
    consumer.on(
      consumer.events.END_BATCH_PROCESS,
      ({ payload: { batchSize, lastOffset, highWatermark } }) => {
        if (batchSize === 0) {
          this.reach(BigInt(lastOffset) + 1n, BigInt(highWatermark));
          this.arrivals.wake(true);
        }
      },
    );
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.receive(payload),
    });
  }

  private async receive({ batch, resolveOffset, heartbeat, isRunning }: EachBatchPayload): Promise<void> {
    const first = batch.messages[0];
    // Not what was asked for: offsets that compaction or transactions left out; or kafkajs was told that the offset
    // is out of range, and went back to the beginning.
    if (first && BigInt(first.offset) !== this.wanted) {
      await this.checkRange().catch((error) => this.fail(error));
    }
    if (this.failure) {
      return;
    }
    for (const message of batch.messages) {
      this.keep(message);
    }
    this.reach(BigInt(batch.lastOffset()) + 1n, BigInt(batch.highWatermark));
    resolveOffset(batch.lastOffset());
    this.arrivals.wake(true);
    while (this.bufferedBytes > bufferBytes && isRunning() && !this.closed) {
      await this.room.wait(heartbeatMilliseconds);
      await heartbeat();
    }
  }

  /** Notes that everything before an offset was read. */
  private reach(next: bigint, high: bigint): void {
    if (next > this.wanted) {
      this.wanted = next;
    }
    this.high = high;
  }

  private keep(message: KafkaMessage): void {
    if (BigInt(message.offset) < this.wanted) {
      return;
    }
    const value = message.value ?? new Uint8Array();
    const traceparent = message.headers?.traceparent;
    this.bufferedBytes += value.length;
    this.buffer.push({
      position: message.offset,
      value,
      ...(message.value === null ? { isTombstone: true } : {}),
      key: message.key === null ? null : message.key.toString(),
      timestamp: Number(message.timestamp),
      ...(traceparent === undefined ? {} : { traceparent: String(traceparent) }),
    });
  }

  private async checkRange(): Promise<void> {
    const wanted = this.wanted;
    const { low, high } = await settledRange(this.target.range, wanted);
    this.high = high;
    if (wanted >= low && wanted <= high) {
      return;
    }
    throw new LogError(
      'expired',
      `Offset ${wanted} of ${this.name()} is not in Kafka, which holds ${low} up to before ${high}. ${
        wanted > high
          ? 'The topic was created again or cut since that offset was read.'
          : 'Retention removed it.'
      }`,
    );
  }

  private fail(failure: LogError): void {
    this.failure ??= failure;
    this.arrivals.wake(false);
    this.room.wake(false);
  }

  private name(): string {
    return `${this.target.topic}/${this.target.partition}`;
  }
}

/** An assigner that gives a group's only member one partition of the topic. */
function handOut(partition: number): PartitionAssigner {
  const name = 'OnePartition';
  const version = 0;
  const userData = Buffer.alloc(0);
  return () => ({
    name,
    version,
    protocol: ({ topics }) => ({
      name,
      metadata: AssignerProtocol.MemberMetadata.encode({ version, topics, userData }),
    }),
    assign: async ({ members, topics }) =>
      members.map(({ memberId }) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version,
          assignment: Object.fromEntries(topics.map((topic) => [topic, [partition]])),
          userData,
        }),
      })),
  });
}
