import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { datasets as allDatasets } from '../pipeline/datasets/index.ts';
import { landingFile } from '../pipeline/landing/layout.ts';
import { namesOf } from '../pipeline/naming.ts';
import type { Dataset } from '../pipeline/plan/dataset.ts';
import { makeFolders } from '../pipeline/storage/durable_files.ts';
import { generateEvents } from './generator.ts';

/** The number of landing files to write, and their content. */
export interface LandingOptions {
  /** Posts, of one event in each dataset. */
  readonly posts: number;
  readonly seed: number;
  /** The first post's index. Default 0. */
  readonly firstPost?: number;
  /** The connector's flush size. Default 10,000. */
  readonly recordsPerFile?: number;
  /** Partitions of each topic. Default 3. */
  readonly partitions?: number;
  readonly userPrefix?: string;
  readonly datasets?: readonly Dataset[];
}

/** Counts of what was written. */
export interface LandingSummary {
  readonly files: number;
  readonly events: number;
  readonly bytes: number;
}

/** The records of one partition that are not in a file yet. */
interface OpenFile {
  readonly topic: string;
  readonly partition: number;
  firstOffset: number;
  lines: string[];
}

/**
 * Writes generated posts as the landing files that would come of sending them: a directory that holds `topics/`.
 * The same options, the same files. Holds at most `recordsPerFile` records of each partition.
 */
export async function writeLanding(directory: string, options: LandingOptions): Promise<LandingSummary> {
  const { posts, seed, firstPost = 0, recordsPerFile = 10_000, partitions = 3 } = options;
  const { userPrefix = '', datasets = allDatasets } = options;
  const open = new Map(
    datasets.map((dataset) => [
      dataset.name,
      Array.from({ length: partitions }, (_, partition): OpenFile => {
        const { topic } = namesOf(dataset, userPrefix);
        return { topic, partition, firstOffset: 0, lines: [] };
      }),
    ]),
  );
  let [files, bytes] = [0, 0];
  const flush = async (file: OpenFile): Promise<void> => {
    files += 1;
    bytes += await writeFileOf(directory, file);
    file.firstOffset += file.lines.length;
    file.lines = [];
  };
  for (let number = 0; number < posts; number += 1) {
    const post = generateEvents(datasets, firstPost + number, seed);
    for (const [name, event] of Object.entries(post)) {
      const file = open.get(name)?.[number % partitions];
      if (file && file.lines.push(JSON.stringify(event)) >= recordsPerFile) {
        await flush(file);
      }
    }
  }
  for (const file of [...open.values()].flat()) {
    if (file.lines.length > 0) {
      await flush(file);
    }
  }
  return { files, events: posts * datasets.length, bytes };
}

async function writeFileOf(directory: string, file: OpenFile): Promise<number> {
  const { topic, partition, firstOffset, lines } = file;
  const path = join(directory, landingFile(topic, partition, firstOffset));
  const content = Buffer.from(`${lines.join('\n')}\n`);
  if (firstOffset === 0) {
    await makeFolders(dirname(path));
  }
  await writeFile(path, content);
  return content.length;
}
