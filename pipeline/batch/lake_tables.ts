/**
 * The Delta tables that the batch path keeps below a lake: `silver/<dataset>`, `quarantine/<dataset>`, `gold/<query>` and
 * `files_read`, the same that the notebook keeps; and `bronze/<dataset>` where it was asked for (`bronze.ts`).
 *
 * A run works on the versions that it has opened, and commits only on top of these: of two runs at once one fails, and
 * no row is written twice. `files_read` is committed last; everything before it can be repeated without harm.
 */

import { type ColumnarTable, columnAt, emptyTable, rowsOf, tableOfRows } from '../columns/table.ts';
import { DeltaConflictError } from '../delta/error.ts';
import { tablePath } from '../delta/table.ts';
import { takeOutOfQuarantine, takeOutOfSilver } from '../erasures/take_out.ts';
import { type Erasures, readErasures } from '../erasures.ts';
import type { Dataset } from '../plan/dataset.ts';
import { Bronze, type Copied } from './bronze.ts';
import { type CleanedFiles, quarantineSchema } from './clean_landing.ts';
import type { ExistingRows } from './deduplicator.ts';
import {
  announcement,
  type FileRead,
  type FilesToRead,
  type HoldingTable,
  recordChange,
  recordOf,
  tableOfRecord,
} from './files_read.ts';
import { OpenedTable } from './opened_table.ts';

/** The changes that a run commits. */
export interface LakeChange {
  readonly landing: Pick<CleanedFiles, 'silverFiles' | 'quarantine' | 'unreadable'> & {
    /** The files that were read, of every dataset. */
    readonly reading: readonly FilesToRead[];
  };
  readonly answers: readonly { readonly query: { readonly name: string }; readonly table: ColumnarTable }[];
}

/** The lake as it was when a run began. */
export class BatchLake {
  private constructor(
    private readonly folder: string,
    private readonly tables: ReadonlyMap<string, OpenedTable>,
    /** The record of landing files that were read. */
    readonly recorded: readonly FileRead[],
    /** Erased keys: no table has a row of them, and none may come. */
    readonly erasures: Erasures,
    /** The raw copies of landing files. */
    readonly bronze: Bronze,
  ) {}

  /**
   * Opens the tables of a lake, which need not exist. Erased rows that are still there are taken out first: an erasure was
   * killed, or is about to do the same.
   * @param copied the landing files that are copied; none by default
   * @throws DeltaError or StorageError when one cannot be read or written
   */
  static async open(
    folder: string,
    datasets: readonly Pick<Dataset, 'name' | 'key' | 'keyColumn'>[],
    queries: readonly { readonly name: string }[],
    copied?: Copied,
  ): Promise<BatchLake> {
    const erasures = await readErasures(folder);
    for (const dataset of datasets) {
      await takeOutOfQuarantine(tablePath(folder, 'quarantine', dataset.name), dataset, erasures);
      await takeOutOfSilver(tablePath(folder, 'silver', dataset.name), dataset, erasures);
    }
    const paths = [
      'files_read',
      ...datasets.flatMap(({ name }) => [`silver/${name}`, `quarantine/${name}`]),
      ...queries.map(({ name }) => `gold/${name}`),
    ];
    const tables = new Map<string, OpenedTable>();
    for (const path of paths) {
      tables.set(path, await OpenedTable.open(tablePath(folder, path), erasures));
    }
    const record = await tables.get('files_read')?.read();
    const bronze = new Bronze(folder, copied);
    return new BatchLake(folder, tables, record === undefined ? [] : recordOf(record), erasures, bronze);
  }

  /**
   * The cleaned rows of a dataset, undefined when the lake has no such table.
   * @param columns the columns to read beside the key
   */
  async existing(dataset: Dataset, columns: Iterable<string>): Promise<ExistingRows | undefined> {
    const table = this.table(`silver/${dataset.name}`);
    const rows = await table.read([...new Set([dataset.keyColumn, ...columns])]);
    const whole = async () => (await table.read()) ?? emptyTable(dataset.cleaning.schema);
    return rows && { rows, whole };
  }

  /** The tables that hold what a dataset's files were read into, as they are now. */
  async holding(dataset: string): Promise<readonly HoldingTable[]> {
    const paths = [`silver/${dataset}`, `quarantine/${dataset}`];
    return Promise.all(paths.map(async (path) => ({ path, ...(await this.table(path).identity()) })));
  }

  /** The path of a dataset's silver. */
  silverPath(dataset: string): string {
    return this.table(`silver/${dataset}`).path;
  }

