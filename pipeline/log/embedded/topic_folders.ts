/**
 * The folders of a log's topics. They are created and deleted aside and moved whole, so that a kill leaves no topic half created
 * or half deleted.
 */

import { randomUUID } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders, syncFolder } from '../../storage/durable_files.ts';
import { LogError } from '../log.ts';
import { asLogError, makeFolder } from './writer.ts';

const making = 'making';
const deleting = 'deleting';

/** A topic's folder, in the log's. */
export function topicFolder(log: string, topic: string): string {
  return join(log, 'topics', topic);
}

/** Lists the topics of a log, in any order. @throws LogError `unavailable` when there is no log */
export async function listTopicFolders(log: string): Promise<string[]> {
  try {
    const entries = await readdir(join(log, 'topics'), { withFileTypes: true });
    return entries.filter((entry) => !entry.isFile()).map(({ name }) => name);
  } catch (error) {
    if (!isMissing(error)) {
      throw asLogError(error, `Reading the log ${log}`);
    }
    throw new LogError('unavailable', `There is no log in ${log}: name the folder that a gateway writes.`);
  }
}

/**
 * Counts the partitions of a topic's folder.
 * @throws LogError `damaged` when one of them is gone: keys would lead elsewhere, and offsets stand for other records
 */
export async function countPartitions(folder: string): Promise<number> {
  const numbers = (await readdir(folder)).filter((name) => /^[0-9]+$/.test(name)).map(Number);
  const missing = [0, ...numbers.keys()].find((partition) => !numbers.includes(partition));
  if (missing !== undefined) {
    throw new LogError(
      'damaged',
      `The log has lost a folder: ${folder} has no partition ${missing}. Restore it from a copy, or write to another log. Nothing was changed.`,
    );
  }
  return numbers.length;
}

/** Creates the folder of a topic that does not exist. */
export async function makeTopicFolder(log: string, topic: string, partitions: number): Promise<void> {
  const aside = join(log, making, topic);
  for (let partition = 0; partition < partitions; partition++) {
    await makeFolders(join(aside, String(partition)));
  }
  await syncFolder(aside);
  await rename(aside, topicFolder(log, topic));
  await syncFolder(join(log, 'topics'));
}

/** Moves a topic's folder out of the log; returns its new path, to be removed. Null when it does not exist. */
export async function setTopicFolderAside(log: string, topic: string): Promise<string | null> {
  const aside = join(log, deleting, randomUUID());
  await makeFolder(join(log, deleting));
  try {
    await rename(topicFolder(log, topic), aside);
  } catch (error) {
    if (isMissing(error)) {
      return null;
    }
    throw error;
  }
  await syncFolder(join(log, 'topics'));
  return aside;
}

/** Removes topics that a kill left half created or half deleted. */
export async function removeHalfDone(log: string): Promise<void> {
  for (const folder of [making, deleting]) {
    await rm(join(log, folder), { recursive: true, force: true });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
