/** The lines of a range of a file, so that several threads can read one file: a line belongs to the range of its first byte. */
import type { ByteSource } from './byte_source.ts';

/** Whole lines. */
export interface Lines {
  /** A view that is valid until the next lines are requested. */
  readonly bytes: Uint8Array;
  /** The offset of the first byte in the file. */
  readonly offset: number;
}

/** Bytes that are read at once; a longer line is read into a larger buffer. */
const chunkBytes = 1 << 18;

/** The buffer of the last file that was read to its end: fresh memory costs as much as reading into it. */
let spare: Buffer | undefined;

/** A longer line could not be kept as one string. A multiple of the buffer's size. */
const longestLine = 1 << 28;

const newline = 0x0a;

/**
 * Reads the lines that begin at one byte of a file or later, and before another. A BOM at the file's start is left out.
 * @param to the end of the range, Infinity for the end of the file, which may have grown since it was listed
 */
export function* linesOf(source: ByteSource, from: number, to: number): Generator<Lines> {
  const start = from === 0 ? 0 : lineStartFrom(source, from);
  if (start < to) {
    yield* readLines(source, start, to);
  }
}

/** The offset of the first line that begins at a byte or after it; Infinity when none does. */
function lineStartFrom(source: ByteSource, from: number): number {
  const buffer = Buffer.allocUnsafe(1 << 16);
  // The byte before tells if a line begins at this one.
  for (let position = from - 1; ; ) {
    const length = source.readAt(buffer, 0, position);
    const end = buffer.subarray(0, length).indexOf(newline);
    if (end >= 0) {
      return position + end + 1;
    }
    if (length === 0) {
      return Number.POSITIVE_INFINITY;
    }
    position += length;
  }
}

function* readLines(source: ByteSource, start: number, to: number): Generator<Lines> {
  let buffer = spare ?? Buffer.allocUnsafe(chunkBytes);
  spare = undefined;
  let offset = start;
  for (let rest = 0, isDone = false; !isDone; ) {
    if (rest === longestLine) {
      throw new Error(
        `The line at byte ${offset} is longer than 256 MiB, which no log takes as a record: ` +
          'this is no landing file, or it is damaged. Move it away.',
      );
    }
    if (rest === buffer.length) {
      buffer = Buffer.concat([buffer], buffer.length * 2);
    }
    const length = source.readAt(buffer, rest, offset + rest);
    const bytes = buffer.subarray(0, rest + length);
    // The last line is the one that contains the byte before `to`.
    const lastEnd = bytes.length > to - 1 - offset ? bytes.indexOf(newline, to - 1 - offset) : -1;
    isDone = length === 0 || lastEnd >= 0;
    const end = length === 0 ? bytes.length : (lastEnd >= 0 ? lastEnd : bytes.lastIndexOf(newline)) + 1;
    const skipped = offset === 0 ? lengthOfByteOrderMark(bytes) : 0;
    if (end > skipped) {
      yield { bytes: bytes.subarray(skipped, end), offset: offset + skipped };
    }
    buffer.copyWithin(0, end, bytes.length);
    rest = bytes.length - end;
    offset += end;
  }
  if (buffer.length === chunkBytes) {
    spare = buffer;
  }
}

function lengthOfByteOrderMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** Reads single lines of a file by their offsets, in ascending order: neighbours with one read. */
export class LineReader {
  private buffer = Buffer.allocUnsafe(1 << 16);
  private offset = 0;
  private length = 0;

  constructor(private readonly source: ByteSource) {}

  /** The line that begins at a byte, without its end; a view that is valid until the next one is requested. */
  lineAt(start: number): Uint8Array {
    for (;;) {
      const at = start - this.offset;
      const cached = this.buffer.subarray(0, this.length);
      const end = at >= 0 && at < this.length ? cached.indexOf(newline, at) : -1;
      if (end >= 0) {
        return cached.subarray(at, end);
      }
      // A line that did not fit gets a larger buffer.
      if (at === 0 && this.length === this.buffer.length) {
        this.buffer = Buffer.allocUnsafe(this.buffer.length * 2);
      }
      const length = this.source.readAt(this.buffer, 0, start);
      const isWhole = length < this.buffer.length;
      this.offset = start;
      this.length = length;
      if (isWhole && !this.buffer.subarray(0, length).includes(newline)) {
        return this.buffer.subarray(0, length);
      }
    }
  }
}
