/**
 * Writes one partition. Appends that arrive while a write is under way go into the next one together (group commit):
 * each group is one write and one fdatasync, and no append resolves before both are done.
 */

import { rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolders, syncFolder } from '../../storage/durable_files.ts';
import { errorCode, LockedError } from '../../storage/error.ts';
import { LogError } from '../log.ts';
import { Signal } from '../signal.ts';
import { type AppendGroup, AppendQueue, bytesOf } from './append_queue.ts';
import type { Partition } from './partition.ts';
import { encodeRecords, type PendingRecord } from './record.ts';
import type { SegmentFile } from './segment_file.ts';
import { findEnd, listSegments, lostSegments, type Segment, segmentAt } from './segments.ts';
import { WatermarkReader, WatermarkWriter } from './watermark.ts';

/** Sizes of a partition, bytes. */
export interface WriterSettings {
  /** A segment that has reached this is followed by another. */
  readonly segmentBytes: number;
  /** The oldest segment is removed as long as the others hold at least this much. */
  readonly retentionBytes: number;
  /** Limit of the records that wait to be written; appends beyond it are throttled. */
  readonly pendingBytes: number;
  /** Limit of the time for which an append waits for its turn, and of that for which it is then written, in milliseconds. */
  readonly waitMilliseconds: number;
  readonly openFile: (path: string) => Promise<SegmentFile>;
  /** Called when a tail that a kill left half written was cut off. */
  readonly onRepair: (message: string) => void;
}

interface Active {
  readonly file: SegmentFile;
  bytes: number;
}

/** The only writer of a partition. */
export class PartitionWriter implements Partition {
  private readonly name: string;
  private readonly folder: string;
  private readonly settings: WriterSettings;
  private readonly watermark: WatermarkWriter;
  private readonly waiters = new Signal();
  private readonly queue = new AppendQueue();
  private underWay: AppendGroup | null = null;
  private writing: Promise<void> | null = null;
  private active: Active | null;
  private endOffset: number;
  private closed = false;
  /** The failure after which nothing more is written, because the disk can no longer be trusted. */
  private broken: LogError | null = null;

  private constructor(
    name: string,
    folder: string,
    settings: WriterSettings,
    found: { active: Active | null; end: number },
  ) {
    this.name = name;
    this.folder = folder;
    this.settings = settings;
    this.active = found.active;
    this.endOffset = found.end;
    this.watermark = new WatermarkWriter(folder);
    this.watermark.write(found.end);
  }

  /**
   * Opens a partition's folder and cuts off what a kill left half written.
   * @throws LogError `damaged` when records that were acknowledged are damaged or gone
   */
  static async open(name: string, folder: string, settings: WriterSettings): Promise<PartitionWriter> {
    const last = (await listSegments(folder)).at(-1);
    const watermark = new WatermarkReader(folder);
    const acknowledged = watermark.read();
    watermark.close();
    if (last === undefined && acknowledged > 0) {
      throw lostSegments(folder, acknowledged);
    }
    const found = last ? await recover(last, acknowledged, settings) : { active: null, end: 0 };
    return new PartitionWriter(name, folder, settings, found);
  }

  end(): number {
    return this.endOffset;
  }

  async grownBeyond(offset: number, waitMilliseconds: number): Promise<boolean> {
    if (this.endOffset > offset) {
      return true;
    }
    return this.closed ? false : this.waiters.wait(waitMilliseconds);
  }

  /** Always false: only the writer deletes. */
  wasDeleted(): boolean {
    return false;
  }

  /**
   * Appends records; resolves with the offset of the first when all are safe on disk.
   * @throws LogError `throttled` when the disk does not keep up: none of them is kept, unless this process is killed before
   * it has cut them off
   */
  append(records: readonly PendingRecord[]): Promise<number> {
    if (this.closed) {
      return Promise.reject(new LogError('unavailable', 'The log was closed.'));
    }
    const waiting = this.queue.bytes;
    if (waiting > 0 && waiting + bytesOf(records) > this.settings.pendingBytes) {
      const message = `The disk does not keep up: ${waiting} bytes wait to be written to ${this.name}. Send slower.`;
      return Promise.reject(new LogError('throttled', message));
    }
    const appended = this.queue.add(records);
    this.writing ??= this.writeAll();
    return appended;
  }

  /** Writes what was appended before, then takes no more. */
  async close(): Promise<void> {
    this.closed = true;
    this.waiters.wake(false);
    await this.writing;
    await this.active?.file.close();
    this.active = null;
    this.watermark.close();
  }

  private async writeAll(): Promise<void> {
    const watch = setInterval(() => this.refuseLate(), this.settings.waitMilliseconds / 10);
    while (!this.queue.isEmpty()) {
      const group = this.queue.takeGroup();
      this.underWay = group;
      try {
        group.resolve(await this.writeGroup(group));
      } catch (error) {
        group.refuse(asLogError(error, `Writing to ${this.name}`));
      }
    }
    clearInterval(watch);
    this.underWay = null;
    this.writing = null;
  }

