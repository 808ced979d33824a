/** The writes of a Delta table: files first, then the one entry that makes them part of it. */

import { randomUUID } from 'node:crypto';
import type { ColumnarTable } from '../columns/table.ts';
import type { Schema } from '../plan/types.ts';
import type { Action, Add, Metadata, Remove } from './actions.ts';
import { writeCheckpointWhenDue } from './checkpoint_write.ts';
import type { DeltaEnvironment } from './environment.ts';
import { DeltaConflictError, DeltaError } from './error.ts';
import { removeFiles, writeFileTo } from './files.ts';
import { putEntry } from './log.ts';
import { checkRemovable, checkWritable, readableSchema } from './protocol.ts';
import { schemaString } from './schema.ts';
import { type Snapshot, TableState } from './snapshot.ts';

/** What became of a write. */
export interface WriteResult {
  /** The table's version after it. */
  readonly version: number;
  /** True when the `txn` was committed before, so that nothing was written now. */
  readonly skipped: boolean;
}

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

/** Rows that are to be written, or files that hold them already. */
export interface Written {
  readonly schema: Schema;
  /** Gives the files of the rows; it is called once, when it is known that they are wanted. */
  files(): Promise<readonly Add[]>;
}

/** Commits version 0 of a table without rows. */
export async function createTable(environment: DeltaEnvironment, schema: Schema): Promise<TableState> {
  const { storage } = environment;
  const info = commitInfo(environment, { operation: 'CREATE TABLE' }, { mode: 'ErrorIfExists' }, [], -1);
  const entry = [info, ...firstActions(environment, schema)];
  if (!(await putEntry(storage, 0, entry))) {
    throw new DeltaConflictError(`There is a Delta table in ${storage.name} already. Open it instead.`);
  }
  const state = new TableState(storage);
  state.apply(0, entry);
  return state;
}

/** Commits files: after whatever others commit meanwhile, or only on top of `readVersion`. The state goes on with it. */
export async function append(
  environment: DeltaEnvironment,
  state: TableState,
  { schema, files }: Written,
  write: WriteOptions,
): Promise<WriteResult> {
  const { storage } = environment;
  checkWritable(storage.name, state);
  checkColumns(storage.name, readableSchema(storage.name, state), schema);
  if (isDone(state, write)) {
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
      return committed(environment, state, version, entry);
    }
    await state.advance();
    if (isDone(state, write)) {
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

/** Commits the removal of all files and the adding of others; version 0 when there is no state. */
export async function overwrite(
  environment: DeltaEnvironment,
  state: TableState | undefined,
  { schema, files }: Written,
  write: WriteOptions,
): Promise<WriteResult> {
  const { storage } = environment;
  if (state !== undefined) {
    checkWritable(storage.name, state);
    checkRemovable(storage.name, state);
    if (isDone(state, write)) {
      return { version: state.version, skipped: true };
    }
  }
  const made = state?.version ?? -1;
  checkReadVersion(storage.name, state, write);
  const adds = await files();
  for (let known = state; ; ) {
    const base = known?.version ?? -1;
    const entry = [
      commitInfo(environment, write, { mode: 'Overwrite', partitionBy: '[]' }, adds, base),
      ...txnActions(environment, write),
      ...(known === undefined ? firstActions(environment, schema) : changedColumns(known, schema)),
      ...Array.from(known?.files.values() ?? [], (file) => ({ remove: removal(environment, file, true) })),
      ...adds.map((add) => ({ add })),
    ];
    if (await putEntry(storage, base + 1, entry)) {
      return committed(environment, known ?? new TableState(storage), base + 1, entry);
    }
    known ??= new TableState(storage);
    await known.advance();
    if (known.changedVersion > made) {
      await removeFiles(storage, adds);
      throw lostRace(storage.name, known.changedVersion);
    }
  }
}

/** The state goes on with the entry that was put, and a checkpoint is written when one is due. */
export async function committed(
  environment: DeltaEnvironment,
  state: TableState,
  version: number,
  entry: readonly Action[],
): Promise<WriteResult> {
  state.apply(version, entry);
  await writeCheckpointWhenDue(environment, state);
  return { version, skipped: false };
}

/** What an entry says of a file that is no longer part of the table. */
export function removal({ clock }: DeltaEnvironment, { path, size }: Add, dataChange: boolean): Remove {
  return {
    path,
    deletionTimestamp: clock(),
    dataChange,
    extendedFileMetadata: true,
    partitionValues: {},
    size,
  };
}

/** Rows that are written as one file a table that has any. */
export function rowsOf({ storage, clock }: DeltaEnvironment, tables: readonly ColumnarTable[]) {
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

/** @throws DeltaConflictError when the table is no longer what the rows were made from; compactions change nothing */
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

function isDone(snapshot: Snapshot, { txn }: WriteOptions): boolean {
  return txn !== undefined && (snapshot.transactions.get(txn.appId) ?? -1) >= txn.version;
}

/** @throws DeltaError that names the columns that differ */
export function checkColumns(table: string, expected: Schema, given: Schema): void {
  const wrong = [...new Set([...Object.keys(expected), ...Object.keys(given)])].filter(
    (name) => expected[name] !== given[name],
  );
  if (wrong.length > 0) {
    const described = wrong.map(
      (name) => `${name} (${given[name] ?? 'missing'}, not ${expected[name] ?? 'there'})`,
    );
    throw new DeltaError(`These columns do not fit the Delta table ${table}: ${described.join(', ')}.`);
  }
}

/** The protocol that the table asks for, and its columns. */
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
  const stated = schemaString(schema);
  return stated === metadata.schemaString ? [] : [{ metaData: { ...metadata, schemaString: stated } }];
}

function txnActions({ clock }: DeltaEnvironment, { txn }: WriteOptions): Action[] {
  return txn === undefined ? [] : [{ txn: { ...txn, lastUpdated: clock() } }];
}

/** What the table's history tells, in the names that Spark gives it. */
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
      // Rows that were chosen by what the table held do not hold when others add to it.
      isBlindAppend: operationParameters.mode === 'Append' && readVersion === undefined,
      operationMetrics: { numFiles: String(adds.length), numOutputBytes: String(bytes) },
      engineInfo: 'pinterest-pipeline',
      // Tells an entry from one of another writer that is otherwise the same.
      txnId: randomUUID(),
      ...(userMetadata === undefined ? {} : { userMetadata }),
    },
  };
}
