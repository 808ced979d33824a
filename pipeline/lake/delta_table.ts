/**
 * Delta tables on a folder, written and read by Node alone, for Spark, Databricks and every other reader of Delta:
 *
 * ```ts
 * await overwriteDeltaTable(join(lake, 'gold', query.name), answer);
 *
 * const silver = await DeltaTable.openOrCreate(join(lake, 'silver', 'pin'), schema);
 * await silver.append([rows], { txn: { appId: 'stream', version: batch } });
 * const known = await silver.read({ columns: ['ind'] });
 * ```
 *
 * After the public Delta protocol (https://github.com/delta-io/delta/blob/master/PROTOCOL.md), reader version 1
 * and writer version 2. A commit is there wholly or not at all; a file is on disk before the commit that names it.
 */

import { join } from 'node:path';
import type { Schema } from '../plan/types.ts';
import { columnType } from '../plan/types.ts';
import { type ColumnarTable, emptyTable } from '../table/columnar_table.ts';
import type { Add, CommitInfo } from './delta_actions.ts';
import {
  appendTables,
  createTable,
  type DeltaWriter,
  overwriteTable,
  type WriteResult,
} from './delta_commit.ts';
import { DeltaConflictError, DeltaError } from './delta_error.ts';
import { readEntry } from './delta_log.ts';
import { readParquetFile } from './delta_parquet_read.ts';
import { readableSchema } from './delta_protocol.ts';
import { latestSnapshot, readSnapshot, refreshed, type Snapshot } from './delta_snapshot.ts';

/** What a write may say beside its rows. */
export interface WriteOptions {
  /** Writes once: a version that is not above the application's last one is skipped. Of one application, versions only grow. */
  readonly txn?: { readonly appId: string; readonly version: number };
  /**
   * The version that the rows were made from, −1 where there was no table: when others have committed since, nothing is
   * written and a DeltaConflictError is thrown. Default: an append comes after them.
   */
  readonly readVersion?: number;
  /** The operation that the table's history names; default `WRITE`. */
  readonly operation?: string;
  /** Any text, kept in the commit (`userMetadata` of the table's history). */
  readonly userMetadata?: string;
}

/** What a table is opened with. */
export interface DeltaOptions {
  /** Milliseconds since 1970; default: the machine's clock. */
  readonly clock?: () => number;
  /** Told what went wrong with what is only there to make reading faster; default: a warning of the process. */
  readonly warn?: (message: string) => void;
}

/** Which part of a table is read. */
export interface ReadOptions {
  /** Default: all, in the table's order. */
  readonly columns?: readonly string[];
  /** Default: the latest. */
  readonly version?: number;
}

export class DeltaTable {
  private constructor(
    /** The folder of the table. */
    readonly path: string,
    private snapshot: Snapshot,
    private readonly writer: DeltaWriter,
  ) {}

  /** Opens a table at its latest version. @throws DeltaError when there is none, or one that is not supported */
  static async open(path: string, options: DeltaOptions = {}): Promise<DeltaTable> {
    return new DeltaTable(path, supported(path, await readSnapshot(path)), writerOf(path, options));
  }

  /** Opens a table at its latest version, undefined when there is none. @throws DeltaError when it is not supported */
  static async openIfThere(path: string, options: DeltaOptions = {}): Promise<DeltaTable | undefined> {
    const snapshot = await latestSnapshot(path);
    return snapshot && new DeltaTable(path, supported(path, snapshot), writerOf(path, options));
  }

  /** Makes a table without rows. @throws DeltaConflictError when there is one already */
  static async create(path: string, schema: Schema, options: DeltaOptions = {}): Promise<DeltaTable> {
    const writer = writerOf(path, options);
    return new DeltaTable(path, await createTable(writer, schema), writer);
  }

  /** Opens a table, or makes it when there is none. @throws DeltaError when it has other columns */
  static async openOrCreate(path: string, schema: Schema, options: DeltaOptions = {}): Promise<DeltaTable> {
    const table =
      (await DeltaTable.openIfThere(path, options)) ?? (await createdFirst(path, schema, options));
    const opened = table ?? (await DeltaTable.open(path, options));
    if (describe(opened.schema) !== describe(schema)) {
      throw new DeltaError(
        `The Delta table ${path} has the columns ${describe(opened.schema)}, not ${describe(schema)}. ` +
          'Overwrite it, or write to another folder.',
      );
    }
    return opened;
  }

  /** The version that this object knows: that of its last call. */
  get version(): number {
    return this.snapshot.version;
  }

  /** The columns at that version. */
  get schema(): Schema {
    return readableSchema(this.path, this.snapshot);
  }

  /** Learns what was committed since, and gives the latest version. */
  async refresh(): Promise<number> {
    this.snapshot = supported(this.path, await refreshed(this.path, this.snapshot));
    return this.version;
  }

