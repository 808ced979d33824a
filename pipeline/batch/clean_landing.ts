/** Landing files → cleaned rows, each once, and quarantine. Only the columns that are wanted stay in memory. */

import { StringColumn } from '../columns/column.ts';
import { type ColumnarTable, columnarTable } from '../columns/table.ts';
import type { Add } from '../delta/table.ts';
import type { QuarantineReason } from '../json/decoder.ts';
import { type Nulled, plusNulled } from '../json/nulled.ts';
import { landingFile } from '../landing/layout.ts';
import { type LandingFile, listLandingFiles, NoLandingFilesError } from '../landing/reader.ts';
import { datasetOfTopic } from '../naming.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Schema } from '../plan/types.ts';
import { type DecodedSplit, splitDataset } from './decode_split.ts';
import { Deduplicator, type ExistingRows } from './deduplicator.ts';
import type { ErasedUntil } from './erased_lines.ts';
import { type FileSplit, splitsOf } from './splits.ts';
import { type WorkerPool, workerPoolFor } from './worker_pool.ts';

/** The landing files below a folder. */
export interface FoundLanding {
  /** By dataset, each sorted by path. */
  readonly files: ReadonlyMap<Dataset, readonly LandingFile[]>;
  /** Topics that belong to no dataset, and are ignored. */
  readonly otherTopics: readonly string[];
  /** Files in topics of datasets whose names are not those of landing files, sorted. */
  readonly otherFiles: readonly string[];
}

/**
 * Finds the landing files of datasets below a folder or an S3 URL that holds `topics/`.
 * @param mayBeEmpty tells whether all may be gone
 * @throws NoLandingFilesError when there is none of any dataset
 */
export async function findLanding(
  landing: string,
  datasets: readonly Dataset[],
  mayBeEmpty: () => Promise<boolean> = async () => false,
): Promise<FoundLanding> {
  const files = new Map<Dataset, LandingFile[]>(datasets.map((dataset) => [dataset, []]));
  const otherTopics = new Set<string>();
  let found = 0;
  const listed = await listLandingFiles(landing);
  for (const file of listed.files) {
    const dataset = datasetOfTopic(datasets, file.topic);
    if (dataset === undefined) {
      otherTopics.add(file.topic);
    } else {
      files.get(dataset)?.push(file);
      found += 1;
    }
  }
  const otherFiles = listed.others.flatMap(({ path, topic }) =>
    datasetOfTopic(datasets, topic) === undefined ? [] : [path],
  );
  if (found === 0 && !(await mayBeEmpty())) {
    const wanted = datasets.map(({ name }) => landingFile(name, 0, 0));
    const others =
      otherFiles.length === 0 ? '' : ` ${otherFiles.length} others are not read, such as ${otherFiles[0]}.`;
    throw new NoLandingFilesError(
      `There are no landing files in ${landing}: it must hold a folder "topics", where they are named like ` +
        `${wanted.join(', ')}.${others}`,
    );
  }
  return { files, otherTopics: [...otherTopics], otherFiles };
}

/** The destination of one dataset's rows. */
export interface Destination {
  /** The cleaned columns that `add` needs. */
  readonly columns: Iterable<string>;
  /** Takes rows, each different one once, in any order: those that earlier runs have kept and those of the files. */
  add(rows: ColumnarTable): void;
}

/** One dataset's files to read. */
export interface DatasetReading {
  readonly dataset: Dataset;
  readonly files: readonly LandingFile[];
  readonly destination: Destination;
  /** The cleaned rows that earlier runs have kept. */
  readonly existing?: ExistingRows | undefined;
  /** The Delta table to write data files with all columns of new rows for. */
  readonly silver?: string | undefined;
  /** Erased keys, which are left out. */
  readonly erased: ErasedUntil;
}

