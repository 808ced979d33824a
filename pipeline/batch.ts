/**
 * The batch way: which landing files to read → decode, clean, keep each row once → answers → the lake. Without a lake, all
 * files are read; with one, those that it does not know yet, and the answers are over everything that it holds.
 */
import { performance } from 'node:perf_hooks';
import { runPlan } from './arquero/run_plan.ts';
import { type CleanedFiles, cleanFiles, findLanding } from './batch/clean_landing.ts';
import { type FilesToRead, filesToRead } from './batch/files_to_read.ts';
import type { BatchLake } from './batch/lake.ts';
import type { Dataset } from './plan/dataset.ts';
import type { Query } from './plan/query.ts';
import { rulesOf } from './spark/rules.ts';
import type { ColumnarTable } from './table/columnar_table.ts';

export interface CleanedLanding extends CleanedFiles {
  /** How many landing files were read now. */
  readonly files: number;
  /** How many of the landing files that are there were read by earlier runs. */
  readonly filesBefore: number;
  /** Topics below the folder that belong to no dataset, and were left alone. */
  readonly otherTopics: readonly string[];
  /** What was read of each dataset, and why. */
  readonly reading: readonly FilesToRead[];
}

/**
 * Reads and cleans the landing files below a folder that holds `topics/`: all of them, or those that a lake does not know.
 * A file that cannot be read is named in the result, and the others are read all the same.
 * @throws LandingError when the folder holds no landing file of any dataset, or no longer those whose rows a changed rule
 *   would make anew
 */
export async function cleanLanding(
  landing: string,
  datasets: readonly Dataset[],
  onProgress: (bytes: number, ofBytes: number) => void = () => {},
  lake?: BatchLake,
): Promise<CleanedLanding> {
  const found = await findLanding(landing, datasets);
  const chosen = [...found.files].map(([dataset, present]) => ({
    dataset,
    toRead: filesToRead(dataset.name, rulesOf(dataset), present, lake?.recorded ?? []),
  }));
  const readings = chosen.map(async ({ dataset, toRead: { files, rulesChanged } }) => ({
    dataset,
    files,
    known: rulesChanged ? undefined : await lake?.silver(dataset.name),
  }));
  const cleaned = await cleanFiles(landing, await Promise.all(readings), onProgress);
  const reading = chosen.map(({ toRead }) => toRead);
  return {
    ...cleaned,
    files: reading.reduce((sum, { files }) => sum + files.length, 0),
    filesBefore: reading.reduce((sum, { filesBefore }) => sum + filesBefore, 0),
    otherTopics: found.otherTopics,
    reading,
  };
}

export interface Answer {
  readonly query: Query;
  readonly table: ColumnarTable;
}

/** Asks every query of the cleaned tables. */
export function answer(
  queries: readonly Query[],
  silver: Readonly<Record<string, ColumnarTable>>,
): readonly Answer[] {
  return queries.map((query) => ({ query, table: runPlan(query.plan, silver) }));
}

export interface BatchResult {
  readonly landing: CleanedLanding;
  readonly answers: readonly Answer[];
  /** How long reading, cleaning and answering took. */
  readonly seconds: number;
}

/** What a batch works on. */
export interface Batch {
  /** The folder that holds `topics/`. */
  readonly landing: string;
  readonly datasets: readonly Dataset[];
  readonly queries: readonly Query[];
  /** What earlier runs have kept; without one, all landing files are read. */
  readonly lake?: BatchLake | undefined;
}

/**
 * Reads and cleans landing files, and answers. Throws as `cleanLanding`. What it gives is written by the lake's `write`.
 * @param progress is told how far reading has come, and when it has ended
 */
export async function runBatch(
  { landing: directory, datasets, queries, lake }: Batch,
  progress: { update(bytes: number, ofBytes: number): void; stop(): void } = {
    update: () => {},
    stop: () => {},
  },
): Promise<BatchResult> {
  const start = performance.now();
  const landing = await cleanLanding(directory, datasets, progress.update, lake).finally(progress.stop);
  const answers = answer(queries, landing.silver);
  return { landing, answers, seconds: (performance.now() - start) / 1000 };
}