  /**
   * Commits the result of a run. Killed at any moment and run again, it comes to the same.
   * @param onTable is called after each table
   * @throws Error when another run has written to the lake meanwhile, or a file that has to be read again cannot be
   */
  async commit(change: LakeChange, onTable: (written: number, of: number) => void = () => {}): Promise<void> {
    const steps = await this.steps(change);
    try {
      for (const [i, step] of steps.entries()) {
        await step();
        onTable(i + 1, steps.length);
      }
    } catch (error) {
      if (error instanceof DeltaConflictError) {
        throw new Error(
          `Another run writes to the lake ${this.folder}, so this one has ended: ${error.message} ` +
            'Nothing is lost and nothing is doubled: run it again when the other has ended.',
          { cause: error },
        );
      }
      throw error;
    }
  }

  /** Commits answers alone. @throws DeltaConflictError when another run has written some meanwhile */
  async commitAnswers(answers: LakeChange['answers']): Promise<void> {
    for (const { query, table } of answers) {
      await this.table(`gold/${query.name}`).overwrite(table);
    }
  }

  /** The commits, in their order. */
  private async steps({ landing, answers }: LakeChange): Promise<readonly (() => Promise<void>)[]> {
    const { reading, quarantine, silverFiles } = landing;
    const unreadable = new Set(landing.unreadable.map(({ path }) => path));
    this.checkReplaceable(reading, unreadable);
    const announced = reading.filter(({ announce }) => announce).map(announcement);
    const record = this.table('files_read');
    return [
      async () => record.append(tableOfRecord(announced)),
      ...(await this.bronze.steps(reading, unreadable)),
      ...reading.flatMap((of) => [
        async () => this.writeQuarantine(of, ofDataset(quarantine, of.dataset)),
        async () => this.writeSilver(of, silverFiles),
      ]),
      ...answers.map(
        ({ query, table }) =>
          async () =>
            this.table(`gold/${query.name}`).overwrite(table),
      ),
      async () => {
        const tables = (await Promise.all(reading.map(({ dataset }) => this.holding(dataset)))).flat();
        const { read, kept } = recordChange(reading, [...this.recorded, ...announced], tables, unreadable);
        await (kept === undefined
          ? record.append(tableOfRecord(read))
          : record.overwrite(tableOfRecord([...kept, ...read])));
      },
    ];
  }

  /** Checks that silver is not replaced without the rows of a file that could not be read. */
  private checkReplaceable(reading: readonly FilesToRead[], unreadable: ReadonlySet<string>): void {
    for (const { anew, files } of reading) {
      const missing = files.filter(({ path }) => unreadable.has(path));
      if (anew !== undefined && missing.length > 0) {
        throw new Error(
          `${anew}, and ${missing.length} of its landing files could not be read to their end, ` +
            `the first ${missing[0]?.path}: nothing was written to ${this.folder}, so that no row is lost. ` +
            'Make them readable and run this again.',
        );
      }
    }
  }

  private async writeSilver(
    { dataset, anew }: FilesToRead,
    silverFiles: CleanedFiles['silverFiles'],
  ): Promise<void> {
    const silver = this.table(`silver/${dataset}`);
    const { schema, files } = ofDataset(silverFiles, dataset);
    await (anew === undefined ? silver.appendFiles(schema, files) : silver.overwriteFiles(schema, files));
  }

  /** Replaces the lines of the files read. */
  private async writeQuarantine(of: FilesToRead, bad: ColumnarTable): Promise<void> {
    const quarantine = this.table(`quarantine/${of.dataset}`);
    const files = new Set(of.files.map(({ path }) => path));
    const existing = of.anew === undefined ? await quarantine.read(['file']) : undefined;
    if (of.anew !== undefined) {
      await quarantine.overwrite(bad);
    } else if (existing === undefined || !holdsAnyOf(existing, files)) {
      await quarantine.append(bad);
    } else {
      const all = (await quarantine.read()) ?? emptyTable(quarantineSchema);
      await quarantine.overwrite(quarantinedOfOthers(all, files, bad));
    }
  }

  private table(path: string): OpenedTable {
    const table = this.tables.get(path);
    if (table === undefined) {
      throw new RangeError(`The lake was opened without ${path}.`);
    }
    return table;
  }
}

function ofDataset<T>(all: Readonly<Record<string, T>>, dataset: string): T {
  const found = all[dataset];
  if (found === undefined) {
    throw new RangeError(`Nothing was read of ${dataset}.`);
  }
  return found;
}

function holdsAnyOf(quarantine: ColumnarTable, files: ReadonlySet<string>): boolean {
  const file = columnAt(quarantine, 'file');
  for (let row = 0; row < quarantine.length; row += 1) {
    if (files.has(String(file.at(row)))) {
      return true;
    }
  }
  return false;
}

/** The lines of other files, followed by the new ones. */
function quarantinedOfOthers(
  all: ColumnarTable,
  files: ReadonlySet<string>,
  bad: ColumnarTable,
): ColumnarTable {
  const others = rowsOf(all).filter(({ file }) => !files.has(String(file)));
  return tableOfRows(quarantineSchema, [...others, ...rowsOf(bad)]);
}
