/**
 * The log for one machine: append-only files in a folder, nothing to install.
 *
 *     DIR/topics/<topic>/<partition>/00000000000000000000.log, …   records, from that offset on
 *     DIR/topics/<topic>/<partition>/high_watermark                the offset up to which they are safe
 *     DIR/writer.lock                                              the one process that writes
 *
 * Appended records survive a kill and a power cut. Other processes may read while one writes.
 */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasWriter, lockForWriting, type WriterLock } from '../storage/lock.ts';
import { Follower } from './embedded/follower.ts';
import { type Partition, PartitionReader } from './embedded/partition.ts';
import type { PendingRecord } from './embedded/record.ts';
import { openSegmentFile } from './embedded/segment_file.ts';
import {
  countPartitions,
  listTopicFolders,
  makeTopicFolder,
  removeHalfDone,
  setTopicFolderAside,
  topicFolder,
} from './embedded/topic_folders.ts';
import { asLogError, makeFolder, PartitionWriter, type WriterSettings } from './embedded/writer.ts';
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

const mebibyte = 1024 * 1024;
const maximumPartitions = 1000;
const topicName = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/;

/** Settings of an embedded log. */
export interface EmbeddedSettings extends WriterSettings {
  /** Follows a log that another process writes, or none: nothing can be appended. Default: false. */
  readonly readOnly: boolean;
  /** A larger value is refused with `too_large`. Default: 16 MiB, the longest line that the pipeline reads. */
  readonly maximumValueBytes: number;
}

const defaults: EmbeddedSettings = {
  readOnly: false,
  maximumValueBytes: 16 * mebibyte,
  segmentBytes: 64 * mebibyte,
  retentionBytes: Infinity,
  pendingBytes: 64 * mebibyte,
  waitMilliseconds: 5000,
  openFile: openSegmentFile,
  onRepair: (message) => process.emitWarning(message),
};

interface OpenPartition {
  /** Null when the log is only read. */
  readonly writer: PartitionWriter | null;
  readonly partition: Partition;
  readonly reader: PartitionReader;
}

/** A log in a folder. */
export class EmbeddedLog implements EventLog {
  private readonly openTopics = new Map<string, Promise<readonly OpenPartition[]>>();
  private readonly roundRobin = new RoundRobin();
  private closing: Promise<void> | null = null;

  private constructor(
    private readonly folder: string,
    private readonly settings: EmbeddedSettings,
    private readonly lock: WriterLock | null,
  ) {}

  /**
   * Opens the log of a folder, which is created if it does not exist, and cuts off what a kill left half written.
   * @throws LogError `refused` when another process writes to it, `unavailable` when the folder cannot be used,
   * `damaged` when what was acknowledged is
   */
  static async open(folder: string, changes: Partial<EmbeddedSettings> = {}): Promise<EmbeddedLog> {
    const settings = { ...defaults, ...changes };
    if (settings.readOnly) {
      const reading = new EmbeddedLog(folder, settings, null);
      await reading.topics();
      return reading;
    }
    let log: EmbeddedLog | undefined;
    try {
      await makeFolder(join(folder, 'topics'));
      log = new EmbeddedLog(folder, settings, lockForWriting({ ...lockFile(folder), what: 'log' }));
      await removeHalfDone(folder);
      for (const topic of await log.topics()) {
        await log.openTopic(topic);
      }
      return log;
    } catch (error) {
      await log?.close();
      throw asLogError(error, `Opening the log ${folder}`);
    }
  }

  async topics(): Promise<readonly string[]> {
    return (await listTopicFolders(this.folder)).sort();
  }

  async shards(topic: string): Promise<readonly Shard[]> {
    const partitions = await this.openTopic(topic);
    return partitions.map((_, partition) => ({ id: String(partition), parents: [] }));
  }

  async createTopic(topic: string, shards: number): Promise<boolean> {
    if (this.lock === null) {
      throw this.readOnly();
    }
    if (!topicName.test(topic)) {
      throw new LogError(
        'refused',
        `"${topic}" is not a name of a topic: use 1 to 249 letters, digits, ".", "_" and "-".`,
      );
    }
    if (!Number.isInteger(shards) || shards < 1 || shards > maximumPartitions) {
      throw new LogError(
        'refused',
        `The topic ${topic} cannot have ${shards} partitions: ask for 1 to ${maximumPartitions}.`,
      );
    }
    if (this.openTopics.has(topic)) {
      await this.openTopics.get(topic);
      return false;
    }
    const creating = this.makeTopic(topic, shards);
    this.openTopics.set(topic, creating);
    try {
      await creating;
      return true;
    } catch (error) {
      this.openTopics.delete(topic);
      throw asLogError(error, `Making the topic ${topic} in ${this.folder}`);
    }
  }

  private async makeTopic(topic: string, shards: number): Promise<readonly OpenPartition[]> {
    await this.topics();
    await makeTopicFolder(this.folder, topic, shards);
    try {
      return await this.openPartitions(topic);
    } catch (error) {
      // A topic that cannot be opened now, as when files are used up, would keep the log from opening ever after.
      const aside = await setTopicFolderAside(this.folder, topic);
      if (aside !== null) {
        await rm(aside, { recursive: true });
      }
      throw error;
    }
  }

  async deleteTopic(topic: string): Promise<void> {
    if (this.lock === null) {
      throw this.readOnly();
    }
    const partitions = await this.openTopic(topic);
    try {
      const aside = await setTopicFolderAside(this.folder, topic);
      // Null: another call was faster.
      if (aside === null) {
        throw await this.unknownTopic(topic);
      }
      this.openTopics.delete(topic);
      await Promise.all(partitions.map(({ partition }) => partition.close()));
      await rm(aside, { recursive: true });
    } catch (error) {
      throw asLogError(error, `Deleting the topic ${topic} in ${this.folder}`);
    }
  }

