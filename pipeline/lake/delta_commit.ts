/** The writes of a Delta table: files first, then the one entry that makes them part of it. */

import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../files.ts';
import type { Schema } from '../plan/types.ts';
import type { ColumnarTable } from '../table/columnar_table.ts';
import type { Action, Add, Metadata } from './delta_actions.ts';
import { writeCheckpoint } from './delta_checkpoint_write.ts';
import { DeltaConflictError, DeltaError, withFileErrors } from './delta_error.ts';
import { putEntry, removeIfThere } from './delta_log.ts';
import { writeParquetFile } from './delta_parquet_write.ts';
import { checkRemovable, checkWritable, readableSchema } from './delta_protocol.ts';
import { schemaString } from './delta_schema.ts';
import { readSnapshot, refreshed, type Snapshot } from './delta_snapshot.ts';
import { statisticsOf } from './delta_statistics.ts';

/** Where a table is written, and what the writer needs from outside. */
export interface DeltaWriter {
  readonly table: string;
  readonly clock: () => number;
  readonly warn: (message: string) => void;
}

/** What became of a write. */
export interface WriteResult {
  /** The table's version after it. */
  readonly version: number;
  /** True when the `txn` was committed before, so that nothing was written now. */
  readonly skipped: boolean;
}

interface Written extends WriteResult {
  readonly snapshot: Snapshot;
}

interface Write {
  readonly txn?: { readonly appId: string; readonly version: number };
  readonly readVersion?: number;
  readonly operation?: string;
  readonly userMetadata?: string;
}

const commitsPerCheckpoint = 10;

/** Commits version 0 of a table without rows. */
export async function createTable(writer: DeltaWriter, schema: Schema): Promise<Snapshot> {
  await makeFolder(writer.table);
  const info = commitInfo(writer, { operation: 'CREATE TABLE' }, 'ErrorIfExists', [], undefined);
  if (!(await putEntry(writer.table, 0, [info, ...firstActions(writer, schema)]))) {
    throw new DeltaConflictError(`There is a Delta table in ${writer.table} already. Open it instead.`);
  }
  return readSnapshot(writer.table, 0);
}

/** Commits files with the rows of tables: after whatever others commit meanwhile, or only on top of `readVersion`. */
export async function appendTables(
  writer: DeltaWriter,
  start: Snapshot,
  tables: readonly ColumnarTable[],
  write: Write,
): Promise<Written> {
  checkWritable(writer.table, start);
  for (const { schema } of tables) {
    checkColumns(writer.table, readableSchema(writer.table, start), schema);
  }
  if (isDone(start, write)) {
    return { version: start.version, skipped: true, snapshot: start };
  }
  checkReadVersion(writer.table, start.version, write);
  const adds = await writeFiles(writer, tables);
  for (let base = start; ; ) {
    const info = commitInfo(writer, write, 'Append', adds, base);
    if (await putEntry(writer.table, base.version + 1, [info, ...txnActions(writer, write), ...adds])) {
      return committed(writer, base);
    }
    base = await refreshed(writer.table, base);
    if (isDone(base, write)) {
      await removeFiles(writer, adds);
      return { version: base.version, skipped: true, snapshot: base };
    }
    if (write.readVersion !== undefined) {
      await removeFiles(writer, adds);
      throw lostRace(writer.table, start.version + 1);
    }
    if (base.metadata.schemaString !== start.metadata.schemaString || base.protocol !== start.protocol) {
      await removeFiles(writer, adds);
      throw new DeltaConflictError(
        `Another writer has changed the columns or the protocol of the Delta table ${writer.table} ` +
          `before version ${base.version}. Nothing was appended; open the table again.`,
      );
    }
  }
}

/** Commits the removal of all files and the adding of a new one; version 0 when there is no snapshot. */
export async function overwriteTable(
  writer: DeltaWriter,
  base: Snapshot | undefined,
  table: ColumnarTable,
  write: Write,
): Promise<Written> {
  if (base !== undefined) {
    checkWritable(writer.table, base);
    checkRemovable(writer.table, base);
    if (isDone(base, write)) {
      return { version: base.version, skipped: true, snapshot: base };
    }
  }
  checkReadVersion(writer.table, base?.version ?? -1, write);
  const adds = await writeFiles(writer, [table]);
  const version = base === undefined ? 0 : base.version + 1;
  const entry = [
    commitInfo(writer, write, 'Overwrite', adds, base),
    ...txnActions(writer, write),
    ...(base === undefined ? firstActions(writer, table.schema) : changedColumns(base, table.schema)),
    ...removals(writer, base),
    ...adds,
  ];
  if (!(await putEntry(writer.table, version, entry))) {
    await removeFiles(writer, adds);
    throw lostRace(writer.table, version);
  }
  return committed(writer, base);
}

/** @throws DeltaConflictError when the table is no longer what the rows were made from */
function checkReadVersion(table: string, version: number, { readVersion }: Write): void {
  if (readVersion !== undefined && readVersion !== version) {
    throw lostRace(table, readVersion + 1);
  }
}