/** Counts of one dataset's lines: read = kept + repeated + quarantined + erased. */
export interface DatasetTotals {
  /** Lines, blank and malformed ones too. */
  read: number;
  /** Different rows, once cleaned, that are new. */
  kept: number;
  /** Events whose cleaned row existed already. */
  repeated: number;
  readonly quarantined: Record<QuarantineReason, number>;
  /** Lines of posts that were erased. */
  erased: number;
  /** Values that rules have made null, in the columns that were decoded: all for a lake, else those that answers need. */
  nulled: Nulled;
  /** Different rows that earlier runs have kept. */
  readonly known: number;
}

/** A landing file that could not be read to its end. */
export interface UnreadableFile {
  readonly path: string;
  readonly error: Error;
}

/** The result of reading. Each record is by the dataset's name. */
export interface CleanedFiles {
  /** Data files of silver that no commit names yet, and their columns. */
  readonly silverFiles: Readonly<Record<string, { readonly schema: Schema; readonly files: readonly Add[] }>>;
  /** Lines of the files that are not events: `file, text, reason`. */
  readonly quarantine: Readonly<Record<string, ColumnarTable>>;
  readonly totals: Readonly<Record<string, DatasetTotals>>;
  readonly unreadable: readonly UnreadableFile[];
}

export const quarantineSchema = { file: 'text', text: 'text', reason: 'text' } as const satisfies Schema;

/**
 * Reads and cleans landing files. One that cannot be read is named in the result; the others are read all the same.
 * @param landing the folder or S3 URL that holds `topics/`
 * @param onProgress is called with 0 before the first byte is read
 */
export async function cleanFiles(
  landing: string,
  readings: readonly DatasetReading[],
  onProgress: (bytes: number, ofBytes: number) => void = () => {},
): Promise<CleanedFiles> {
  const totalBytes = readings.flatMap(({ files }) => files).reduce((sum, { size }) => sum + size, 0);
  let bytesRead = 0;
  const onBytes = (bytes: number) => {
    bytesRead += bytes;
    onProgress(bytesRead, totalBytes);
  };
  onBytes(0);
  const pool = await workerPoolFor(totalBytes);
  try {
    const cleaners = readings.map((reading) => new DatasetCleaner(reading, landing, pool, onBytes));
    // All datasets side by side, so that answers are computed while files are read, not afterwards.
    const splits = cleaners.flatMap((cleaner) => cleaner.splits.map((_, split) => ({ cleaner, split })));
    const share = ({ cleaner, split }: (typeof splits)[number]) => (split + 1) / cleaner.splits.length;
    splits.sort((a, b) => share(a) - share(b));
    await Promise.all(splits.map(({ cleaner, split }) => cleaner.read(split)));
    await Promise.all(cleaners.map((cleaner) => cleaner.resolve()));
    const byDataset = <T>(of: (cleaner: DatasetCleaner) => T) =>
      Object.fromEntries(cleaners.map((cleaner) => [cleaner.dataset.name, of(cleaner)]));
    return {
      silverFiles: byDataset((cleaner) => cleaner.silverFiles),
      quarantine: byDataset((cleaner) => cleaner.quarantine()),
      totals: byDataset(({ totals }) => totals),
      unreadable: cleaners.flatMap(({ unreadable }) => unreadable),
    };
  } finally {
    pool.close();
  }
}

/** Reads and cleans one dataset's landing files. */
class DatasetCleaner {
  readonly dataset: Dataset;
  readonly totals: DatasetTotals;
  readonly unreadable: UnreadableFile[] = [];
  readonly splits: readonly (readonly FileSplit[])[];
  private readonly columns: readonly string[];
  private readonly deduplicator: Deduplicator;
  /** By split. */
  private readonly files = new Map<number, Add>();
  private readonly quarantined = {
    file: new StringColumn(),
    text: new StringColumn(),
    reason: new StringColumn(),
  };

