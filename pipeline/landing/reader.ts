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

/**
 * Lists `topics/<topic>/**\/*.json` below a folder or an S3 URL, sorted by path, without names that begin with a point or
 * `_`; none when there is no such folder.
 * @throws StorageError when it cannot be listed
 */
export async function listLandingFiles(landing: string): Promise<readonly LandingFile[]> {
  const store = await openObjectStore(landing);
  const found = await store.list('topics', { recursive: true });
  return found
    .flatMap(({ name, size, modified }) => {
      const [topic = '', ...below] = name.split('/');
      // Spark lists no empty file, and the record of files read must be the same for both.
      const isLanding = below.length > 0 && name.endsWith('.json') && !hidden.test(name) && size > 0;
      return isLanding ? [{ path: `topics/${name}`, topic, size, modified }] : [];
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
