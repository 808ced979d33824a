/**
 * One partition's records on their way into landing files.
 *
 * Exactly once, with no other memory than the files: a file is there whole or not at all, it is named after the offset
 * of its first line, and it holds one line for each offset from there on (where the log leaves offsets out, a new file
 * begins). So the last file's name and its number of lines say where to go on. When a file ends (after so many records
 * or so much time) may differ from one run to the next: what was not yet landed is simply cut anew.
 */

import type { LogRecord } from '../log/log.ts';
import type { LandingStore } from './landing.ts';
import { landingFile, parseLandingFile } from './layout.ts';
import { LandingError } from './reader.ts';

/** A file never waits for more than this, so that memory stays bounded whatever the records' size. */
const maximumFileBytes = 16 * 1024 * 1024;

/** When files end. */
export interface Rotation {
  /** Records of a full file. */
  readonly flushSize: number;
  /** A file that is not full is written this long after its first record came. */
  readonly rotateMilliseconds: number;
}

/** What was landed since the start. */
export interface LandedTotals {
  records: number;
  files: number;
  bytes: number;
}

/** The landing of one partition. */
export class PartitionLanding {
  readonly totals: LandedTotals = { records: 0, files: 0, bytes: 0 };
  readonly #store: LandingStore;
  readonly #topic: string;
  readonly #partition: number;
  readonly #rotation: Rotation;
  #lines: Uint8Array[] = [];
  #records = 0;
  #bytes = 0;
  #firstOffset: bigint;
  #due = Infinity;
  #landed: bigint;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    store: LandingStore,
    name: { readonly topic: string; readonly partition: number },
    rotation: Rotation,
    next: bigint,
  ) {
    this.#store = store;
    this.#topic = name.topic;
    this.#partition = name.partition;
    this.#rotation = rotation;
    this.#firstOffset = next;
    this.#landed = next;
  }

  /** The offset to read next. */
  get next(): bigint {
    return this.#firstOffset + BigInt(this.#records);
  }

  /** Everything before this offset is in files. */
  get landed(): bigint {
    return this.#landed;
  }

  /** Records that came and are in no file yet. */
  get waiting(): number {
    return Number(this.next - this.#landed);
  }

  /** When the file that is being gathered must be written, in `performance.now()`'s terms; Infinity: there is none. */
  get due(): number {
    return this.#due;
  }

  /** Takes records that were read at `next`, and writes the files that they fill. */
  async add(records: readonly LogRecord[]): Promise<void> {
    for (const { position, value } of records) {
      const offset = BigInt(position);
      if (offset < this.next)
        throw new LandingError(`The log gave offset ${offset} again, behind ${this.next}.`);
      if (offset > this.next) {
        await this.flush();
        this.#firstOffset = offset;
      }
      if (this.#records === 0) this.#due = performance.now() + this.#rotation.rotateMilliseconds;
      this.#lines.push(asOneLine(value), lineEnd);
      this.#bytes += value.length + 1;
      this.#records += 1;
      if (this.#records >= this.#rotation.flushSize || this.#bytes >= maximumFileBytes) await this.flush();
    }
  }

  /** Writes what has come as a file. Resolves when all files begun before are there, too. */
  flush(): Promise<void> {
    if (this.#records > 0) {
      const [path, lines, end] = [
        landingFile(this.#topic, this.#partition, this.#firstOffset),
        this.#lines,
        this.next,
      ];
      const [records, bytes] = [this.#records, this.#bytes];
      this.#firstOffset = end;
      this.#lines = [];
      this.#records = 0;
      this.#bytes = 0;
      this.#due = Infinity;
      this.#writing = this.#writing.then(async () => {
        await this.#store.write(path, lines);
        this.#landed = end;
        this.totals.records += records;
        this.totals.bytes += bytes;
        this.totals.files += 1;
      });
    }
    return this.#writing;
  }
}

/** The offset behind all that a partition's files hold; null when there is none. @throws LandingError */
export async function landedBefore(
  store: LandingStore,
  topic: string,
  partition: number,
): Promise<bigint | null> {
  const paths = await store.list(topic, partition);
  let last: { path: string; firstOffset: bigint } | null = null;
  for (const path of paths.filter((file) => file.endsWith('.json'))) {
    const name = parseLandingFile(path);
    if (name === null) {
      throw new LandingError(
        `${path} is no landing file of this sink: move it away, so that what is landed can be told.`,
      );
    }
    if (last === null || name.firstOffset > last.firstOffset) last = { path, firstOffset: name.firstOffset };
  }
  return last === null ? null : last.firstOffset + BigInt(await store.countLines(last.path));
}

const lineEnd = Buffer.from('\n');

/** A record with its line ends written as spaces, `\r\n` as two. A lone `\r` ends no line, and stays. */
export function asOneLine(value: Uint8Array): Uint8Array {
  if (!value.includes(0x0a)) return value;
  const line = Uint8Array.from(value);
  for (let at = line.indexOf(0x0a); at >= 0; at = line.indexOf(0x0a, at + 1)) {
    line[at] = 0x20;
    if (line[at - 1] === 0x0d) line[at - 1] = 0x20;
  }
  return line;
}
