/** Finds landing files, as Confluent’s S3 sink lays them out. */
import { openObjectStore } from '../storage/open.ts';

export interface LandingFile {
  /** From the landing folder, with `/`: begins with `topics/`. */
  readonly path: string;
  readonly topic: string;
  /** Bytes. */
  readonly size: number;
  /** Time of the last change, whole milliseconds since 1970. */
  readonly modified: number;
  /** The folder that holds `topics/` for this file; undefined where it is the landing folder. */
  readonly folder?: string;
}

/** The files below the topics. */
export interface LandingListing {
  /** Files of events, one a line, sorted by path. */
  readonly files: readonly LandingFile[];
  /** Other files, which hold no events or none that are understood, sorted by path. */
  readonly others: readonly LandingFile[];
}

/** An error in landing files or their folder. */
export class LandingError extends Error {
  override readonly name: string = 'LandingError';
}

/** There are no landing files, perhaps not yet. */
export class NoLandingFilesError extends LandingError {
  override readonly name = 'NoLandingFilesError';
}

/** Spark ignores these names: files that are unfinished or belong to others. */
const hidden = /(^|\/)(\.|_(?![^/]*=))/;
const lines = /\.(json|jsonl|ndjson)$/i;
/** The keys and headers of records, which sinks may write beside their values. */
const noEvents = /\.(keys|headers)\.[a-z]+$/i;

/** Tells a file that is compressed with gzip. Spark decompresses this ending in lower case only. */
export function isCompressed(path: string): boolean {
  return path.endsWith('.gz');
}

/** Tells a file of events, one a line, by its name. */
export function holdsEvents(path: string): boolean {
  const name = isCompressed(path) ? path.slice(0, -'.gz'.length) : path;
  return lines.test(name) && !noEvents.test(name);
}

/**
 * Lists `topics/<topic>/**` below a folder or an S3 URL, without names that begin with a point or `_`; nothing when there is
 * no such folder. Files of events end in `.json`, `.jsonl` or `.ndjson`, perhaps with `.gz` behind. Links are followed.
 * @throws StorageError when it cannot be listed
 */
export async function listLandingFiles(landing: string): Promise<LandingListing> {
  const store = await openObjectStore(landing);
  const found = await store.list('topics', {
    recursive: true,
    followLinks: (name) => !hidden.test(name),
  });
  const all = found
    .flatMap(({ name, size, modified }): LandingFile[] => {
      const [topic = '', ...below] = name.split('/');
      // Spark lists no empty file, and the record of files read must be the same for both.
      const isListed = below.length > 0 && !hidden.test(name) && size > 0;
      return isListed ? [{ path: `topics/${name}`, topic, size, modified }] : [];
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    files: all.filter(({ path }) => holdsEvents(path)),
    others: all.filter(({ path }) => !holdsEvents(path)),
  };
}
