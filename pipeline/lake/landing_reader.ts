/** Landing files as Confluent's S3 sink lays them out: found, and read line by line in pieces of bounded size. */
import { readFileSync, statSync } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface LandingFile {
  /** From the landing folder, with `/`: begins with `topics/`. */
  readonly path: string;
  readonly topic: string;
  /** Bytes. */
  readonly size: number;
  /** When it was last changed, whole milliseconds since 1970. */
  readonly modified: number;
}

/** What is wrong with a landing folder. */
export class LandingError extends Error {
  override readonly name = 'LandingError';
}

/** Spark passes over these names: what others have not finished, or keep for themselves. */
const hidden = /^(\.|_(?!.*=))/;

/**
 * Finds `topics/<topic>/**\/*.json` below a folder, sorted by path; names that begin with a point or `_` are passed over.
 * @throws LandingError when there is no such folder
 */
export async function listLandingFiles(landing: string): Promise<readonly LandingFile[]> {
  const topics = join(landing, 'topics');
  const found = await readdir(topics, { recursive: true, withFileTypes: true }).catch((error: Error) => {
    throw new LandingError(
      `There are no landing files in ${landing}: it must hold a folder "topics" (${error.message}).`,
      { cause: error },
    );
  });
  const files: LandingFile[] = [];
  for (const entry of found) {
    const absolute = join(entry.parentPath, entry.name);
    const inTopics = absolute.slice(topics.length + 1).split(/[\\/]/);
    const [topic] = inTopics;
    const isLanding = entry.isFile() && entry.name.endsWith('.json') && inTopics.length > 1;
    if (isLanding && topic !== undefined && !inTopics.some((name) => hidden.test(name))) {
      // As integers: a number would round a time right before a millisecond up to it.
      const { size, mtimeMs } = statSync(absolute, { bigint: true });
      // Spark lists no empty file, and the record of files read must be the same for both.
      if (size === 0n) continue;
      files.push({
        path: ['topics', ...inTopics].join('/'),
        topic,
        size: Number(size),
        modified: Number(mtimeMs),
      });
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Bytes that are read at once; a line longer than this is gathered from several pieces. */
const pieceBytes = 4 * 1024 * 1024;

/** A file of at most so many bytes is read at once: for a hundred thousand small files, waiting costs more than reading. */
const smallFileBytes = 64 * 1024;

/**
 * Reads a file in pieces of whole lines. A BOM at its start is left out.
 * Each piece is a view that holds until the next one is asked for.
 * @param size the file's size in bytes, as it was listed; it may have grown since
 */
export async function* readWholeLines(file: string, size: number): AsyncGenerator<Uint8Array> {
  if (size <= smallFileBytes) {
    const bytes = readFileSync(file);
    yield bytes.subarray(lengthOfByteOrderMark(bytes));
    return;
  }
  const handle = await open(file, 'r');
  try {
    yield* wholeLines(handle, Math.min(size + 1, pieceBytes));
  } finally {
    await handle.close();
  }
}

async function* wholeLines(handle: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(size);
  /** The beginning of a line whose end has not been read. */
  let begun: Buffer[] = [];
  for (let first = true; ; first = false) {
    const { bytesRead } = await handle.read(buffer, 0, size, null);
    if (bytesRead === 0) {
      break;
    }
    const read = buffer.subarray(0, bytesRead);
    const piece = read.subarray(first ? lengthOfByteOrderMark(read) : 0);
    const lastEnd = piece.lastIndexOf(0x0a);
    if (lastEnd < 0) {
      begun.push(Buffer.from(piece));
      continue;
    }
    if (begun.length > 0) {
      const firstEnd = piece.indexOf(0x0a);
      yield Buffer.concat([...begun, piece.subarray(0, firstEnd + 1)]);
      yield piece.subarray(firstEnd + 1, lastEnd + 1);
    } else {
      yield piece.subarray(0, lastEnd + 1);
    }
    begun = lastEnd + 1 < piece.length ? [Buffer.from(piece.subarray(lastEnd + 1))] : [];
  }
  if (begun.length > 0) {
    yield Buffer.concat(begun);
  }
}

function lengthOfByteOrderMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}