  /** Tells those who have waited too long, so that they need not wait for a disk that hardly moves. */
  private refuseLate(): void {
    const { waitMilliseconds } = this.settings;
    const message = `The disk does not keep up: nothing could be written to ${this.name} for ${waitMilliseconds / 1000} s. Send again later, and slower.`;
    const late = performance.now() - waitMilliseconds;
    const error = new LogError('throttled', message);
    this.queue.refuseSince(late, error);
    if (this.underWay !== null && this.underWay.refusal === null && this.underWay.since <= late) {
      this.underWay.refuse(error);
    }
  }

  private async writeGroup(group: AppendGroup): Promise<number> {
    if (this.broken) {
      throw this.broken;
    }
    const { records } = group;
    const first = this.endOffset;
    const buffer = encodeRecords(records, first, Date.now());
    const active = await this.roomFor(buffer.length);
    try {
      await active.file.write(buffer, active.bytes);
      await active.file.datasync();
      // Whoever was refused sends again: what is on disk by now would be there twice.
      if (group.refusal !== null) {
        throw group.refusal;
      }
      // Nobody would find what was written into a file that was removed or moved.
      this.requireInPlace();
      this.watermark.write(first + records.length);
    } catch (error) {
      await this.takeBack(active, error);
      throw error;
    }
    active.bytes += buffer.length;
    this.endOffset += records.length;
    this.waiters.wake(true);
    return first;
  }

  /** Cuts off a group that did not get through. Where even that fails, the file's state is unknown: stop writing. */
  private async takeBack(active: Active, cause: unknown): Promise<void> {
    if (this.broken) {
      return;
    }
    try {
      await active.file.truncate(active.bytes);
      await active.file.datasync();
    } catch (error) {
      this.broken = new LogError(
        'unavailable',
        `${this.name} takes no more records: a failed write could not be taken back (${String(error)}). Put the disk right and start again.`,
        { cause },
      );
    }
  }

  private requireInPlace(): void {
    const isGone = this.active?.file.isInPlace() === false ? 'its segment' : 'its watermark';
    if (isGone === 'its segment' || !this.watermark.isInPlace()) {
      this.broken = new LogError(
        'unavailable',
        `${this.name} takes no more records: ${isGone} in ${this.folder} is no longer the file that was opened. The folder was removed, moved or replaced while the log was written. Put it back, then start again.`,
      );
      throw this.broken;
    }
  }

  private async roomFor(bytes: number): Promise<Active> {
    const previous = this.active;
    if (previous && (previous.bytes === 0 || previous.bytes + bytes <= this.settings.segmentBytes)) {
      return previous;
    }
    // A segment must not get into a folder that another process made in the place of this one.
    this.requireInPlace();
    const file = await this.settings.openFile(segmentAt(this.folder, this.endOffset).path);
    const active = { file, bytes: 0 };
    this.active = active;
    await previous?.file.close();
    await syncFolder(this.folder);
    await this.retain();
    return active;
  }

  private async retain(): Promise<void> {
    if (this.settings.retentionBytes === Infinity) {
      return;
    }
    const segments = await Promise.all(
      (await listSegments(this.folder)).map(async (segment) => ({
        path: segment.path,
        size: await sizeOf(segment),
      })),
    );
    let remaining = segments.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of segments.slice(0, -1)) {
      remaining -= size;
      if (remaining < this.settings.retentionBytes) {
        return;
      }
      await rm(path);
    }
  }
}

async function recover(
  last: Segment,
  watermark: number,
  settings: WriterSettings,
): Promise<{ active: Active; end: number }> {
  const { offset, position, size } = await findEnd(last);
  if (offset < watermark) {
    throw new LogError(
      'damaged',
      `The log is damaged: ${last.path} holds no whole record at byte ${position}, but offsets ${offset} to ${watermark - 1} were acknowledged. Restore the file from a copy; nothing was changed.`,
    );
  }
  const file = await settings.openFile(last.path);
  if (size > position) {
    await file.truncate(position);
    settings.onRepair(
      `${last.path}: ${size - position} bytes after offset ${offset} were half written when the writer ended, and are cut off. They were not acknowledged.`,
    );
  }
  // Records that a killed writer left only in the page cache must be on disk before they count.
  await file.datasync();
  return { active: { file, bytes: position }, end: offset };
}

async function sizeOf({ path }: Segment): Promise<number> {
  return (await stat(path)).size;
}

/** Creates a folder whose entry in its parent survives a power cut. */
export async function makeFolder(folder: string): Promise<void> {
  await makeFolders(folder);
  await syncFolder(dirname(folder));
}

/** Turns a system's error into the log's terms. */
export function asLogError(error: unknown, doing: string): LogError {
  if (error instanceof LogError) {
    return error;
  }
  if (error instanceof LockedError) {
    return new LogError('refused', error.message, { cause: error });
  }
  const code = errorCode(error) ?? (error instanceof Error ? errorCode(error.cause) : undefined) ?? '';
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code)) {
    return new LogError(
      'full',
      `${doing} failed: the disk is full (${code}). Nothing of it was kept. Free space and send again.`,
      {
        cause: error,
      },
    );
  }
  return new LogError('unavailable', `${doing} failed: ${String(error)}.`, { cause: error });
}
