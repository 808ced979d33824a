/** Writes to a Delta table: first the files, then the one entry that makes them part of it. */

import { randomUUID } from 'node:crypto';
import type { ColumnarTable } from '../columns/table.ts';
import type { Schema } from '../plan/types.ts';
import type { Action, Add, CommitInfo, Metadata, Remove } from './actions.ts';
import { writeCheckpointWhenDue } from './checkpoint_write.ts';
import type { DeltaEnvironment } from './environment.ts';
import { DeltaConflictError, DeltaError } from './error.ts';
import { removeFiles, writeFileTo } from './files.ts';
import { putEntry } from './log.ts';
import { checkRemovable, checkWritable, readableSchema } from './protocol.ts';
import { schemaString } from './schema.ts';
import { type Snapshot, stateIfExists, TableState } from './snapshot.ts';

/** The result of a write. */
export interface WriteResult {
  /** The table's version after it. */
  readonly version: number;
  /** True when the `txn` had been committed before, so nothing was written. */
  readonly skipped: boolean;
}

/** The rows of a data file that a commit added. */
export interface AddedRows {
  readonly rows: ColumnarTable;
  readonly commitInfo: CommitInfo;
}

/** Options of a write. */
export interface WriteOptions {
  /** Writes once: a version that is not above the application's last one is skipped. An application's versions only grow. */
  readonly txn?: { readonly appId: string; readonly version: number };
  /**
   * The version that the rows were computed from, −1 where there was no table. When others have committed since,
   * nothing is written and a DeltaConflictError is thrown. Default: an append comes after theirs.
   */
  readonly readVersion?: number;
  /** The operation that the table's history names; default `WRITE`. */
  readonly operation?: string;
  /** Any text, kept in the commit (`userMetadata` of the table's history). */
  readonly userMetadata?: string;
}

/** Rows to commit, or the files that hold them already. */
export interface RowsToCommit {
  readonly schema: Schema;
  /** Writes or takes the files of the rows. Called at most once, when they are certain to be needed. */
  files(): Promise<readonly Add[]>;
}

/** Commits version 0 of a table without rows. */
export async function createTable(environment: DeltaEnvironment, schema: Schema): Promise<TableState> {
  const { storage } = environment;
  const info = commitInfo(environment, { operation: 'CREATE TABLE' }, { mode: 'ErrorIfExists' }, [], -1);
  const entry = [info, ...firstActions(environment, schema)];
  // The first entries of a table that exists may have been removed.
  if ((await stateIfExists(environment)) !== undefined || !(await putEntry(storage, 0, entry))) {
    throw new DeltaConflictError(`There is a Delta table in ${storage.name} already. Open it instead.`);
  }
  const state = new TableState(storage);
  state.apply(0, entry);
  return state;
}

/** Commits files after those of others, or only on top of `readVersion`, and advances the state past the commit. */
export async function append(
  environment: DeltaEnvironment,
  state: TableState,
  { schema, files }: RowsToCommit,
  write: WriteOptions,
): Promise<WriteResult> {
  const { storage } = environment;
  checkWritable(storage.name, state);
  checkColumns(storage.name, readableSchema(storage.name, state), schema);
  if (isCommitted(state, write)) {
    return { version: state.version, skipped: true };
  }
  checkReadVersion(storage.name, state, write);
  const { protocol } = state;
  const { schemaString: columns } = state.metadata;
  const adds = await files();
  for (;;) {
    const version = state.version + 1;
    const info = commitInfo(environment, write, { mode: 'Append', partitionBy: '[]' }, adds, state.version);
    const entry = [info, ...txnActions(environment, write), ...adds.map((add) => ({ add }))];
    if (await putEntry(storage, version, entry)) {
      return applyCommit(environment, state, version, entry);
    }
    await state.advancePast(version);
    if (isCommitted(state, write)) {
      await removeFiles(storage, adds);
      return { version: state.version, skipped: true };
    }
    if (write.readVersion !== undefined && state.changedVersion > write.readVersion) {
      await removeFiles(storage, adds);
      throw lostRace(storage.name, state.changedVersion);
    }
    if (state.metadata.schemaString !== columns || state.protocol !== protocol) {
      await removeFiles(storage, adds);
      throw new DeltaConflictError(
        `Another writer has changed the columns or the protocol of the Delta table ${storage.name} ` +
          `before version ${state.version}. Nothing was appended; open the table again.`,
      );
    }
  }
}

/** Commits the removal of all files and the addition of others; version 0 when there is no state. */
export async function overwrite(
  environment: DeltaEnvironment,
  state: TableState | undefined,
  { schema, files }: RowsToCommit,
  write: WriteOptions,
): Promise<WriteResult> {
  const { storage } = environment;
  if (state !== undefined) {
    checkWritable(storage.name, state);
    checkRemovable(storage.name, state);
    if (isCommitted(state, write)) {
      return { version: state.version, skipped: true };
    }
  }
  const initialVersion = state?.version ?? -1;
  checkReadVersion(storage.name, state, write);
  const adds = await files();
  for (let current = state; ; ) {
    const base = current?.version ?? -1;
    const entry = [
      commitInfo(environment, write, { mode: 'Overwrite', partitionBy: '[]' }, adds, base),
      ...txnActions(environment, write),
      ...(current === undefined ? firstActions(environment, schema) : changedColumns(current, schema)),
      ...Array.from(current?.files.values() ?? [], (file) => ({ remove: removal(environment, file, true) })),
      ...adds.map((add) => ({ add })),
    ];
    if (await putEntry(storage, base + 1, entry)) {
      return applyCommit(environment, current ?? new TableState(storage), base + 1, entry);
    }
    current ??= new TableState(storage);
    await current.advancePast(base + 1);
    if (current.changedVersion > initialVersion) {
      await removeFiles(storage, adds);
      throw lostRace(storage.name, current.changedVersion);
    }
  }
}