function lostRace(table: string, version: number): DeltaConflictError {
  return new DeltaConflictError(
    `Another writer has committed version ${version} of the Delta table ${table} first. ` +
      'Nothing was written to it; read what it wrote and try again.',
  );
}

/** The snapshot after an entry was put. What a checkpoint cannot do does not undo the commit. */
async function committed(writer: DeltaWriter, base: Snapshot | undefined): Promise<Written> {
  const snapshot =
    base === undefined ? await readSnapshot(writer.table) : await refreshed(writer.table, base);
  const version = base === undefined ? 0 : base.version + 1;
  if (version > 0 && version % commitsPerCheckpoint === 0 && snapshot.version === version) {
    try {
      await writeCheckpoint(writer.table, snapshot, writer.clock());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      writer.warn(`No checkpoint of version ${version} of ${writer.table} was written: ${reason}`);
    }
  }
  return { version, skipped: false, snapshot };
}

function isDone(snapshot: Snapshot, { txn }: Write): boolean {
  return txn !== undefined && (snapshot.transactions.get(txn.appId) ?? -1) >= txn.version;
}

function checkColumns(table: string, expected: Schema, given: Schema): void {
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

/** One file a table that has rows. */
async function writeFiles(writer: DeltaWriter, tables: readonly ColumnarTable[]): Promise<Action[]> {
  await makeFolder(writer.table);
  const written: { add: Add }[] = [];
  try {
    for (const [part, table] of tables.entries()) {
      if (table.length > 0) {
        written.push({ add: await writeFile(writer, part, table) });
      }
    }
    await withFileErrors(`write ${writer.table}`, () => syncFolder(writer.table));
    return written;
  } catch (error) {
    await removeFiles(writer, written);
    throw error;
  }
}

async function writeFile(writer: DeltaWriter, part: number, table: ColumnarTable): Promise<Add> {
  const path = `part-${String(part).padStart(5, '0')}-${randomUUID()}-c000.snappy.parquet`;
  const file = join(writer.table, path);
  const size = await withFileErrors(`write ${file}`, () => writeParquetFile(file, table));
  return {
    path,
    partitionValues: {},
    size,
    modificationTime: writer.clock(),
    dataChange: true,
    stats: statisticsOf(table),
  };
}

/** Removes files that no entry names. */
async function removeFiles(writer: DeltaWriter, adds: readonly Action[]): Promise<void> {
  for (const { add } of adds) {
    if (add) {
      await removeIfThere(join(writer.table, add.path));
    }
  }
}

async function makeFolder(table: string): Promise<void> {
  await withFileErrors(`make the folder ${table}`, () => mkdir(table, { recursive: true }));
}

/** The protocol that the table asks for, and its columns. */
function firstActions(writer: DeltaWriter, schema: Schema): Action[] {
  const metaData: Metadata = {
    id: randomUUID(),
    format: { provider: 'parquet', options: {} },
    schemaString: schemaString(schema),
    partitionColumns: [],
    configuration: {},
    createdTime: writer.clock(),
  };
  return [{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }, { metaData }];
}

function changedColumns({ metadata }: Snapshot, schema: Schema): Action[] {
  const stated = schemaString(schema);
  return stated === metadata.schemaString ? [] : [{ metaData: { ...metadata, schemaString: stated } }];
}

function removals(writer: DeltaWriter, base: Snapshot | undefined): Action[] {
  return Array.from(base?.files.values() ?? [], ({ path, size }) => ({
    remove: {
      path,
      deletionTimestamp: writer.clock(),
      dataChange: true,
      extendedFileMetadata: true,
      partitionValues: {},
      size,
    },
  }));
}

function txnActions(writer: DeltaWriter, { txn }: Write): Action[] {
  return txn === undefined ? [] : [{ txn: { ...txn, lastUpdated: writer.clock() } }];
}

/** What the table's history tells, in the names that Spark gives it. */
function commitInfo(
  writer: DeltaWriter,
  { operation, userMetadata, readVersion }: Write,
  mode: 'Append' | 'Overwrite' | 'ErrorIfExists',
  adds: readonly Action[],
  base: Snapshot | undefined,
): Action {
  const bytes = adds.reduce((sum, { add }) => sum + (add?.size ?? 0), 0);
  return {
    commitInfo: {
      timestamp: writer.clock(),
      operation: operation ?? 'WRITE',
      operationParameters: { mode, partitionBy: '[]' },
      ...(base === undefined ? {} : { readVersion: base.version }),
      isolationLevel: 'Serializable',
      // Rows that were chosen by what the table held do not hold when others add to it.
      isBlindAppend: mode === 'Append' && readVersion === undefined,
      operationMetrics: { numFiles: String(adds.length), numOutputBytes: String(bytes) },
      engineInfo: 'pinterest-pipeline',
      ...(userMetadata === undefined ? {} : { userMetadata }),
    },
  };
}
