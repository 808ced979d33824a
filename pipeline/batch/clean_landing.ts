/** Landing files → cleaned rows, each once, and quarantine. What stays in memory is the columns that somebody wants. */

import { StringColumn } from '../columns/column.ts';
import { type ColumnarTable, columnarTable } from '../columns/table.ts';
import type { Add } from '../delta/table.ts';
import type { QuarantineReason } from '../json/decoder.ts';
import { landingFile } from '../landing/layout.ts';
import { LandingError, type LandingFile, listLandingFiles } from '../landing/reader.ts';
import { datasetOfTopic } from '../naming.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Schema } from '../plan/types.ts';
import { type DecodedSplit, splitDataset } from './decode_split.ts';
import { Deduplicator, type ExistingRows } from './deduplicator.ts';
import { type FileSplit, splitsOf } from './splits.ts';
import { type WorkerPool, workerPoolFor } from './worker_pool.ts';

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
  readonly existing?: ExistingRows | undefined;
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

/** What is read, and what is made of it. */
export interface Cleaning {
  /** The folder that holds `topics/`. */
  readonly landing: string;
  readonly readings: readonly DatasetReading[];
  /** The cleaned columns that are wanted of a dataset. */
  readonly columnsOf: (dataset: Dataset) => Iterable<string>;
  /** Takes rows, each different one once, in any order: the known ones and those of the files. */
  readonly onRows: (dataset: Dataset, rows: ColumnarTable) => void;
  /** The Delta table that data files with all columns are written for, of the rows that were not known. */
  readonly silverOf?: ((dataset: Dataset) => string) | undefined;
  readonly onProgress?: (bytes: number, ofBytes: number) => void;
}

/** What came of reading. Each record is by the dataset's name. */
export interface CleanedFiles {
  /** Data files of silver that no commit names yet, and their columns. */
  readonly silverFiles: Readonly<Record<string, { readonly schema: Schema; readonly files: readonly Add[] }>>;
  /** Lines of the files read that are no events: `file, text, reason`. */
  readonly quarantine: Readonly<Record<string, ColumnarTable>>;
  readonly totals: Readonly<Record<string, DatasetTotals>>;
  readonly unreadable: readonly UnreadableFile[];
}

export const quarantineSchema = { file: 'text', text: 'text', reason: 'text' } as const satisfies Schema;

/** Reads and cleans landing files. One that cannot be read is named in the result; the others are read all the same. */
export async function cleanFiles(cleaning: Cleaning): Promise<CleanedFiles> {
  const { readings, onProgress = () => {} } = cleaning;
  const bytesInAll = readings.flatMap(({ files }) => files).reduce((sum, { size }) => sum + size, 0);
  let bytesRead = 0;
  const onBytes = (bytes: number) => {
    bytesRead += bytes;
    onProgress(bytesRead, bytesInAll);
  };
  const hands = await workerPoolFor(bytesInAll);
  try {
    const landings = readings.map((reading) => new DatasetLanding(reading, cleaning, hands, onBytes));
    // All datasets side by side, so that answers are made while files are read, not behind it.
    const tasks = landings.flatMap((landing) => landing.tasks.map((_, task) => ({ landing, task })));
    const share = ({ landing, task }: (typeof tasks)[number]) => (task + 1) / landing.tasks.length;
    tasks.sort((a, b) => share(a) - share(b));
    await Promise.all(tasks.map(({ landing, task }) => landing.read(task)));
    await Promise.all(landings.map((landing) => landing.settle()));
    const byDataset = <T>(of: (landing: DatasetLanding) => T) =>
      Object.fromEntries(landings.map((landing) => [landing.dataset.name, of(landing)]));
    return {
      silverFiles: byDataset((landing) => landing.silverFiles),
      quarantine: byDataset((landing) => landing.quarantine()),
      totals: byDataset(({ totals }) => totals),
      unreadable: landings.flatMap(({ unreadable }) => unreadable),
    };
  } finally {
    hands.close();
  }
}

