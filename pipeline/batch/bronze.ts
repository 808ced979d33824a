/**
 * The raw copy of landing files that outlives them: `bronze/<dataset>` of a lake, the same for Node and Spark
 * (docs/decisions/bronze.md). A run copies the files that it reads, and reads gone ones here.
 */
import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type ColumnarTable, columnAt } from '../columns/table.ts';
import type { RowChoice } from '../delta/remove_rows.ts';
import { boundsOf } from '../delta/statistics.ts';
import { type Add, DeltaTable, tablePath } from '../delta/table.ts';
import { Erasures } from '../erasures.ts';
import { isCompressed, LandingError, type LandingFile } from '../landing/reader.ts';
import { bronzeSchema } from './bronze_rows.ts';
import { type FileForm, type FilesToRead, formOf } from './files_read.ts';
import { OpenedTable } from './opened_table.ts';
import { splitsOf } from './splits.ts';
import { workerPoolFor } from './worker_pool.ts';

export function bronzePath(lake: string, dataset: string): string {
  return tablePath(lake, 'bronze', dataset);
}

/** Tells a table of copies by its path. */
export function isBronze(lake: string, table: string): boolean {
  return table.startsWith(bronzePath(lake, ''));
}

/** The rows of files that were last changed before a time: all rows of a file, in one commit. */
export function filesBefore(time: number): RowChoice {
  return {
    columns: ['modified'],
    mayHold: (bounds) => {
      const min = bounds('modified')?.min;
      return typeof min !== 'number' || min < time;
    },
    chosen: (table) => {
      const modified = columnAt(table, 'modified');
      return (row) => Number(modified.at(row)) < time;
    },
  };
}

/** Those of some files that a dataset's copy holds. @param table undefined where there is none: it holds nothing */
export async function filesInBronze<File extends FileForm>(
  table: DeltaTable | undefined,
  files: readonly File[],
): Promise<File[]> {
  const held = new Set<string>();
  if (table !== undefined && files.length > 0) {
    const columns = ['file', 'size', 'modified', 'start'];
    for await (const rows of table.readFiles({ columns, isWanted: mayHold(files) })) {
      const start = columnAt(rows, 'start');
      forEachForm(rows, (form, row) => {
        if (start.at(row) === null) {
          held.add(form);
        }
      });
    }
  }
  return files.filter((file) => held.has(formOf(file)));
}

/** The landing files that are copied. */
export interface Copied {
  /** The folder or S3 URL that holds `topics/`. */
  readonly landing: string;
  /** A dataset without a copy gets one. */
  readonly begins: boolean;
}

/** The copies of a lake's datasets, as a run keeps them. */
export class Bronze {
  constructor(
    private readonly lake: string,
    private readonly copied: Copied | undefined,
  ) {}

  /** Tells whether some dataset has a copy. */
  async holdsAny(datasets: readonly { readonly name: string }[]): Promise<boolean> {
    const tables = await Promise.all(datasets.map(({ name }) => this.table(name)));
    return tables.some((table) => table !== undefined);
  }

  /**
   * Writes files that are gone again, below a temporary folder.
   * @throws LandingError naming files that a copy does not hold either
   */
  async restore(reading: readonly FilesToRead[]): Promise<RestoredFiles> {
    const missing = reading.filter(({ gone }) => gone.length > 0);
    if (missing.length === 0) {
      return new RestoredFiles();
    }
    const folder = await mkdtemp(join(tmpdir(), 'pinterest-bronze-'));
    const restored = new RestoredFiles(folder);
    try {
      for (const of of missing) {
        const table = await this.table(of.dataset);
        checkHeld(of, await filesInBronze(table, of.gone));
        await restoreFrom(table, of.gone, folder);
      }
      return restored;
    } catch (error) {
      await restored.remove();
      throw error;
    }
  }

  /**
   * The commits of a run, one for each dataset that has a copy or gets one. A lake without copies costs a look for the table of
   * each dataset of which files were read.
   * @param unreadable paths of files that were not read to their end
   */
  async steps(
    reading: readonly FilesToRead[],
    unreadable: ReadonlySet<string>,
  ): Promise<readonly (() => Promise<void>)[]> {
    const { copied } = this;
    if (copied === undefined) {
      return [];
    }
    const { landing, begins } = copied;
    const concerned = reading.filter(({ files }) => begins || files.length > 0);
    const tables = await Promise.all(
      concerned.map(async (of) => ({
        of,
        // Lines that were erased may come with files that an erasure is about to change.
        opened: await OpenedTable.open(bronzePath(this.lake, of.dataset), Erasures.none),
      })),
    );
    return tables.flatMap(({ of, opened }) =>
      opened.table !== undefined || begins ? [() => copy(landing, of, opened, unreadable)] : [],
    );
  }

  private table(dataset: string): Promise<DeltaTable | undefined> {
    return DeltaTable.openIfExists(bronzePath(this.lake, dataset));
  }
}

