/**
 * The batch way: which landing files to read → decode, clean, keep each row once → answers → the lake. Without a lake, all
 * files are read; with one, those that it does not know yet, and the answers are over everything that it holds.
 */

import type { ColumnarTable } from '../columns/table.ts';
import { TableBuilder } from '../columns/table_builder.ts';
import { runPlan } from '../engines/arquero/run_plan.ts';
import { LiveAnswers } from '../engines/incremental/live_answers.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Query } from '../plan/query.ts';
import { type CleanedFiles, type Cleaning, cleanFiles, findLanding } from './clean_landing.ts';
import type { BatchLake } from './lake_tables.ts';
import { type FilesToRead, filesToRead } from './rules_record.ts';

/** Landing files that were read, and what came of them. */
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

/** What a batch reads, and where it keeps what it made of it. */
export interface Reading {
  /** The folder that holds `topics/`. */
  readonly landing: string;
  readonly datasets: readonly Dataset[];
  /** What earlier runs have kept; without one, all landing files are read. */
  readonly lake?: BatchLake | undefined;
  /** Told how far reading has come. */
  readonly onProgress?: (bytes: number, ofBytes: number) => void;
}

/**
 * Reads and cleans the landing files below a folder that holds `topics/`: all of them, or those that a lake does not know.
 * A file that cannot be read is named in the result, and the others are read all the same.
 * @param columnsOf the cleaned columns that are wanted of a dataset
 * @param onRows takes the rows, each different one once: those that the lake knows, and those of the files
 * @throws LandingError when the folder holds no landing file of any dataset, or no longer those whose rows a changed rule
 *   would make anew
 */
async function readLanding(
  { landing, datasets, lake, onProgress = () => {} }: Reading,
  columnsOf: Cleaning['columnsOf'],
  onRows: Cleaning['onRows'],
): Promise<CleanedLanding> {
  const found = await findLanding(landing, datasets);
  // Only a record of what was read needs them.
  const rulesOf =
    lake === undefined ? () => '' : (await import('../engines/spark/rules.ts')).rulesFingerprint;
  const chosen = [...found.files].map(([dataset, present]) => ({
    dataset,
    toRead: filesToRead(dataset.name, rulesOf(dataset), present, lake?.recorded ?? []),
  }));
  const readings = chosen.map(async ({ dataset, toRead: { files, rulesChanged } }) => ({
    dataset,
    files,
    existing: rulesChanged ? undefined : await lake?.existing(dataset, columnsOf(dataset)),
  }));
  const silverOf = lake && ((dataset: Dataset) => lake.silverPath(dataset.name));
  const cleaned = await cleanFiles({
    landing,
    readings: await Promise.all(readings),
    columnsOf,
    onRows,
    silverOf,
    onProgress,
  });
  const reading = chosen.map(({ toRead }) => toRead);
  return {
    ...cleaned,
    files: reading.reduce((sum, { files }) => sum + files.length, 0),
    filesBefore: reading.reduce((sum, { filesBefore }) => sum + filesBefore, 0),
    otherTopics: found.otherTopics,
    reading,
  };
}

/** Landing files that were read, and all of silver. */
export interface LandingInMemory extends CleanedLanding {
  /** The cleaned rows of each dataset, by its name. */
  readonly silver: Readonly<Record<string, ColumnarTable>>;
}

/** Reads landing files as `readLanding` does, and holds silver in memory: for looking at, not for large ones. */
export async function cleanLanding(landing: string, datasets: readonly Dataset[]): Promise<LandingInMemory> {
  const silver = Object.fromEntries(
    datasets.map(({ name, cleaning }) => [name, new TableBuilder(cleaning.schema)]),
  );
  const cleaned = await readLanding(
    { landing, datasets },
    ({ cleaning }) => Object.keys(cleaning.schema),
    ({ name }, rows) => silver[name]?.add(rows),
  );
  const tables = Object.entries(silver).map(([name, { table }]) => [name, table]);
  return { ...cleaned, silver: Object.fromEntries(tables) };
}

export interface Answer {
  readonly query: Query;
  readonly table: ColumnarTable;
}

/** Asks every query of whole tables: the reference that answers which are kept up to date are held against. */
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

/**
 * The whole way: reads, cleans and answers, as rows come. Throws as `readLanding`. What it gives is written by the lake's
 * `write`.
 */
export async function runBatch(
  batch: Reading & { readonly queries: readonly Query[] },
): Promise<BatchResult> {
  const start = process.uptime();
  const live = new LiveAnswers(batch.queries, runPlan);
  const landing = await readLanding(
    batch,
    ({ name }) => live.required.get(name) ?? [],
    ({ name }, rows) => live.add(name, rows),
  );
  const answers = batch.queries.map((query) => ({ query, table: live.answer(query) }));
  return { landing, answers, seconds: process.uptime() - start };
}
