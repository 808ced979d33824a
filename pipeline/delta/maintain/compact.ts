/**
 * Compaction: many small files become few, and no row changes (Delta's OPTIMIZE).
 *
 * The new files are written first, then one entry takes the old ones out and the new ones in; killed before, it leaves
 * files that no entry names. Appends go on meanwhile and do not conflict: where another commits first, it is looked
 * whether the old files are still part of the table, and what is not is left out.
 */

import { emptyTable } from '../../columns/table.ts';
import type { Action, Add } from '../actions.ts';
import { commitInfo, committed, removal } from '../commit.ts';
import type { DeltaEnvironment } from '../environment.ts';
import { fileOf, removeFiles, writeFileTo } from '../files.ts';
import { putEntry } from '../log.ts';
import { readDataFile } from '../parquet_file.ts';
import { checkWritable, readableSchema } from '../protocol.ts';
import type { TableState } from '../snapshot.ts';

/** About the size of a file that is made, in bytes: some hundreds of megabytes while it is held in memory. */
export const compactedSize = 96 * 1024 * 1024;

/** What a compaction did, or would do. */
export interface Compaction {
  readonly removedFiles: number;
  readonly addedFiles: number;
  /** The size of the files that were taken together, in bytes. */
  readonly bytes: number;
}

/** Small files and the file that holds their rows. */
interface Group {
  readonly inputs: readonly Add[];
  readonly output: Add;
}

/**
 * Compacts the small files of a table, in one commit. The state goes on with it.
 * @param isDryRun says what would be done, and does nothing
 */
export async function compact(
  environment: DeltaEnvironment,
  state: TableState,
  { isDryRun, size = compactedSize }: { readonly isDryRun: boolean; readonly size?: number },
): Promise<Compaction> {
  const { storage } = environment;
  checkWritable(storage.name, state);
  const groups = groupsOf(state.files.values(), size);
  if (isDryRun || groups.length === 0) {
    return resultOf(groups, groups.length);
  }
  const { protocol } = state;
  const { schemaString } = state.metadata;
  const written: Group[] = [];
  try {
    for (const inputs of groups) {
      written.push({ inputs, output: await rewritten(environment, state, inputs) });
    }
  } catch (error) {
    await removeOutputs(environment, written);
    throw error;
  }
  let wanted: readonly Group[] = written;
  for (;;) {
    const isSameTable = state.metadata.schemaString === schemaString && state.protocol === protocol;
    const holds = ({ inputs }: Group) => isSameTable && inputs.every(({ path }) => state.files.has(path));
    await removeOutputs(
      environment,
      wanted.filter((group) => !holds(group)),
    );
    wanted = wanted.filter(holds);
    if (wanted.length === 0) {
      return resultOf([], 0);
    }
    const version = state.version + 1;
    const entry = entryOf(environment, state.version, wanted);
    if (await putEntry(storage, version, entry)) {
      await committed(environment, state, version, entry);
      return resultOf(
        wanted.map(({ inputs }) => inputs),
        wanted.length,
      );
    }
    await state.advance();
  }
}

/** Small files in the order of the table, as many together as make one of the size wanted. */
function groupsOf(files: Iterable<Add>, wanted: number): Add[][] {
  const groups: Add[][] = [];
  let group: Add[] = [];
  let bytes = 0;
  for (const file of files) {
    if (file.size >= wanted / 2) {
      continue;
    }
    if (group.length === 0 || bytes + file.size > wanted) {
      group = [];
      bytes = 0;
      groups.push(group);
    }
    group.push(file);
    bytes += file.size;
  }
  return groups.filter(({ length }) => length > 1);
}

/** Writes the rows of files as one. */
async function rewritten(
  environment: DeltaEnvironment,
  state: TableState,
  inputs: readonly Add[],
): Promise<Add> {
  const { storage, clock } = environment;
  const table = emptyTable(readableSchema(storage.name, state));
  let length = 0;
  for (const { path } of inputs) {
    length += await readDataFile(storage, fileOf(storage.name, path), table);
  }
  return { ...(await writeFileTo(storage, { ...table, length }, clock)), dataChange: false };
}

function entryOf(environment: DeltaEnvironment, base: number, groups: readonly Group[]): Action[] {
  const adds = groups.map(({ output }) => output);
  const removed = groups.flatMap(({ inputs }) => inputs);
  const parameters = { predicate: '[]', zOrderBy: '[]' };
  const { commitInfo: info } = commitInfo(environment, { operation: 'OPTIMIZE' }, parameters, adds, base);
  const operationMetrics = {
    numRemovedFiles: String(removed.length),
    numRemovedBytes: String(sizeOf(removed)),
    numAddedFiles: String(adds.length),
    numAddedBytes: String(sizeOf(adds)),
  };
  return [
    { commitInfo: { ...info, isolationLevel: 'SnapshotIsolation', operationMetrics } },
    ...removed.map((file) => ({ remove: removal(environment, file, false) })),
    ...adds.map((add) => ({ add })),
  ];
}

async function removeOutputs({ storage }: DeltaEnvironment, groups: readonly Group[]): Promise<void> {
  await removeFiles(
    storage,
    groups.map(({ output }) => output),
  );
}

function resultOf(groups: readonly (readonly Add[])[], addedFiles: number): Compaction {
  const removed = groups.flat();
  return { removedFiles: removed.length, addedFiles, bytes: sizeOf(removed) };
}

function sizeOf(files: readonly Add[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
