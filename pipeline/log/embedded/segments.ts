/**
 * The segment files of one partition, for reading. A segment is named after the offset of its first record
 * (`00000000000000000042.log`), ends where the next begins, and only the last one grows.
 */

import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LogError, type LogRecord } from '../log.ts';
import { decodeRecord, recordHeaderBytes, storedBytesAt } from './record.ts';

const anchorBytes = 64 * 1024;
const scanBytes = 1024 * 1024;

/** An offset and the byte of the file where its record begins. */
interface Anchor {
  readonly offset: number;
  readonly position: number;
}

/** One file of a partition. */
export interface Segment {
  readonly base: number;
  readonly path: string;
  /** Bytes of some records that were read so far, ascending; the first is the file's beginning. */
  readonly anchors: Anchor[];
  /** Ends of the last reads, where sequential readers continue. */
  readonly resume: Map<number, number>;
}

/** The path of the segment that begins with an offset. */
export function segmentAt(folder: string, base: number): Segment {
  const path = join(folder, `${String(base).padStart(20, '0')}.log`);
  return { base, path, anchors: [{ offset: base, position: 0 }], resume: new Map() };
}

/** The segments of a partition's folder, oldest first. Segments that were listed before keep their anchors. */
export async function listSegments(folder: string, previous: readonly Segment[] = []): Promise<Segment[]> {
  const byBase = new Map(previous.map((segment) => [segment.base, segment]));
  const bases = (await readdir(folder)).flatMap((name) => {
    const match = /^([0-9]{20})\.log$/.exec(name);
    return match ? [Number(match[1])] : [];
  });
  return bases.sort((a, b) => a - b).map((base) => byBase.get(base) ?? segmentAt(folder, base));
}

/** The end of the whole records of a segment. */
export interface SegmentEnd {
  /** The offset after its last whole record. */
  readonly offset: number;
  /** Bytes that its whole records take. */
  readonly position: number;
  /** Bytes of the file. */
  readonly size: number;
}

/**
 * Reads a whole segment and finds the end of its whole records; bytes after it were cut off or are damaged.
 * @param acknowledged records before this offset are taken to be whole: reading them checks them
 */
export async function findEnd(segment: Segment, acknowledged = segment.base): Promise<SegmentEnd> {
  const file = await open(segment.path, 'r');
  try {
    const { size } = await file.stat();
    let { offset, position } = await skip(file, segment, acknowledged);
    for (;;) {
      const step = await readStep(file, segment, { offset, position }, scanBytes, size, Infinity);
      if (step.records.length === 0) {
        return { offset, position, size };
      }
      ({ offset, position } = step.next);
    }
  } finally {
    await file.close();
  }
}

/** Goes from record to record, by their lengths alone, up to an offset or to where none is whole. */
async function skip(file: FileHandle, segment: Segment, to: number): Promise<Anchor> {
  let { offset, position }: Anchor = { offset: segment.base, position: 0 };
  for (let began = -1; offset < to && position > began; ) {
    began = position;
    const chunk = await readAt(file, began, scanBytes);
    while (offset < to) {
      const bytes = storedBytesAt(chunk, position - began);
      if (bytes === null || position - began + bytes > chunk.length) {
        break;
      }
      offset += 1;
      position += bytes;
      rememberAnchor(segment, offset, position);
    }
  }
  return { offset, position };
}

/**
 * Reads records of a segment from an offset on, until `end` (exclusive), the segment's end, or `maximumBytes` of
 * values; at least one when there is one.
 * @throws LogError `damaged` when a record before `end` is damaged
 */
export async function readSegment(
  segment: Segment,
  from: number,
  end: number,
  maximumBytes: number,
): Promise<LogRecord[]> {
  const file = await open(segment.path, 'r');
  try {
    const { size } = await file.stat();
    let at = nearestBefore(segment, from);
    for (;;) {
      const step = await readStep(file, segment, at, Math.max(maximumBytes, anchorBytes), size, end);
      if (step.records.length === 0) {
        if (at.position < size && at.offset < end) {
          throw damaged(segment, at);
        }
        return [];
      }
      at = step.next;
      if (at.offset > from) {
        const wanted = step.records.slice(Math.max(0, step.records.length - (at.offset - from)));
        const taken = upTo(maximumBytes, wanted);
        if (taken.length === wanted.length) {
          rememberResume(segment, at);
        }
        return taken;
      }
    }
  } finally {
    await file.close();
  }
}

function upTo(maximumBytes: number, records: LogRecord[]): LogRecord[] {
  let bytes = 0;
  const tooMany = records.findIndex(({ value }, index) => {
    bytes += value.length;
    return index > 0 && bytes > maximumBytes;
  });
  return tooMany < 0 ? records : records.slice(0, tooMany);
}

interface Step {
  readonly records: LogRecord[];
  readonly next: Anchor;
}

async function readStep(
  file: FileHandle,
  segment: Segment,
  from: Anchor,
  wantedBytes: number,
  size: number,
  end: number,
): Promise<Step> {
  let chunk = await readAt(file, from.position, Math.min(wantedBytes, size - from.position));
  const first = storedBytesAt(chunk, 0);
  if (first !== null && first > chunk.length && from.position + first <= size) {
    chunk = await readAt(file, from.position, first);
  }
  const records: LogRecord[] = [];
  let { offset, position } = from;
  while (offset < end && position - from.position + recordHeaderBytes <= chunk.length) {
    const stored = decodeRecord(chunk, position - from.position, offset);
    if (stored === null) {
      break;
    }
    records.push(stored.record);
    offset += 1;
    position += stored.bytes;
    rememberAnchor(segment, offset, position);
  }
  return { records, next: { offset, position } };
}

async function readAt(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.max(0, bytes));
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) {
      break;
    }
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function nearestBefore(segment: Segment, offset: number): Anchor {
  const resumed = segment.resume.get(offset);
  if (resumed !== undefined) {
    return { offset, position: resumed };
  }
  let low = 0;
  let high = segment.anchors.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((segment.anchors[middle]?.offset ?? Infinity) <= offset) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return segment.anchors[low] ?? { offset: segment.base, position: 0 };
}

function rememberAnchor({ anchors }: Segment, offset: number, position: number): void {
  const last = anchors.at(-1);
  if (last !== undefined && position >= last.position + anchorBytes) {
    anchors.push({ offset, position });
  }
}

const rememberedReaders = 16;

function rememberResume(segment: Segment, { offset, position }: Anchor): void {
  segment.resume.delete(offset);
  segment.resume.set(offset, position);
  const oldest = segment.resume.keys().next();
  if (segment.resume.size > rememberedReaders && !oldest.done) {
    segment.resume.delete(oldest.value);
  }
}

/** The error for a partition that holds nothing, though its watermark says that it did. */
export function lostSegments(folder: string, watermark: number): LogError {
  return new LogError(
    'damaged',
    `The log has lost its files: ${folder} holds no segment, but offsets before ${watermark} were acknowledged. Restore the folder from a copy, or write to another log. Nothing was changed.`,
  );
}

function damaged(segment: Segment, { offset, position }: Anchor): LogError {
  return new LogError(
    'damaged',
    `The log is damaged: ${segment.path} holds no whole record at byte ${position}, where offset ${offset} was written. Restore the file from a copy.`,
  );
}
