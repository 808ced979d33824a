/** Finds landing files, as Confluent’s S3 sink lays them out. */
import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
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
