/** What old versions declare and answer, kept from one preview to the next: a commit never changes. */
import { createHash } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod';
import { listLandingFiles } from '../../../pipeline/landing/reader.ts';
import { replaceFile } from '../../../pipeline/storage/durable_files.ts';

/** A file has a few megabytes. */
const mostFiles = 20;

/** A folder of results, each under a key of all that it depends on. */
export class KeptRuns {
  constructor(private readonly folder: string) {}

  /**
   * A result that is kept, or that is made now and kept for the next time.
   * @param key everything that the result depends on
   */
  async get<T>(key: readonly unknown[], form: z.ZodType<T>, make: () => Promise<T>): Promise<T> {
    const name = createHash('sha256').update(JSON.stringify(key)).digest('hex');
    const file = join(this.folder, `${name.slice(0, 32)}.json`);
    const kept = await textIfExists(file);
    if (kept !== undefined) {
      return form.parse(JSON.parse(kept));
    }
    const made = await make();
    await replaceFile(file, JSON.stringify(made));
    this.removeOld();
    return made;
  }

  private removeOld(): void {
    // Another preview may have removed one meanwhile.
    const files = readdirSync(this.folder).map((name) => {
      const file = join(this.folder, name);
      return { file, modified: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
    });
    for (const { file } of files.sort((a, b) => b.modified - a.modified).slice(mostFiles)) {
      rmSync(file, { force: true });
    }
  }
}

/** A digest of the landing files below a folder. */
export async function landingDigest(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const { path } of (await listLandingFiles(folder)).files) {
    hash.update(path).update(await readFile(join(folder, path)));
  }
  return hash.digest('hex');
}

async function textIfExists(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
