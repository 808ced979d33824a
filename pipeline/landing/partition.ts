/**
 * Writes one partition's records as landing files, exactly once, with no other memory than the files.
 *
 * A file exists whole or not at all, is named after the offset of its first line, and holds one line for each offset from
 * there on (where the log leaves offsets out or has a tombstone, a new file begins). So the last file's name and number of
 * lines tell the next offset, unless an erasure has kept it in an empty hidden file. Where files end may differ from one run to the next: records that were not landed are cut into files again.
 */

import { type LogRecord, mostTraceparents } from '../log/log.ts';
import { StorageError } from '../storage/error.ts';
import type { ObjectStore } from '../storage/object_store.ts';
import { landingFile, landingPartition, parseLandingFile } from './layout.ts';
import { holdsEvents, LandingError } from './reader.ts';

/** A file never waits for more than this, so that memory stays bounded whatever the records' size. */
const maximumFileBytes = 16 * 1024 * 1024;

/** Limits at which a file is written. */
export interface Rotation {
  /** Records of a full file. */
  readonly flushSize: number;
  /** A file that is not full is written this long after its first record came. */
  readonly rotateMilliseconds: number;
}

/** A landing file that was written. */
export interface LandedFile {
  readonly path: string;
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: bigint;
  readonly records: number;
  readonly bytes: number;
  /** Time that the write took. */
  readonly milliseconds: number;
  /** Spans that sent its records, `mostTraceparents` of them at most. */
  readonly traceparents: readonly string[];
}

/** Totals since the start. */
export interface LandedTotals {
  records: number;
  files: number;
  bytes: number;
}

/** The landing of one partition. */
export class PartitionLanding {
  readonly totals: LandedTotals = { records: 0, files: 0, bytes: 0 };
  private lines: Uint8Array[] = [];
  private records = 0;
  private bytes = 0;
  private traceparents = new Set<string>();
  private firstOffset: bigint;
  private dueAt = Infinity;
  private landedEnd: bigint;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: ObjectStore,
    private readonly name: { readonly topic: string; readonly partition: number },
    private readonly rotation: Rotation,
    next: bigint,
    private readonly onLanded?: ((file: LandedFile) => void) | undefined,
  ) {
    this.firstOffset = next;
    this.landedEnd = next;
  }

  /** The offset to read next. */
  get next(): bigint {
    return this.firstOffset + BigInt(this.records);
  }

  /** Everything before this offset is in files. */
  get landed(): bigint {
    return this.landedEnd;
  }

  /** Records that came and are in no file yet. */
  get waiting(): number {
    return Number(this.next - this.landedEnd);
  }

  /** The time by which the current file must be written, by `performance.now()`; Infinity when it has no record. */
  get due(): number {
    return this.dueAt;
  }

  /** Takes records that were read at `next`, and writes the files that they fill. */
  async add(records: readonly LogRecord[]): Promise<void> {
    for (const { position, value, isTombstone, traceparent } of records) {
      const offset = BigInt(position);
      if (offset < this.next) {
        throw new LandingError(`The log gave offset ${offset} again, after ${this.next}.`);
      }
      if (offset > this.next) {
        await this.skipTo(offset);
      }
      if (isTombstone) {
        // As Confluent's sink does with `behavior.on.null.values=ignore`.
        await this.skipTo(offset + 1n);
        continue;
      }
      if (this.records === 0) {
        this.dueAt = performance.now() + this.rotation.rotateMilliseconds;
      }
      if (traceparent !== undefined && this.traceparents.size < mostTraceparents) {
        this.traceparents.add(traceparent);
      }
      this.lines.push(asOneLine(value), lineEnd);
      this.bytes += value.length + 1;
      this.records += 1;
      if (this.records >= this.rotation.flushSize || this.bytes >= maximumFileBytes) {
        await this.flush();
      }
    }
  }

  /** Passes over offsets that have no event. */
  private async skipTo(offset: bigint): Promise<void> {
    await this.flush();
    this.firstOffset = offset;
    this.landedEnd = offset;
  }

  /** Writes the current file. Resolves when all files begun before exist, too. */
  flush(): Promise<void> {
    if (this.records > 0) {
      const { topic, partition } = this.name;
      const { lines, next: end, firstOffset, records, bytes } = this;
      const path = landingFile(topic, partition, firstOffset);
      const traceparents = [...this.traceparents];
      this.firstOffset = end;
      this.lines = [];
      this.records = 0;
      this.bytes = 0;
      this.traceparents = new Set();
      this.dueAt = Infinity;
      this.writing = this.writing.then(async () => {
        const start = performance.now();
        await putLandingFile(this.store, path, lines);
        this.landedEnd = end;
        this.totals.records += records;
        this.totals.bytes += bytes;
        this.totals.files += 1;
        const milliseconds = performance.now() - start;
        this.onLanded?.({ path, topic, partition, firstOffset, records, bytes, milliseconds, traceparents });
      });
    }
    return this.writing;
  }
}

