/** The file of posts that could not be sent: one a line, as JSON, with the events that did not arrive. */
import { appendFile, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { makeFolders } from '../pipeline/storage/durable_files.ts';
import type { Post } from './event.ts';
import type { PostSource } from './sources/source.ts';

const line = z.object({
  /** The reason for each event that was not sent, by dataset. */
  reasons: z.record(z.string(), z.string()),
  post: z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number(), z.null()]))),
});

/** A post that was not sent, or not wholly. */
export interface UnsentPost {
  /** Its events that did not arrive, as far as one can tell. */
  readonly post: Post;
  readonly reasons: Readonly<Record<string, string>>;
}

/** Keeps unsent posts in a file, which is created with the first one. */
export class UnsentFile {
  private writing: Promise<void> = Promise.resolve();

  constructor(readonly path: string) {}

  /** Adds posts to the file's end; done when they are written. */
  keep(posts: readonly UnsentPost[]): Promise<void> {
    const lines = posts.map((post) => `${JSON.stringify(post)}\n`).join('');
    const written = this.writing.then(async () => {
      await makeFolders(dirname(this.path));
      await appendFile(this.path, lines);
    });
    // A failure is its caller's to hear of; the next one tries for itself.
    this.writing = written.catch(() => {});
    return written;
  }
}

/** A source that sends the posts of an unsent file again. */
export interface ResendSource extends PostSource {
  /** Gives the posts that were not asked for yet, for a run that ends early. */
  rest(): Promise<readonly UnsentPost[]>;
  /** To be called when all is sent or kept again: forgets the posts that were read. */
  finish(): Promise<void>;
}

/**
 * Opens an unsent file for sending again. The file is set aside first (`<file>.sending`), so that what fails this time
 * can be kept under its name; a run that was killed left it there, and it is taken up again.
 * @throws when there is no such file, or a line of it is not an unsent post
 */
export async function resendSource(path: string): Promise<ResendSource> {
  const aside = `${path}.sending`;
  await setAside(path, aside);
  const file = await open(aside);
  const lines = createInterface({ input: file.createReadStream(), crlfDelay: Infinity });
  const iterator = lines[Symbol.asyncIterator]();
  let number = 0;
  const read = async (): Promise<UnsentPost | null> => {
    const { value, done } = await iterator.next();
    number += 1;
    return done === true ? null : parseLine(value, aside, number);
  };
  return {
    next: async () => (await read())?.post ?? null,
    rest: async () => {
      const rest: UnsentPost[] = [];
      for (let unsent = await read(); unsent !== null; unsent = await read()) {
        rest.push(unsent);
      }
      return rest;
    },
    finish: () => rm(aside, { force: true }),
    close: async () => {
      lines.close();
      // Its stream closes it only when it was read to the end.
      await file.close();
    },
  };
}

function parseLine(text: string, path: string, number: number): UnsentPost {
  try {
    return line.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${path}, line ${number}, is not an unsent post: it was not written by the emulator.`, {
      cause: error,
    });
  }
}

async function setAside(path: string, aside: string): Promise<void> {
  const interrupted = await readFile(aside).catch(absent);
  if (interrupted === null) {
    const moved = await rename(path, aside).catch(absent);
    if (moved === null) {
      throw new Error(`There is no file of unsent posts at ${path}.`);
    }
    return;
  }
  const more = await readFile(path).catch(absent);
  if (more !== null) {
    await appendFile(aside, more);
    await rm(path);
  }
}

function absent(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    return null;
  }
  throw error;
}