/** Gathers what one dataset's landing files hold. */
class DatasetLanding {
  readonly dataset: Dataset;
  readonly totals: DatasetTotals;
  readonly unreadable: UnreadableFile[] = [];
  readonly tasks: readonly (readonly FileSplit[])[];
  private readonly columns: readonly string[];
  private readonly newRows: Deduplicator;
  /** By task. */
  private readonly files = new Map<number, Add>();
  private readonly quarantined = {
    file: new StringColumn(),
    text: new StringColumn(),
    reason: new StringColumn(),
  };

  constructor(
    { dataset, files, existing: known }: DatasetReading,
    private readonly cleaning: Cleaning,
    private readonly hands: WorkerPool,
    private readonly onBytes: (bytes: number) => void,
  ) {
    this.dataset = dataset;
    this.tasks = splitsOf(files);
    const wanted = new Set([...cleaning.columnsOf(dataset), dataset.keyColumn]);
    this.columns = Object.keys(dataset.cleaning.schema).filter((name) => wanted.has(name));
    this.newRows = new Deduplicator(dataset, known);
    this.totals = {
      read: 0,
      kept: 0,
      repeated: 0,
      quarantined: { malformed_json: 0, missing_key: 0 },
      known: known?.rows.length ?? 0,
    };
    if (known !== undefined) cleaning.onRows(dataset, known.rows);
  }

  get silverFiles() {
    return { schema: this.dataset.cleaning.schema, files: [...this.files.values()] };
  }

  /** Reads the files of one task. */
  async read(task: number): Promise<void> {
    this.take(task, await this.decode(task, none), this.tasks[task] ?? []);
  }

  /** Finds out which rows are repeats, when all files are read. */
  async settle(): Promise<void> {
    const settled = await this.newRows.resolve(async (lines) => {
      const { rows } = await this.hands.run({ kind: 'lines', ...this.common, lines });
      return rows;
    });
    this.keep(settled.rows);
    this.totals.repeated = settled.repeated;
    // Repeats are few, so data files are written with them, and again where there were any.
    const { silverOf } = this.cleaning;
    if (silverOf !== undefined) {
      const again = [...settled.duplicates].map(([task, repeats]) =>
        this.writeWithout(silverOf(this.dataset), task, repeats),
      );
      await Promise.all(again);
    }
  }

  quarantine(): ColumnarTable {
    return columnarTable(quarantineSchema, this.quarantined);
  }

  private get common() {
    return { dataset: splitDataset(this.dataset), landing: this.cleaning.landing };
  }

  private decode(task: number, rowsLeftOut: Int32Array): Promise<DecodedSplit> {
    const { columns, dataset } = this;
    const table = this.cleaning.silverOf?.(dataset);
    const silver = table === undefined ? {} : { silver: { table, without: rowsLeftOut } };
    return this.hands.run({
      kind: 'decode',
      ...this.common,
      parts: this.tasks[task] ?? [],
      columns,
      ...silver,
    });
  }

  private take(task: number, done: DecodedSplit, parts: readonly FileSplit[]): void {
    for (const { path, text, reason } of done.quarantined) {
      const { file, text: texts, reason: reasons } = this.quarantined;
      file.add(path);
      texts.addCode(texts.dictionary.internBytes(text, 0, text.length));
      reasons.add(reason);
      this.totals.quarantined[reason] += 1;
    }
    this.totals.read += done.rows.length + done.quarantined.length;
    for (const [i, { path }] of parts.entries()) {
      const error = done.parts[i]?.error;
      if (error !== undefined && !this.unreadable.some((other) => other.path === path)) {
        this.unreadable.push({ path, error });
      }
    }
    if (done.file !== undefined) this.files.set(task, done.file);
    this.keep(this.newRows.add(task, parts, done));
    this.onBytes(parts.reduce((sum, { size }) => sum + size, 0));
  }

  private keep(rows: ColumnarTable): void {
    this.totals.kept += rows.length;
    this.cleaning.onRows(this.dataset, rows);
  }

  private async writeWithout(table: string, task: number, repeats: Int32Array): Promise<void> {
    const { file } = await this.decode(task, repeats);
    const before = this.files.get(task);
    if (before !== undefined) {
      const { removeDataFile } = await import('../delta/files.ts');
      await removeDataFile(table, before);
    }
    if (file === undefined) this.files.delete(task);
    else this.files.set(task, file);
  }
}

const none = new Int32Array(0);
