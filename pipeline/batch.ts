/**
 * The batch way: landing files → decode → clean → rows kept once → answers.
 * Files are streamed; what stays in memory is the cleaned tables, by column.
 */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { runPlan } from './arquero/run_plan.ts';
import { Decoder, type QuarantineReason } from './lake/decode.ts';
import { landingFile } from './lake/landing_layout.ts';
import { LandingError, type LandingFile, listLandingFiles, readWholeLines } from './lake/landing_reader.ts';
import { datasetOfTopic } from './names.ts';
import type { Dataset } from './plan/dataset.ts';
import type { Query } from './plan/query.ts';
import type { Schema } from './plan/types.ts';
import { TextColumn } from './table/column.ts';
import { type ColumnarTable, columnarTable } from './table/columnar_table.ts';
import { DistinctRows } from './table/distinct_rows.ts';
import { selectColumns } from './table/evaluate.ts';

/** What was read of one dataset. */
export interface DatasetTotals {
  /** Lines, blank and malformed ones too. */
  read: number;
  /** Different rows, once cleaned. */
  kept: number;
  /** Events whose cleaned row was there already. */
  repeated: number;
  readonly quarantined: Record<QuarantineReason, number>;
}

/** A landing file that could not be read to its end. */
export interface UnreadableFile {
  readonly path: string;
  readonly error: Error;
}

export interface CleanedLanding {
  /** Silver: the cleaned rows of each dataset, by its name. */
  readonly silver: Readonly<Record<string, ColumnarTable>>;
  /** Lines that are no events, by dataset: `file, text, reason`. */
  readonly quarantine: Readonly<Record<string, ColumnarTable>>;
  readonly totals: Readonly<Record<string, DatasetTotals>>;
  readonly files: number;
  /** Topics below the folder that belong to no dataset, and were left alone. */
  readonly otherTopics: readonly string[];
  readonly unreadable: readonly UnreadableFile[];
}

export const quarantineSchema = { file: 'text', text: 'text', reason: 'text' } as const satisfies Schema;

/** Rows that are decoded before they are cleaned together. */
const rowsAtOnce = 32_768;

/** Gathers what one dataset's landing files hold. */
class DatasetLanding {
  readonly totals: DatasetTotals = {
    read: 0,
    kept: 0,
    repeated: 0,
    quarantined: { malformed_json: 0, missing_key: 0 },
  };
  private readonly decoder: Decoder;
  private readonly rows: DistinctRows;
  private readonly quarantined = { file: new TextColumn(), text: new TextColumn(), reason: new TextColumn() };

  constructor(private readonly dataset: Dataset) {
    this.decoder = new Decoder(dataset);
    this.rows = new DistinctRows(dataset.cleaning.schema);
  }

  async read(landing: string, file: LandingFile, onBytes: (bytes: number) => void): Promise<void> {
    for await (const lines of readWholeLines(join(landing, file.path), file.size)) {
      this.decoder.decodeLines(lines, (line, reason) => this.quarantineLine(file.path, line, reason));
      if (this.decoder.length >= rowsAtOnce) {
        this.clean();
      }
      onBytes(lines.length);
    }
  }

  silver(): ColumnarTable {
    this.clean();
    return this.rows.table;
  }

  quarantine(): ColumnarTable {
    return columnarTable(quarantineSchema, this.quarantined);
  }

  private quarantineLine(file: string, line: Uint8Array, reason: QuarantineReason): void {
    const { text } = this.quarantined;
    this.quarantined.file.add(file);
    text.addCode(text.dictionary.codeOfBytes(line, 0, line.length));
    this.quarantined.reason.add(reason);
    this.totals.read += 1;
    this.totals.quarantined[reason] += 1;
  }

  private clean(): void {
    const raw = this.decoder.take();
    const added = this.rows.add(selectColumns(raw, this.dataset.clean, this.dataset.cleaning.schema));
    this.totals.read += raw.length;
    this.totals.kept += added;
    this.totals.repeated += raw.length - added;
  }
}

/**
 * Reads and cleans all landing files below a folder that holds `topics/`.
 * A file that cannot be read is named in the result, and the others are read all the same.
 * @throws LandingError when the folder holds no landing file of any dataset
 */
export async function cleanLanding(
  landing: string,
  datasets: readonly Dataset[],
  onProgress: (bytes: number, ofBytes: number) => void = () => {},
): Promise<CleanedLanding> {
  const files = await listLandingFiles(landing);
  const landings = new Map(datasets.map((dataset) => [dataset, new DatasetLanding(dataset)]));
  const ours = files.flatMap((file) => {
    const dataset = datasetOfTopic(datasets, file.topic);
    const into = dataset && landings.get(dataset);
    return into ? [{ file, into }] : [];
  });
  if (ours.length === 0) {
    const wanted = datasets.map(({ name }) => landingFile(name, 0, 0));
    throw new LandingError(
      `There are no landing files in ${landing}; they are named like ${wanted.join(', ')}.`,
    );
  }
  const bytesInAll = ours.reduce((sum, { file }) => sum + file.size, 0);
  let bytesRead = 0;
  const unreadable: UnreadableFile[] = [];
  for (const { file, into } of ours) {
    try {
      await into.read(landing, file, (bytes) => {
        bytesRead += bytes;
        onProgress(bytesRead, bytesInAll);
      });
    } catch (error) {
      unreadable.push({ path: file.path, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  const byDataset = <T>(of: (landing: DatasetLanding) => T) =>
    Object.fromEntries([...landings].map(([{ name }, dataset]) => [name, of(dataset)]));
  return {
    silver: byDataset((dataset) => dataset.silver()),
    quarantine: byDataset((dataset) => dataset.quarantine()),
    totals: byDataset(({ totals }) => totals),
    files: ours.length,
    otherTopics: [...new Set(files.map(({ topic }) => topic))].filter(
      (topic) => !datasetOfTopic(datasets, topic),
    ),
    unreadable,
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

/**
 * The whole way: reads and cleans landing files, and answers. Throws as `cleanLanding`.
 * @param reading is told how far reading has come, and when it has ended
 */
export async function runBatch(
  directory: string,
  datasets: readonly Dataset[],
  queries: readonly Query[],
  reading: { update(bytes: number, ofBytes: number): void; stop(): void } = {
    update: () => {},
    stop: () => {},
  },
): Promise<BatchResult> {
  const start = performance.now();
  const landing = await cleanLanding(directory, datasets, reading.update).finally(reading.stop);
  const answers = answer(queries, landing.silver);
  return { landing, answers, seconds: (performance.now() - start) / 1000 };
}