  async append(topic: string, records: readonly NewRecord[]): Promise<readonly AppendResult[]> {
    if (this.lock === null) {
      throw this.readOnly();
    }
    const partitions = await this.openTopic(topic);
    const results: AppendResult[] = new Array(records.length);
    const groups = new Map<number, { indexes: number[]; records: PendingRecord[] }>();
    const turn = this.roundRobin.next(topic, partitions.length);
    for (const [index, record] of records.entries()) {
      const chosen = this.partitionFor(topic, record, partitions.length, turn);
      if (chosen instanceof LogError) {
        results[index] = { error: chosen };
        continue;
      }
      const group = groups.get(chosen.partition) ?? { indexes: [], records: [] };
      groups.set(chosen.partition, group);
      group.indexes.push(index);
      group.records.push({ key: chosen.key, value: record.value, traceparent: record.traceparent });
    }
    await Promise.all(
      [...groups].map(async ([partition, group]) => {
        const shard = String(partition);
        const first = await appendTo(partitions[partition], group.records);
        for (const [order, index] of group.indexes.entries()) {
          results[index] =
            first instanceof LogError ? { error: first } : { shard, position: String(first + order) };
        }
      }),
    );
    return takenOrThrow(results);
  }

  async earliest(topic: string, shard: string): Promise<string> {
    return String(await (await this.partition(topic, shard)).reader.earliest());
  }

  async latest(topic: string, shard: string): Promise<string> {
    return String((await this.partition(topic, shard)).partition.end());
  }

  async read(
    topic: string,
    shard: string,
    from: string,
    limits: { readonly maximumBytes: number; readonly waitMilliseconds: number },
  ): Promise<ReadResult> {
    const { reader } = await this.partition(topic, shard);
    const offset = Number(offsetOf(topic, shard, from));
    return reader.read(offset, limits.maximumBytes, limits.waitMilliseconds);
  }

  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    const opened = await Promise.allSettled(this.openTopics.values());
    const partitions = opened.flatMap((topic) => (topic.status === 'fulfilled' ? topic.value : []));
    await Promise.all(partitions.map(({ partition }) => partition.close()));
    this.lock?.release();
  }

  private partitionFor(topic: string, record: NewRecord, partitions: number, turn: number) {
    if (record.value.length > this.settings.maximumValueBytes) {
      return new LogError(
        'too_large',
        `A record of ${record.value.length} bytes is more than ${topic} takes: ${this.settings.maximumValueBytes}.`,
      );
    }
    const partition = choosePartition(topic, record, partitions, turn);
    if (partition instanceof LogError) {
      return partition;
    }
    return { partition, key: record.key === undefined ? null : Buffer.from(record.key) };
  }

  private async partition(topic: string, shard: string): Promise<OpenPartition> {
    const partitions = await this.openTopic(topic);
    const number = partitionNumber(shard, partitions.length);
    const found = number === null ? undefined : partitions[number];
    if (found === undefined) {
      throw unknownPartition(topic, shard, partitions.length);
    }
    return found;
  }

  private async openTopic(topic: string): Promise<readonly OpenPartition[]> {
    // A reader that was answered with nothing would ask again at once, without end.
    if (this.closing !== null) {
      throw new LogError('unavailable', `The log ${this.folder} was closed.`);
    }
    const existing = this.openTopics.get(topic);
    const partitions = await existing;
    if (partitions && !partitions.some(({ partition }) => partition.wasDeleted())) {
      return partitions;
    }
    if (partitions && this.openTopics.get(topic) === existing) {
      this.openTopics.delete(topic);
      for (const { partition } of partitions) {
        await partition.close();
      }
    }
    if (!(await this.topics()).includes(topic)) {
      throw await this.unknownTopic(topic);
    }
    // Another call may have begun to open it while this one looked.
    const opening = this.openTopics.get(topic) ?? this.openPartitions(topic);
    this.openTopics.set(topic, opening);
    return opening;
  }

  private async unknownTopic(topic: string): Promise<LogError> {
    const names = await this.topics();
    const existing = names.length === 0 ? 'It has no topics.' : `It has ${names.join(', ')}.`;
    return new LogError('unknown_topic', `The log ${this.folder} has no topic ${topic}. ${existing}`);
  }

  private async openPartitions(topic: string): Promise<readonly OpenPartition[]> {
    const folder = topicFolder(this.folder, topic);
    const count = await countPartitions(folder);
    const opened: OpenPartition[] = [];
    try {
      for (let partition = 0; partition < count; partition++) {
        opened.push(await this.openPartition(`${topic}/${partition}`, join(folder, String(partition))));
      }
      return opened;
    } catch (error) {
      await Promise.all(opened.map(({ partition }) => partition.close()));
      throw error;
    }
  }

  private async openPartition(name: string, folder: string): Promise<OpenPartition> {
    const writer = this.lock === null ? null : await PartitionWriter.open(name, folder, this.settings);
    const partition = writer ?? (await Follower.open(folder, () => hasWriter(lockFile(this.folder))));
    return { writer, partition, reader: new PartitionReader(name, folder, partition) };
  }

  private readOnly(): LogError {
    return new LogError('refused', `The log ${this.folder} was opened to be read only.`);
  }
}

function lockFile(folder: string): { folder: string; fileName: string } {
  return { folder, fileName: 'writer.lock' };
}

async function appendTo(
  open: OpenPartition | undefined,
  records: readonly PendingRecord[],
): Promise<number | LogError> {
  if (!open?.writer) {
    return new LogError('refused', 'The log was opened to be read only.');
  }
  try {
    return await open.writer.append(records);
  } catch (error) {
    return asLogError(error, 'Appending');
  }
}
