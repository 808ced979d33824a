/**
 * Bytes of landing files, read synchronously: from a local file, where waiting for a promise costs more than reading, or
 * from memory, into which ranges of an S3 object were fetched before, or a compressed file was unpacked.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { concurrently } from '../storage/concurrently.ts';
import { StorageError } from '../storage/error.ts';
import type { ObjectReader, ObjectStore } from '../storage/object_store.ts';
import { isS3Url, openObjectStore } from '../storage/open.ts';
import { isCompressed, LandingError } from './reader.ts';

export interface ByteSource {
  /** Fills a buffer from an offset in it with the bytes at a position of the file. @returns their number, 0 at its end */
  readAt(buffer: Uint8Array, offset: number, position: number): number;
  close(): void;
}

/** Ranges of one landing file, ascending: the lines that begin in them are wanted. */
export interface WantedRanges {
  /** From the landing folder. */
  readonly path: string;
  /** Bytes, as the file was listed; undefined when that is not known here. */
  readonly size?: number;
  /** The folder that holds this file, where it is not the landing folder. */
  readonly folder?: string | undefined;
  readonly ranges: readonly { readonly from: number; readonly to: number }[];
}

/** Opens one of the files that `sourcesOf` was given. @throws Error when it cannot be read */
export type OpenSource = (index: number) => ByteSource;

/** Bytes of a request, requests at once of a file, and files at once: the AWS client has 50 connections. */
const requestBytes = 4 * 1024 * 1024;
const requestsOfFile = 4;
const filesAtOnce = 12;
/** Fetched after a range at once: longer than most lines, of which the last one ends there. */
const lineBytes = 16 * 1024;

/**
 * Prepares files for reading: those of a folder are opened when their turn comes, those on S3 are fetched now. Lines are
 * read only after that, without interruption, so that several splits can share a decoder.
 */
export async function sourcesOf(landing: string, files: readonly WantedRanges[]): Promise<OpenSource> {
  if (!isS3Url(landing)) {
    return (index) => openFile(landing, elementAt(files, index));
  }
  const store = await openObjectStore(landing);
  const opened = await concurrently(files, filesAtOnce, async (file): Promise<() => ByteSource> => {
    if (file.folder !== undefined) {
      return () => openFile(landing, file);
    }
    try {
      const source = await fetchFile(store, file);
      return () => source;
    } catch (error) {
      if (error instanceof StorageError || error instanceof LandingError) {
        return () => {
          throw error;
        };
      }
      throw error;
    }
  });
  return (index) => elementAt(opened, index)();
}

async function fetchFile(store: ObjectStore, { path, size, ranges }: WantedRanges): Promise<ByteSource> {
  if (isCompressed(path)) {
    return unpacked(path, (await store.read(path)) ?? new Uint8Array());
  }
  const object = await store.open(path, size);
  return new FetchedRanges(await concurrently(ranges, requestsOfFile, (range) => fetchLines(object, range)));
}

function elementAt<T>(elements: readonly T[], index: number): T {
  const element = elements[index];
  if (element === undefined) {
    throw new RangeError(`There is no file ${index}.`);
  }
  return element;
}

function openFile(landing: string, { path, folder = landing }: WantedRanges): ByteSource {
  const file = join(folder, path);
  return isCompressed(path) ? unpacked(path, readFileSync(file)) : new LocalFile(file);
}

/** A file that was compressed with gzip, whole in memory. @throws LandingError when it is damaged */
function unpacked(path: string, bytes: Uint8Array): ByteSource {
  try {
    return new FetchedRanges([{ position: 0, bytes: gunzipSync(bytes) }]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LandingError(`${path} cannot be unpacked with gzip: ${reason}`, { cause: error });
  }
}

class LocalFile implements ByteSource {
  private readonly descriptor: number;

  constructor(file: string) {
    this.descriptor = openSync(file, 'r');
  }

  readAt(buffer: Uint8Array, offset: number, position: number): number {
    return readSync(this.descriptor, buffer, offset, buffer.length - offset, position);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

interface FetchedBytes {
  readonly position: number;
  readonly bytes: Uint8Array;
}

class FetchedRanges implements ByteSource {
  constructor(private readonly ranges: readonly FetchedBytes[]) {}

  readAt(buffer: Uint8Array, offset: number, position: number): number {
    const range = this.ranges.findLast((each) => each.position <= position);
    const start = range === undefined ? 0 : position - range.position;
    const bytes = range?.bytes.subarray(start, start + buffer.length - offset) ?? new Uint8Array();
    buffer.set(bytes, offset);
    return bytes.length;
  }

  close(): void {}
}

/** Fetches a range, the byte before it, which tells if a line begins at it, and the rest of its last line. */
async function fetchLines(
  object: ObjectReader,
  range: WantedRanges['ranges'][number],
): Promise<FetchedBytes> {
  const position = Math.max(0, range.from - 1);
  const to = Math.min(range.to, object.size);
  let end = Math.min(to + lineBytes, object.size);
  const starts = Array.from(
    { length: Math.ceil((end - position) / requestBytes) },
    (_, i) => position + i * requestBytes,
  );
  const chunks = await concurrently(starts, requestsOfFile, (start) =>
    object.read(start, Math.min(start + requestBytes, end)),
  );
  let bytes = Buffer.concat(chunks);
  while (end < object.size && bytes.indexOf(0x0a, to - 1 - position) < 0) {
    const next = Math.min(end + bytes.length, object.size);
    bytes = Buffer.concat([bytes, await object.read(end, next)]);
    end = next;
  }
  return { position, bytes };
}