/** Advances the state past an entry that was written, and writes a checkpoint when one is due. */
export async function applyCommit(
  environment: DeltaEnvironment,
  state: TableState,
  version: number,
  entry: readonly Action[],
): Promise<WriteResult> {
  state.apply(version, entry);
  await writeCheckpointWhenDue(environment, state);
  return { version, skipped: false };
}

/** The action that removes a file from the table. */
export function removal(
  { clock }: DeltaEnvironment,
  { path, size, deletionVector }: Add,
  dataChange: boolean,
): Remove {
  return {
    path,
    deletionTimestamp: clock(),
    dataChange,
    extendedFileMetadata: true,
    partitionValues: {},
    size,
    ...(deletionVector ? { deletionVector } : {}),
  };
}

/** Writes each table that has rows as one file. When one fails, none is left. */
export function writeRows({ storage, clock }: DeltaEnvironment, tables: readonly ColumnarTable[]) {
  return async (): Promise<readonly Add[]> => {
    const written: Add[] = [];
    try {
      for (const table of tables) {
        if (table.length > 0) {
          written.push(await writeFileTo(storage, table, clock));
        }
      }
      return written;
    } catch (error) {
      await removeFiles(storage, written);
      throw error;
    }
  };
}

/** @throws DeltaConflictError when the table has changed since `readVersion`; compactions change nothing */
function checkReadVersion(table: string, state: TableState | undefined, { readVersion }: WriteOptions): void {
  const { version, changedVersion } = state ?? { version: -1, changedVersion: -1 };
  if (readVersion !== undefined && (readVersion < changedVersion || readVersion > version)) {
    throw lostRace(table, changedVersion);
  }
}

function lostRace(table: string, version: number): DeltaConflictError {
  return new DeltaConflictError(
    `Another writer has committed version ${version} of the Delta table ${table} first. ` +
      'Nothing was written to it; read what it wrote and try again.',
  );
}

/** Tells whether the application has committed this, or something later. */
export function isCommitted(snapshot: Snapshot, { txn }: WriteOptions): boolean {
  return txn !== undefined && (snapshot.transactions.get(txn.appId) ?? -1) >= txn.version;
}

/** @throws DeltaError that names the columns that differ */
export function checkColumns(table: string, expected: Schema, actual: Schema): void {
  const different = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].filter(
    (name) => expected[name] !== actual[name],
  );
  if (different.length > 0) {
    const described = different.map(
      (name) => `${name} (${actual[name] ?? 'missing'}, not ${expected[name] ?? 'there'})`,
    );
    throw new DeltaError(`These columns do not fit the Delta table ${table}: ${described.join(', ')}.`);
  }
}

/** The protocol and the columns of a new table. */
function firstActions({ clock }: DeltaEnvironment, schema: Schema): Action[] {
  const metaData: Metadata = {
    id: randomUUID(),
    format: { provider: 'parquet', options: {} },
    schemaString: schemaString(schema),
    partitionColumns: [],
    configuration: {},
    createdTime: clock(),
  };
  return [{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }, { metaData }];
}

function changedColumns({ metadata }: Snapshot, schema: Schema): Action[] {
  const columns = schemaString(schema);
  return columns === metadata.schemaString ? [] : [{ metaData: { ...metadata, schemaString: columns } }];
}

export function txnActions({ clock }: DeltaEnvironment, { txn }: WriteOptions): Action[] {
  return txn === undefined ? [] : [{ txn: { ...txn, lastUpdated: clock() } }];
}

/** The commit's line in the table's history, in Spark's names. */
export function commitInfo(
  { clock }: DeltaEnvironment,
  { operation, userMetadata, readVersion }: WriteOptions,
  operationParameters: Readonly<Record<string, string>>,
  adds: readonly Add[],
  base: number,
): Action {
  const bytes = adds.reduce((sum, { size }) => sum + size, 0);
  return {
    commitInfo: {
      timestamp: clock(),
      operation: operation ?? 'WRITE',
      operationParameters,
      ...(base < 0 ? {} : { readVersion: base }),
      isolationLevel: 'Serializable',
      // Rows that were computed from the table are invalid once others add to it.
      isBlindAppend: operationParameters.mode === 'Append' && readVersion === undefined,
      operationMetrics: { numFiles: String(adds.length), numOutputBytes: String(bytes) },
      engineInfo: 'pinterest-pipeline',
      // Distinguishes this entry from an equal one of another writer.
      txnId: randomUUID(),
      ...(userMetadata === undefined ? {} : { userMetadata }),
    },
  };
}