/** Commits the lines of files that a copy does not hold: of those read now; where it begins, of all that are present. */
async function copy(
  landing: string,
  { dataset, files, gone, present }: FilesToRead,
  opened: OpenedTable,
  unreadable: ReadonlySet<string>,
): Promise<void> {
  const { table, path } = opened;
  const leftOut = new Set<LandingFile>(gone);
  const read = (table === undefined ? present : files).filter(
    (file) => !leftOut.has(file) && !unreadable.has(file.path),
  );
  const held = new Set(await filesInBronze(table, read));
  const missing = read.filter((file) => !held.has(file));
  await opened.appendFiles(bronzeSchema, await written(landing, dataset, missing, path));
}

/** Writes data files that no commit names yet. */
async function written(
  landing: string,
  name: string,
  files: readonly LandingFile[],
  table: string,
): Promise<Add[]> {
  const pool = await workerPoolFor(files.reduce((sum, { size }) => sum + size, 0));
  try {
    const common = { kind: 'copy', dataset: { name }, landing, table } as const;
    const copied = await Promise.all(splitsOf(files).map((parts) => pool.run({ ...common, parts })));
    return copied.flatMap(({ file }) => file ?? []);
  } finally {
    pool.close();
  }
}

/** Files that are gone from the landing folder, written again from their lines for as long as a run reads them. */
export class RestoredFiles {
  /** @param folder holds `topics/` for these files; undefined where there are none */
  constructor(private readonly folder?: string) {}

  /** The files to read, with the folder of those that are here. */
  placed({ files, gone }: FilesToRead): readonly LandingFile[] {
    const { folder } = this;
    const here = new Set(gone);
    return folder === undefined ? files : files.map((file) => (here.has(file) ? { ...file, folder } : file));
  }

  async remove(): Promise<void> {
    if (this.folder !== undefined) {
      await rm(this.folder, { recursive: true, force: true });
    }
  }
}

function checkHeld({ dataset, gone, anew }: FilesToRead, held: readonly LandingFile[]): void {
  const found = new Set(held);
  const lost = gone.filter((file) => !found.has(file));
  if (lost.length > 0) {
    throw new LandingError(
      `${anew}, and ${lost.length} of the files that were read no longer exist, the first ${lost[0]?.path}, nor has ` +
        `bronze/${dataset} their lines: bring them back, or move silver/${dataset}, quarantine/${dataset} and files_read ` +
        'of the lake away.',
    );
  }
}

/** Lines that are written at once. */
const linesAtOnce = 4096;
/** A reader leaves out the mark at the start of a file, so it leaves all of the first line. */
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

async function restoreFrom(
  table: DeltaTable | undefined,
  files: readonly LandingFile[],
  folder: string,
): Promise<void> {
  const paths = new Map(files.map((file) => [formOf(file), file.path]));
  for (const path of paths.values()) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await append(folder, path, [byteOrderMark]);
  }
  for await (const rows of table?.readFiles({ isWanted: mayHold(files) }) ?? []) {
    const [line, bytes] = [columnAt(rows, 'line'), columnAt(rows, 'bytes')];
    const lines = new Map<string, number[]>();
    forEachForm(rows, (form, row) => {
      const path = paths.get(form);
      if (path !== undefined && (line.at(row) !== null || bytes.at(row) !== null)) {
        const of = lines.get(path) ?? [];
        of.push(row);
        lines.set(path, of);
      }
    });
    for (const [path, ofFile] of lines) {
      for (let from = 0; from < ofFile.length; from += linesAtOnce) {
        const some = ofFile.slice(from, from + linesAtOnce).flatMap((row) => {
          const text = line.at(row);
          return [
            text === null ? Buffer.from(String(bytes.at(row)), 'base64') : Buffer.from(String(text)),
            lineEnd,
          ];
        });
        await append(folder, path, some);
      }
    }
  }
}

const lineEnd = Buffer.from('\n');

/** Appends to a restored file; gzip's format is that of one file after the other. */
async function append(folder: string, path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const bytes = Buffer.concat(chunks);
  await appendFile(join(folder, path), isCompressed(path) ? gzipSync(bytes, { level: 1 }) : bytes);
}

/** Calls back for each row with the form of its file. */
function forEachForm(rows: ColumnarTable, call: (form: string, row: number) => void): void {
  const [path, size, modified] = [columnAt(rows, 'file'), columnAt(rows, 'size'), columnAt(rows, 'modified')];
  for (let row = 0; row < rows.length; row += 1) {
    const file = {
      path: String(path.at(row)),
      size: Number(size.at(row)),
      modified: Number(modified.at(row)),
    };
    call(formOf(file), row);
  }
}

/** Tells whether a data file may hold some of these files, from the bounds of their times of change. */
function mayHold(files: readonly FileForm[]): (file: Add) => boolean {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { modified } of files) {
    least = Math.min(least, modified);
    greatest = Math.max(greatest, modified);
  }
  return ({ stats }) => {
    const { min, max } = boundsOf(stats, 'modified') ?? {};
    return typeof min !== 'number' || typeof max !== 'number' || (min <= greatest && max >= least);
  };
}