/** @throws LandingError when the storage fails, or holds a file of that name with other content */
async function putLandingFile(store: ObjectStore, path: string, lines: readonly Uint8Array[]): Promise<void> {
  const isWritten = await store.putIfAbsent(path, Buffer.concat(lines)).catch((error: unknown) => {
    throw error instanceof StorageError
      ? new LandingError(
          `${error.message} Then start again: nothing is lost, the log still has the records.`,
          {
            cause: error,
          },
        )
      : error;
  });
  if (!isWritten) {
    throw new LandingError(
      `${store.name}/${path} already exists with other content: another sink writes to ${store.name}. End one.`,
    );
  }
}

/** The end of all that a partition's files hold. */
export interface LandedEnd {
  /** The offset after the last record. */
  readonly next: bigint;
  /** The last file. */
  readonly path: string;
  /** The last record, without its line end; undefined when the file holds none. */
  readonly lastLine: Uint8Array | undefined;
}

/**
 * The end of all that a partition's files hold; null when there is none. Removes what a killed sink left unfinished:
 * its records are still in the log.
 * @throws LandingError when a file's name does not fit
 */
export async function landedBefore(
  store: ObjectStore,
  topic: string,
  partition: number,
): Promise<LandedEnd | null> {
  const folder = landingPartition(topic, partition);
  const names = (await store.list(folder)).map(({ name }) => name);
  for (const name of names) {
    if (name.endsWith('.tmp')) {
      await store.remove(`${folder}/${name}`);
    }
    if (holdsEvents(name) && parseLandingFile(`${folder}/${name}`) === null) {
      throw new LandingError(
        `${folder}/${name} is not a landing file of this sink: move it away, so that the next offset can be told.`,
      );
    }
  }
  return endOf(store, folder, names);
}

/**
 * Keeps a partition's next offset in an empty file of a hidden name, which `landedBefore` finds: before its landing files lose lines
 * or are removed.
 */
export async function keepNextOffset(store: ObjectStore, topic: string, partition: number): Promise<void> {
  const folder = landingPartition(topic, partition);
  const names = (await store.list(folder)).map(({ name }) => name);
  const end = await endOf(store, folder, names);
  const kept = `.next+${String(end?.next ?? 0n).padStart(10, '0')}`;
  if (end !== null && !names.includes(kept)) {
    await store.put(`${folder}/${kept}`, new Uint8Array());
    for (const name of names.filter((other) => keptOffset(other) !== undefined)) {
      await store.remove(`${folder}/${name}`);
    }
  }
}

function keptOffset(name: string): bigint | undefined {
  const offset = /^\.next\+([0-9]{10,19})$/.exec(name)?.[1];
  return offset === undefined ? undefined : BigInt(offset);
}

/** The end of what files in a partition's folder hold. */
async function endOf(
  store: ObjectStore,
  folder: string,
  names: readonly string[],
): Promise<LandedEnd | null> {
  let last: { path: string; firstOffset: bigint } | null = null;
  let kept: LandedEnd | null = null;
  for (const name of names) {
    const path = `${folder}/${name}`;
    const firstOffset = holdsEvents(name) ? parseLandingFile(path)?.firstOffset : undefined;
    if (firstOffset !== undefined && firstOffset > (last?.firstOffset ?? -1n)) {
      last = { path, firstOffset };
    }
    const next = keptOffset(name);
    if (next !== undefined && next > (kept?.next ?? -1n)) {
      kept = { next, path, lastLine: undefined };
    }
  }
  if (last === null) {
    return kept;
  }
  const bytes = (await store.read(last.path)) ?? new Uint8Array();
  const next = last.firstOffset + BigInt(lineEndsIn(bytes));
  if (kept !== null && kept.next > next) {
    return kept;
  }
  const end = bytes.lastIndexOf(0x0a);
  const lastLine = end < 0 ? undefined : bytes.subarray(bytes.lastIndexOf(0x0a, end - 1) + 1, end);
  return { next, path: last.path, lastLine };
}

function lineEndsIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    count += 1;
  }
  return count;
}

const lineEnd = Buffer.from('\n');

/** Replaces the line ends in a record by spaces, `\r\n` by two. A lone `\r` ends no line, and stays. */
export function asOneLine(value: Uint8Array): Uint8Array {
  if (!value.includes(0x0a)) {
    return value;
  }
  const line = Uint8Array.from(value);
  for (let at = line.indexOf(0x0a); at >= 0; at = line.indexOf(0x0a, at + 1)) {
    line[at] = 0x20;
    if (line[at - 1] === 0x0d) {
      line[at - 1] = 0x20;
    }
  }
  return line;
}
