/** Landing files → cleaned rows that are new, and quarantine. Files are streamed; what stays in memory are tables. */
import { join } from 'node:path';
import { CleanDecoder, type QuarantineReason } from '../lake/decode.ts';
import { landingFile } from '../lake/landing_layout.ts';
import { LandingError, type LandingFile, listLandingFiles, readWholeLines } from '../lake/landing_reader.ts';
import { datasetOfTopic } from '../names.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Schema } from '../plan/types.ts';
import { TextColumn } from '../table/column.ts';
import { type ColumnarTable, columnarTable } from '../table/columnar_table.ts';
import { DistinctRows } from '../table/distinct_rows.ts';

/** The landing files below a folder. */
export interface FoundLanding {
  /** By dataset, each sorted by path. */
  readonly files: ReadonlyMap<Dataset, readonly LandingFile[]>;
  /** Topics that belong to no dataset, and are left alone. */
  readonly otherTopics: readonly string[];
}

/**
 * Finds the landing files of datasets below a folder that holds `topics/`.
 * @throws LandingError when there is none of any dataset
 */
export async function findLanding(landing: string, datasets: readonly Dataset[]): Promise<FoundLanding> {
  const files = new Map<Dataset, LandingFile[]>(datasets.map((dataset) => [dataset, []]));
  const otherTopics = new Set<string>();
  let found = 0;
  for (const file of await listLandingFiles(landing)) {
    const dataset = datasetOfTopic(datasets, file.topic);
    if (dataset === undefined) {
      otherTopics.add(file.topic);
    } else {
      files.get(dataset)?.push(file);
      found += 1;
    }
  }
  if (found === 0) {
    const wanted = datasets.map(({ name }) => landingFile(name, 0, 0));
    throw new LandingError(
      `There are no landing files in ${landing}; they are named like ${wanted.join(', ')}.`,
    );
  }
  return { files, otherTopics: [...otherTopics] };
}

/** What is read of one dataset. */
export interface DatasetReading {
  readonly dataset: Dataset;
  readonly files: readonly LandingFile[];
  /** The cleaned rows that earlier runs have kept. */
  readonly known?: ColumnarTable | undefined;
}

/** What was read of one dataset: read = kept + repeated + quarantined. */
export interface DatasetTotals {
  /** Lines, blank and malformed ones too. */
  read: number;
  /** Different rows, once cleaned, that were not known. */
  kept: number;
  /** Events whose cleaned row was there already. */
  repeated: number;
  readonly quarantined: Record<QuarantineReason, number>;
  /** Different rows that earlier runs have kept. */
  readonly known: number;
}

/** A landing file that could not be read to its end. */
export interface UnreadableFile {
  readonly path: string;
  readonly error: Error;
}

/** What came of reading. Each record is by the dataset's name. */
export interface CleanedFiles {
  /** All cleaned rows, the known ones first. */
  readonly silver: Readonly<Record<string, ColumnarTable>>;
  /** Those that were not known. */
  readonly added: Readonly<Record<string, ColumnarTable>>;
  /** Lines of the files read that are no events: `file, text, reason`. */
  readonly quarantine: Readonly<Record<string, ColumnarTable>>;
  readonly totals: Readonly<Record<string, DatasetTotals>>;
  readonly unreadable: readonly UnreadableFile[];
}

export const quarantineSchema = { file: 'text', text: 'text', reason: 'text' } as const satisfies Schema;

/**
 * Reads and cleans landing files. One that cannot be read is named in the result; the others are read all the same.
 * @param landing the folder that holds `topics/`
 */
export async function cleanFiles(
  landing: string,
  readings: readonly DatasetReading[],
  onProgress: (bytes: number, ofBytes: number) => void = () => {},
): Promise<CleanedFiles> {
  const bytesInAll = readings.flatMap(({ files }) => files).reduce((sum, { size }) => sum + size, 0);
  let bytesRead = 0;
  const unreadable: UnreadableFile[] = [];
  const landings: [string, DatasetLanding][] = [];
  for (const { dataset, files, known } of readings) {
    const into = new DatasetLanding(dataset, known);
    landings.push([dataset.name, into]);
    for (const file of files) {
      try {
        await into.read(landing, file, (bytes) => {
          bytesRead += bytes;
          onProgress(bytesRead, bytesInAll);
        });
      } catch (error) {
        unreadable.push({
          path: file.path,
          error: error instanceof Error ? error : new Error(String(error)),
        });
      }
    }
    into.clean();
  }
  const byDataset = <T>(of: (landing: DatasetLanding) => T) =>
    Object.fromEntries(landings.map(([name, dataset]) => [name, of(dataset)]));
  return {
    silver: byDataset((dataset) => dataset.rows.table),
    added: byDataset(({ rows, totals }) => rows.rowsFrom(totals.known)),
    quarantine: byDataset((dataset) => dataset.quarantine()),
    totals: byDataset(({ totals }) => totals),
    unreadable,
  };
}

/** Rows that are decoded before repeats are looked for. */
const rowsAtOnce = 32_768;

/** Gathers what one dataset's landing files hold. */
class DatasetLanding {
  readonly totals: DatasetTotals;
  readonly rows: DistinctRows;
  private readonly decoder: CleanDecoder;
  private readonly quarantined = { file: new TextColumn(), text: new TextColumn(), reason: new TextColumn() };

  constructor(dataset: Dataset, known: ColumnarTable | undefined) {
    this.rows = new DistinctRows(dataset.cleaning.schema);
    this.decoder = new CleanDecoder(dataset, { dictionariesOf: this.rows.table });
    this.totals = {
      read: 0,
      kept: 0,
      repeated: 0,
      quarantined: { malformed_json: 0, missing_key: 0 },
      known: known === undefined ? 0 : this.rows.add(known),
    };
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

  /** Keeps what was decoded since the last time. */
  clean(): void {
    const cleaned = this.decoder.take();
    const added = this.rows.add(cleaned);
    this.totals.read += cleaned.length;
    this.totals.kept += added;
    this.totals.repeated += cleaned.length - added;
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
}