  /** The last version that an application has committed with `txn`, undefined when there is none. */
  async txnVersion(appId: string): Promise<number | undefined> {
    await this.refresh();
    return this.snapshot.transactions.get(appId);
  }

  /**
   * Adds the rows of tables, in one commit. When others commit at the same time, it comes after them.
   * @throws DeltaError when the columns differ, or the disk refuses
   * @throws DeltaConflictError when another writer has changed the columns meanwhile, or the table is past `readVersion`
   */
  async append(tables: readonly ColumnarTable[], options: WriteOptions = {}): Promise<WriteResult> {
    const { snapshot, ...result } = await appendTables(this.writer, await this.latest(), tables, options);
    this.snapshot = snapshot;
    return result;
  }

  /**
   * Puts the rows of a table in the place of all others, in one commit; its columns too, when they differ.
   * @throws DeltaConflictError when another writer has committed meanwhile; nothing is changed then
   */
  async overwrite(table: ColumnarTable, options: WriteOptions = {}): Promise<WriteResult> {
    const { snapshot, ...result } = await overwriteTable(this.writer, await this.latest(), table, options);
    this.snapshot = snapshot;
    return result;
  }

  /** Reads rows, in the order of the files. @throws DeltaError when there is no such version */
  async read(options: ReadOptions = {}): Promise<ColumnarTable> {
    const { files, schema } = await this.plan(options);
    const table = emptyTable(schema);
    let length = 0;
    for (const file of files) {
      length += await readParquetFile(this.fileOf(file), table);
    }
    return { ...table, length };
  }

  /** Reads rows a file at a time, for tables that are larger than the memory. */
  async *readFiles(options: ReadOptions = {}): AsyncGenerator<ColumnarTable> {
    const { files, schema } = await this.plan(options);
    for (const file of files) {
      const table = emptyTable(schema);
      const length = await readParquetFile(this.fileOf(file), table);
      yield { ...table, length };
    }
  }

  /** What a commit says of itself: operation, time, metrics; undefined when its entry is not there or says nothing. */
  async commitInfo(version: number): Promise<CommitInfo | undefined> {
    const actions = await readEntry(this.path, version);
    return actions?.find(({ commitInfo }) => commitInfo)?.commitInfo ?? undefined;
  }

  private async latest(): Promise<Snapshot> {
    await this.refresh();
    return this.snapshot;
  }

  private async plan({ columns, version }: ReadOptions): Promise<{ files: Iterable<Add>; schema: Schema }> {
    const snapshot = version === undefined ? await this.latest() : await readSnapshot(this.path, version);
    const schema = readableSchema(this.path, snapshot);
    const chosen = columns?.map((name) => [name, columnType(schema, name)] as const);
    return { files: snapshot.files.values(), schema: chosen ? Object.fromEntries(chosen) : schema };
  }

  private fileOf({ path }: Add): string {
    if (/^([a-z][a-z0-9+.-]*:|\/)/i.test(path)) {
      throw new DeltaError(
        `The Delta table ${this.path} names the file ${path} outside its folder, which is not supported. ` +
          'Copy its rows into a table of their own.',
      );
    }
    return join(this.path, decodeURIComponent(path));
  }
}

/**
 * Puts the rows of a table in the place of all others, in one commit; makes the Delta table when there is none.
 * @throws DeltaConflictError when another writer has committed meanwhile; nothing is changed then
 */
export async function overwriteDeltaTable(
  path: string,
  table: ColumnarTable,
  options: WriteOptions & DeltaOptions = {},
): Promise<WriteResult> {
  const known = await latestSnapshot(path);
  const snapshot = known && supported(path, known);
  const { version, skipped } = await overwriteTable(writerOf(path, options), snapshot, table, options);
  return { version, skipped };
}

/** Reads a table. @throws DeltaError when there is none */
export async function readDeltaTable(path: string, options: ReadOptions = {}): Promise<ColumnarTable> {
  return (await DeltaTable.open(path)).read(options);
}

function writerOf(table: string, options: DeltaOptions): DeltaWriter {
  return {
    table,
    clock: options.clock ?? Date.now,
    warn: options.warn ?? ((message) => process.emitWarning(message, 'DeltaWarning')),
  };
}

function supported(path: string, snapshot: Snapshot): Snapshot {
  readableSchema(path, snapshot);
  return snapshot;
}

/** Undefined when another has made the table first. */
async function createdFirst(
  path: string,
  schema: Schema,
  options: DeltaOptions,
): Promise<DeltaTable | undefined> {
  try {
    return await DeltaTable.create(path, schema, options);
  } catch (error) {
    if (error instanceof DeltaConflictError) {
      return undefined;
    }
    throw error;
  }
}

function describe(schema: Schema): string {
  return Object.entries(schema)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ');
}
