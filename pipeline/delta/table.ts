/**
 * Delta tables in a folder or on S3, written and read by Node alone, for Spark, Databricks and all other readers of Delta:
 *
 * ```ts
 * await overwriteDeltaTable(tablePath(lake, 'gold', query.name), answer);
 *
 * const silver = await DeltaTable.openOrCreate(tablePath(lake, 'silver', 'pin'), schema);
 * await silver.append([rows], { txn: { appId: 'stream', version: batch } });
 * // The same in two steps. Any thread may do the first:
 * await silver.appendFiles(schema, [await writeDataFile(silver.path, rows)]);
 * ```
 *
 * After the public Delta protocol (https://github.com/delta-io/delta/blob/master/PROTOCOL.md), reader version 1
 * and writer version 2; deletion vectors that others write are read. A commit is atomic, and each file is written before the commit that names it.
 */

import { type ColumnarTable, emptyTable } from '../columns/table.ts';
import { columnType, type Schema } from '../plan/types.ts';
import { type Add, type CommitInfo, commitInfoOf } from './actions.ts';
import {
  type AddedRows,
  append,
  checkColumns,
  createTable,
  overwrite,
  type WriteOptions,
  type WriteResult,
  writeRows,
} from './commit.ts';
import { type DeltaEnvironment, type DeltaOptions, environmentOf } from './environment.ts';
import { DeltaConflictError, DeltaError } from './error.ts';
import { commitFiles, fileOf } from './files.ts';
import { namesInLog, readEntry, versionOfEntry } from './log.ts';
import { readLiveRows } from './parquet_file.ts';
import { checkWritable, readableSchema, supportedState } from './protocol.ts';
import { described } from './schema.ts';
import { readState, stateIfExists, type TableState } from './snapshot.ts';

export { tablePath } from '../storage/open.ts';
export type { Add } from './actions.ts';
export type { WriteOptions, WriteResult } from './commit.ts';
export type { DeltaOptions } from './environment.ts';
export { writeDataFile } from './files.ts';

/** The part of a table to read. */
export interface ReadOptions {
  /** Default: all, in the table's order. */
  readonly columns?: readonly string[];
  /** Default: the latest. */
  readonly version?: number;
  /** Tells the data files to read, such as by their statistics; default: all. */
  readonly isWanted?: (file: Add) => boolean;
}

export class DeltaTable {
  private constructor(
    /** The folder or URL of the table. */
    readonly path: string,
    private readonly state: TableState,
    private readonly environment: DeltaEnvironment,
  ) {}

  /** Opens a table at its latest version. @throws DeltaError when it does not exist or is not supported */
  static async open(path: string, options: DeltaOptions = {}): Promise<DeltaTable> {
    const environment = await environmentOf(path, options);
    return DeltaTable.of(environment, await readState(environment));
  }

  /** Opens a table at its latest version; undefined when it does not exist. @throws DeltaError when it is not supported */
  static async openIfExists(path: string, options: DeltaOptions = {}): Promise<DeltaTable | undefined> {
    const environment = await environmentOf(path, options);
    const state = await stateIfExists(environment);
    return state && DeltaTable.of(environment, state);
  }

  /** Creates a table without rows. @throws DeltaConflictError when it exists */
  static async create(path: string, schema: Schema, options: DeltaOptions = {}): Promise<DeltaTable> {
    const environment = await environmentOf(path, options);
    return DeltaTable.of(environment, await createTable(environment, schema));
  }

  /** Opens a table, or creates it when it does not exist. @throws DeltaError when it has other columns */
  static async openOrCreate(path: string, schema: Schema, options: DeltaOptions = {}): Promise<DeltaTable> {
    const table =
      (await DeltaTable.openIfExists(path, options)) ?? (await createUnlessOthersDid(path, schema, options));
    const opened = table ?? (await DeltaTable.open(path, options));
    if (described(opened.schema) !== described(schema)) {
      throw new DeltaError(
        `The Delta table ${path} has the columns ${described(opened.schema)}, not ${described(schema)}. ` +
          'Overwrite it, or write to another folder.',
      );
    }
    return opened;
  }

  private static of(environment: DeltaEnvironment, state: TableState): DeltaTable {
    readableSchema(environment.storage.name, state);
    return new DeltaTable(environment.storage.name, state, environment);
  }

  /** The version as of this object's last call. */
  get version(): number {
    return this.state.version;
  }

  /** The data files at that version. */
  get files(): ReadonlyMap<string, Add> {
    return this.state.files;
  }

  /** The id of the table, which a table that is made again in the same folder does not have. */
  get id(): string {
    return this.state.metadata.id;
  }

  /** Checks that rows can be written. @throws DeltaError naming what this writer does not support */
  checkWritable(): void {
    checkWritable(this.path, this.state);
  }

  /** The columns at that version. */
  get schema(): Schema {
    return readableSchema(this.path, this.state);
  }

  /** Reads what was committed since, and returns the latest version. */
  async refresh(): Promise<number> {
    return (await this.latest()).version;
  }

  /** The last version that an application has committed with `txn`; undefined when it has committed none. */
  async txnVersion(appId: string): Promise<number | undefined> {
    return (await this.latest()).transactions.get(appId);
  }

  /**
   * Adds the rows of tables in one commit, which comes after those that others make at the same time.
   * @throws DeltaError when the columns differ, or the disk refuses
   * @throws DeltaConflictError when another writer has changed the columns meanwhile, or the table is past `readVersion`
   */
  async append(tables: readonly ColumnarTable[], options: WriteOptions = {}): Promise<WriteResult> {
    const state = await this.latest();
    for (const { schema } of tables) {
      checkColumns(this.path, this.schema, schema);
    }
    const files = writeRows(this.environment, tables);
    return append(this.environment, state, { schema: this.schema, files }, options);
  }