  constructor(
    private readonly reading: DatasetReading,
    private readonly landing: string,
    private readonly pool: WorkerPool,
    private readonly onBytes: (bytes: number) => void,
  ) {
    const { dataset, files, existing, destination } = reading;
    this.dataset = dataset;
    this.splits = splitsOf(files);
    const wanted = new Set([...destination.columns, dataset.keyColumn]);
    this.columns = Object.keys(dataset.cleaning.schema).filter((name) => wanted.has(name));
    this.deduplicator = new Deduplicator(dataset, existing);
    this.totals = {
      read: 0,
      kept: 0,
      repeated: 0,
      quarantined: { malformed_json: 0, missing_key: 0 },
      erased: 0,
      nulled: {},
      known: existing?.rows.length ?? 0,
    };
    if (existing !== undefined) {
      destination.add(existing.rows);
    }
  }

  get silverFiles() {
    return { schema: this.dataset.cleaning.schema, files: [...this.files.values()] };
  }

  async read(split: number): Promise<void> {
    this.take(split, await this.decode(split, none));
  }

  /** Decides which candidate rows are duplicates, when all files are read. */
  async resolve(): Promise<void> {
    const resolved = await this.deduplicator.resolve(async (lines) => {
      const { rows } = await this.pool.run({ kind: 'lines', ...this.common, lines });
      return rows;
    });
    this.retain(resolved.rows);
    this.totals.repeated = resolved.repeated;
    // Duplicates are few, so data files are written with them, and again where there were any.
    const { silver } = this.reading;
    if (silver !== undefined) {
      await Promise.all(
        [...resolved.duplicates].map(([split, duplicates]) => this.rewrite(silver, split, duplicates)),
      );
    }
  }

  quarantine(): ColumnarTable {
    return columnarTable(quarantineSchema, this.quarantined);
  }

  private get common() {
    return { dataset: splitDataset(this.dataset), landing: this.landing };
  }

  private partsOf(split: number): readonly FileSplit[] {
    const parts = this.splits[split];
    if (parts === undefined) {
      throw new RangeError(`${this.dataset.name} has no split ${split}.`);
    }
    return parts;
  }

  private decode(split: number, without: Int32Array): Promise<DecodedSplit> {
    const { columns } = this;
    const { silver: table, erased } = this.reading;
    const silver = table === undefined ? {} : { silver: { table, without } };
    const parts = this.partsOf(split);
    return this.pool.run({ kind: 'decode', ...this.common, parts, erased, columns, ...silver });
  }

  private take(split: number, decoded: DecodedSplit): void {
    const parts = this.partsOf(split);
    for (const { path, text, reason } of decoded.quarantined) {
      const { file, text: texts, reason: reasons } = this.quarantined;
      file.add(path);
      texts.addCode(texts.dictionary.internBytes(text, 0, text.length));
      reasons.add(reason);
      this.totals.quarantined[reason] += 1;
    }
    this.totals.nulled = plusNulled(this.totals.nulled, decoded.nulled);
    this.totals.erased += decoded.erased;
    this.totals.read += decoded.rows.length + decoded.quarantined.length + decoded.erased;
    for (const [i, { path }] of parts.entries()) {
      const error = decoded.parts[i]?.error;
      if (error !== undefined && !this.unreadable.some((other) => other.path === path)) {
        this.unreadable.push({ path, error });
      }
    }
    if (decoded.file !== undefined) {
      this.files.set(split, decoded.file);
    }
    this.retain(this.deduplicator.add(split, parts, decoded));
    this.onBytes(parts.reduce((sum, { size }) => sum + size, 0));
  }

  private retain(rows: ColumnarTable): void {
    this.totals.kept += rows.length;
    this.reading.destination.add(rows);
  }

  /** Writes the data file of a split again, without duplicates. */
  private async rewrite(table: string, split: number, duplicates: Int32Array): Promise<void> {
    const { file } = await this.decode(split, duplicates);
    const before = this.files.get(split);
    if (before !== undefined) {
      const { removeDataFile } = await import('../delta/files.ts');
      await removeDataFile(table, before);
    }
    if (file === undefined) {
      this.files.delete(split);
    } else {
      this.files.set(split, file);
    }
  }
}

const none = new Int32Array(0);
