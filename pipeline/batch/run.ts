/**
 * The batch path: chooses landing files → decodes, cleans, keeps each row once → answers → the lake. Without a lake, all
 * files are read; with one, those that are new to it, and the answers are over everything that it holds.
 */

import type { ColumnarTable } from '../columns/table.ts';
import { TableBuilder } from '../columns/table_builder.ts';
import { runPlan } from '../engines/arquero/run_plan.ts';
import { LiveAnswers } from '../engines/incremental/live_answers.ts';
import { LandingError } from '../landing/reader.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Query } from '../plan/query.ts';
import { type CleanedFiles, cleanFiles, type Destination, findLanding } from './clean_landing.ts';
import { nothingErased } from './erased_lines.ts';
import { type FilesToRead, filesToRead, formOf } from './files_read.ts';
import type { BatchLake } from './lake_tables.ts';

/** Landing files that were read, and the result. */
export interface CleanedLanding extends CleanedFiles {
  /** The number of landing files that were read now. */
  readonly files: number;
  /** The number of landing files that were read by earlier runs. */
  readonly filesBefore: number;
  /** The number of those read now that exist no more, and were read from the raw copy. */
  readonly filesFromBronze: number;
  /** Topics below the folder that belong to no dataset, and were ignored. */
  readonly otherTopics: readonly string[];
  /** Files in topics of datasets whose names are not those of landing files, and which were not read. */
  readonly otherFiles: readonly string[];
  /** The files read of each dataset, and the reason. */
  readonly reading: readonly FilesToRead[];
}

export interface Answer {
  readonly query: Query;
  readonly table: ColumnarTable;
}

export interface BatchResult {
  readonly landing: CleanedLanding;
  readonly answers: readonly Answer[];
  /** The duration of reading, cleaning and answering. */
  readonly seconds: number;
}

/** A batch's inputs, its queries and the lake that keeps the result. */
export interface Batch {
  /** The folder or S3 URL that holds `topics/`. */
  readonly landing: string;
  readonly datasets: readonly Dataset[];
  readonly queries: readonly Query[];
  /** The folder or S3 URL of the tables that runs keep; without one, all landing files are read and nothing is written. */
  readonly lake?: string | undefined;
  /** Each dataset of the lake gets a raw copy of its landing files, which outlives them; one that has a copy keeps it. */
  readonly bronze?: boolean;
  readonly onProgress?: (bytes: number, ofBytes: number) => void;
  /** Takes the answers before the lake is written, which is what a person waits for least. */
  readonly onAnswers?: (result: BatchResult) => Promise<void>;
  /** Called after each table of the lake that is written. */
  readonly onTable?: (written: number, of: number) => void;
}

/**
 * Runs a batch: reads, cleans, answers, and commits to the lake. A file that cannot be read is named in the result, and the
 * others are read all the same. Killed at any moment and run again, it comes to the same.
 * @throws NoLandingFilesError when there is no landing file of any dataset
 * @throws LandingError when files have to be read again, because a rule has changed or a table of the lake is gone, and are gone
 * themselves without a copy in bronze
 * @throws Error when another run has written to the lake meanwhile, or a file that has to be read again cannot be
 */
export async function runBatch(batch: Batch): Promise<BatchResult> {
  const start = process.uptime();
  const { landing, datasets, queries, onProgress, onAnswers, onTable } = batch;
  // Delta and Parquet are much to load, so they are loaded only for a lake.
  const lake =
    batch.lake === undefined
      ? undefined
      : await (await import('./lake_tables.ts')).BatchLake.open(batch.lake, datasets, queries, {
          landing,
          begins: batch.bronze ?? false,
        });
  const live = new LiveAnswers(queries, runPlan);
  const destinationOf = ({ name }: Dataset): Destination => ({
    columns: live.required.get(name) ?? [],
    add: (rows) => live.add(name, rows),
  });
  const cleaned = await readLanding(landing, datasets, destinationOf, lake, onProgress);
  const answers = queries.map((query) => ({ query, table: live.answer(query) }));
  const result = { landing: cleaned, answers, seconds: process.uptime() - start };
  await onAnswers?.(result);
  await lake?.commit(result, onTable);
  return result;
}

