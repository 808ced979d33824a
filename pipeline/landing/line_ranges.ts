/** The lines of a part of a file, so that several threads can read one file: a line belongs where its first byte lies. */
import { closeSync, openSync, readSync } from 'node:fs';

/** Whole lines. */
export interface Lines {
  /** A view that holds until the next lines are asked for. */
  readonly bytes: Uint8Array;
  /** Where they begin in their file. */
  readonly offset: number;
}

/** Bytes that are read at once; a longer line is read into a larger buffer. */
const pieceBytes = 1 << 18;

/** The buffer of the last file that was read to its end: fresh memory costs as much as reading into it. */
let spare: Buffer | undefined;

const newline = 0x0a;

/**
 * Reads the lines that begin from one byte of a file on and before another. A BOM at the file's start is left out.
 * Synchronously: it is for threads of their own, and for small files, where waiting costs more than reading.
 * @param to where the part ends, Infinity for the end of the file, which may have grown since it was listed
 */
export function* linesOf(file: string, from: number, to: number): Generator<Lines> {
  const descriptor = openSync(file, 'r');
  try {
    const start = from === 0 ? 0 : lineStartFrom(descriptor, from);
    if (start < to) {
      yield* readLines(descriptor, start, to);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Where the first line begins that begins at a byte or behind it; Infinity when none does. */
function lineStartFrom(descriptor: number, from: number): number {
  const buffer = Buffer.allocUnsafe(1 << 16);
  // The byte before tells whether a line begins at this one.
  for (let at = from - 1; ; ) {
    const read = readSync(descriptor, buffer, 0, buffer.length, at);
    const end = buffer.subarray(0, read).indexOf(newline);
    if (end >= 0) return at + end + 1;
    if (read === 0) return Number.POSITIVE_INFINITY;
    at += read;
  }
}

function* readLines(descriptor: number, start: number, to: number): Generator<Lines> {
  let buffer = spare ?? Buffer.allocUnsafe(pieceBytes);
  spare = undefined;
  let offset = start;
  for (let held = 0, ended = false; !ended; ) {
    if (held === buffer.length) {
      buffer = Buffer.concat([buffer], buffer.length * 2);
    }
    const read = readSync(descriptor, buffer, held, buffer.length - held, offset + held);
    const bytes = buffer.subarray(0, held + read);
    // The last line is the one that holds the byte before `to`.
    const lastEnd = bytes.length > to - 1 - offset ? bytes.indexOf(newline, to - 1 - offset) : -1;
    ended = read === 0 || lastEnd >= 0;
    const end = read === 0 ? bytes.length : (lastEnd >= 0 ? lastEnd : bytes.lastIndexOf(newline)) + 1;
    const skipped = offset === 0 ? lengthOfByteOrderMark(bytes) : 0;
    if (end > skipped) {
      yield { bytes: bytes.subarray(skipped, end), offset: offset + skipped };
    }
    buffer.copyWithin(0, end, bytes.length);
    held = bytes.length - end;
    offset += end;
  }
  if (buffer.length === pieceBytes) {
    spare = buffer;
  }
}

function lengthOfByteOrderMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** Reads single lines of a file by where they begin, in ascending order: neighbours with one look at the disk. */
export class LineReader {
  private readonly descriptor: number;
  private buffer = Buffer.allocUnsafe(1 << 16);
  private offset = 0;
  private length = 0;

  constructor(file: string) {
    this.descriptor = openSync(file, 'r');
  }

  /** The line that begins at a byte, without its end; a view that holds until the next one is asked for. */
  lineAt(start: number): Uint8Array {
    for (;;) {
      const at = start - this.offset;
      const known = this.buffer.subarray(0, this.length);
      const end = at >= 0 && at < this.length ? known.indexOf(newline, at) : -1;
      if (end >= 0) return known.subarray(at, end);
      // A line that did not fit gets a larger buffer.
      if (at === 0 && this.length === this.buffer.length) {
        this.buffer = Buffer.allocUnsafe(this.buffer.length * 2);
      }
      const read = readSync(this.descriptor, this.buffer, 0, this.buffer.length, start);
      const isWhole = read < this.buffer.length;
      this.offset = start;
      this.length = read;
      if (isWhole && !this.buffer.subarray(0, read).includes(newline)) return this.buffer.subarray(0, read);
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