  /**
   * Adds the rows that `writeDataFile` has written, as `append` does. Where nothing is committed the files are removed.
   * @param schema the columns of the files
   */
  async appendFiles(schema: Schema, files: readonly Add[], options: WriteOptions = {}): Promise<WriteResult> {
    return commitFiles(this.environment.storage, files, async (takeFiles) =>
      append(this.environment, await this.latest(), { schema, files: takeFiles }, options),
    );
  }

  /**
   * Replaces all rows, and the columns when they differ, in one commit.
   * @throws DeltaConflictError when another writer has committed meanwhile; then nothing is changed
   */
  async overwrite(table: ColumnarTable, options: WriteOptions = {}): Promise<WriteResult> {
    const files = writeRows(this.environment, [table]);
    return overwrite(this.environment, await this.latest(), { schema: table.schema, files }, options);
  }

  /** Reads rows in the order of the files. @throws DeltaError when the version does not exist */
  async read(options: ReadOptions = {}): Promise<ColumnarTable> {
    const { files, schema } = await this.filesToRead(options);
    const table = emptyTable(schema);
    let length = 0;
    for (const { path, deletionVector } of files) {
      length += await this.readRows(path, deletionVector, table);
    }
    return { ...table, length };
  }

  /** Reads rows file by file, for tables larger than memory. */
  async *readFiles(options: ReadOptions = {}): AsyncGenerator<ColumnarTable> {
    const { files, schema } = await this.filesToRead(options);
    for (const { path, deletionVector } of files) {
      const table = emptyTable(schema);
      const length = await this.readRows(path, deletionVector, table);
      yield { ...table, length };
    }
  }

  /**
   * Reads the rows that were added after a version, file by file, up to the latest. Compaction adds none.
   * @param without an application (`txn`) whose commits are passed over: they only remove rows, as who asks knows
   * @throws DeltaConflictError when others were removed since
   */
  async *rowsAfter(version: number, without?: string): AsyncGenerator<AddedRows> {
    const { version: latest } = await this.latest();
    for (let next = version + 1; next <= latest; next += 1) {
      const actions = (await readEntry(this.environment.storage, next)) ?? [];
      const isKnown = without !== undefined && actions.some(({ txn }) => txn?.appId === without);
      for (const { add, remove } of isKnown ? [] : actions) {
        if (remove?.dataChange) {
          throw new DeltaConflictError(
            `Version ${next} of the Delta table ${this.path} has removed rows, so what is known of it no longer holds. Open it again.`,
          );
        }
        if (add?.dataChange) {
          const rows = emptyTable(this.schema);
          const length = await this.readRows(add.path, add.deletionVector, rows);
          yield { rows: { ...rows, length }, commitInfo: commitInfoOf(actions) };
        }
      }
    }
  }

  /** Gives the `commitInfo` (operation, time, metrics) of each version whose log entry is still there, the latest first. */
  async *history(): AsyncGenerator<{ readonly version: number; readonly commitInfo: CommitInfo }> {
    const { storage } = this.environment;
    const versions = (await namesInLog(storage)).flatMap((name) => versionOfEntry(name) ?? []);
    for (const version of versions.sort((a, b) => b - a)) {
      yield { version, commitInfo: commitInfoOf((await readEntry(storage, version)) ?? []) };
    }
  }

  private readRows(path: string, vector: Add['deletionVector'], table: ColumnarTable): Promise<number> {
    return readLiveRows(this.environment.storage, fileOf(this.path, path), vector, table);
  }

  private async latest(): Promise<TableState> {
    const { metadata, protocol } = this.state;
    await this.state.advance();
    if (this.state.metadata !== metadata || this.state.protocol !== protocol) {
      readableSchema(this.path, this.state);
    }
    return this.state;
  }

  /** The files and columns to read, which stay the same while others commit. */
  private async filesToRead({ columns, version, isWanted = () => true }: ReadOptions) {
    const state = version === undefined ? await this.latest() : await readState(this.environment, version);
    const schema = readableSchema(this.path, state);
    const chosen = columns?.map((name) => [name, columnType(schema, name)] as const);
    return {
      files: [...state.files.values()].filter(isWanted),
      schema: chosen ? Object.fromEntries(chosen) : schema,
    };
  }
}

/**
 * Replaces all rows of a Delta table in one commit, or creates it when it does not exist.
 * @throws DeltaConflictError when another writer has committed meanwhile; then nothing is changed
 */
export async function overwriteDeltaTable(
  path: string,
  table: ColumnarTable,
  options: WriteOptions & DeltaOptions = {},
): Promise<WriteResult> {
  const environment = await environmentOf(path, options);
  const files = writeRows(environment, [table]);
  return overwrite(environment, await supportedState(environment), { schema: table.schema, files }, options);
}

/**
 * Replaces all rows by those that `writeDataFile` has written, as `overwriteDeltaTable` does. Where nothing is
 * committed the files are removed.
 * @param schema the columns of the files
 */
export async function overwriteDeltaFiles(
  path: string,
  schema: Schema,
  files: readonly Add[],
  options: WriteOptions & DeltaOptions = {},
): Promise<WriteResult> {
  const environment = await environmentOf(path, options);
  return commitFiles(environment.storage, files, async (takeFiles) =>
    overwrite(environment, await supportedState(environment), { schema, files: takeFiles }, options),
  );
}

/** Reads a table. @throws DeltaError when it does not exist */
export async function readDeltaTable(path: string, options: ReadOptions = {}): Promise<ColumnarTable> {
  return (await DeltaTable.open(path)).read(options);
}

/** Creates a table; undefined when another writer created it first. */
async function createUnlessOthersDid(
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