/** Reads and cleans the landing files of datasets: all of them, or those that are new to a lake. */
async function readLanding(
  landing: string,
  datasets: readonly Dataset[],
  destinationOf: (dataset: Dataset) => Destination,
  lake?: BatchLake,
  onProgress?: Batch['onProgress'],
): Promise<CleanedLanding> {
  const found = await findLanding(landing, datasets, async () => lake?.bronze.holdsAny(datasets) ?? false);
  // Only the record of files read needs the rules.
  const rulesOf =
    lake === undefined ? () => [''] as const : (await import('../engines/spark/rules.ts')).knownRules;
  const choosing = [...found.files].map(async ([dataset, present]) => {
    const tables = (await lake?.holding(dataset.name)) ?? [];
    const recorded = lake?.recorded ?? [];
    return { dataset, toRead: filesToRead(dataset.name, rulesOf(dataset), present, recorded, tables) };
  });
  const chosen = await Promise.all(choosing);
  const reading = chosen.map(({ toRead }) => toRead);
  const restored = await lake?.bronze.restore(reading);
  const readings = chosen.map(async ({ dataset, toRead }) => {
    const destination = destinationOf(dataset);
    const existing =
      toRead.anew === undefined ? await lake?.existing(dataset, destination.columns) : undefined;
    const files = restored?.placed(toRead) ?? toRead.files;
    const erased = lake?.erasures.until ?? nothingErased;
    return { dataset, files, destination, existing, silver: lake?.silverPath(dataset.name), erased };
  });
  const cleaned = await Promise.all(readings)
    .then((all) => cleanFiles(landing, all, onProgress))
    .finally(() => restored?.remove());
  if (lake !== undefined && lake.erasures.size > 0) {
    await checkUnchanged(landing, datasets, chosen);
  }
  return {
    ...cleaned,
    files: reading.reduce((sum, { files }) => sum + files.length, 0),
    filesBefore: reading.reduce((sum, { filesBefore }) => sum + filesBefore, 0),
    filesFromBronze: reading.reduce((sum, { gone }) => sum + gone.length, 0),
    otherTopics: found.otherTopics,
    otherFiles: found.otherFiles,
    reading,
  };
}

/** Checks that no file was written again while it was read, as an erasure does. @throws LandingError */
async function checkUnchanged(
  landing: string,
  datasets: readonly Dataset[],
  chosen: readonly { readonly dataset: Dataset; readonly toRead: FilesToRead }[],
): Promise<void> {
  const now = (await findLanding(landing, datasets, async () => true)).files;
  for (const { dataset, toRead } of chosen) {
    const present = new Set(now.get(dataset)?.map(formOf));
    const gone = new Set(toRead.gone);
    const changed = toRead.files.find((file) => !gone.has(file) && !present.has(formOf(file)));
    if (changed !== undefined) {
      throw new LandingError(
        `${changed.path} was changed or removed while it was read, as an erasure does: nothing was written. Run this again.`,
      );
    }
  }
}

/** Landing files that were read, and all of silver. */
export interface LandingInMemory extends CleanedLanding {
  /** The cleaned rows of each dataset, by its name. */
  readonly silver: Readonly<Record<string, ColumnarTable>>;
}

/** Reads and cleans all landing files, and returns silver in memory: for inspecting small ones. Throws as `runBatch`. */
export async function cleanLanding(landing: string, datasets: readonly Dataset[]): Promise<LandingInMemory> {
  const silver = new Map<string, TableBuilder>();
  const cleaned = await readLanding(landing, datasets, ({ name, cleaning: { schema } }) => {
    const rows = new TableBuilder(schema);
    silver.set(name, rows);
    return { columns: Object.keys(schema), add: (table) => rows.add(table) };
  });
  return { ...cleaned, silver: Object.fromEntries([...silver].map(([name, { table }]) => [name, table])) };
}

/** Answers queries over whole tables: the reference that incrementally maintained answers are compared with. */
export function answer(
  queries: readonly Query[],
  silver: Readonly<Record<string, ColumnarTable>>,
): readonly Answer[] {
  return queries.map((query) => ({ query, table: runPlan(query.plan, silver) }));
}
