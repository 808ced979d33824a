/**
 * Compaction: merges many small files into few, and changes no row (Delta's OPTIMIZE).
 *
 * The new files are written first. Then one entry removes the old ones and adds the new ones; a run that is killed
 * before leaves files that no entry names. Appends continue meanwhile and do not conflict: where another writer commits
 * first, groups whose old files are no longer part of the table are left out.
 */

import { emptyTable } from '../../columns/table.ts';
import type { Action, Add } from '../actions.ts';
import { applyCommit, commitInfo, removal } from '../commit.ts';
import type { DeltaEnvironment } from '../environment.ts';
import { decodedPath, fileOf, removeFiles, writeFileTo } from '../files.ts';
import { putEntry } from '../log.ts';
import { readDataFile } from '../parquet_file.ts';
import { checkWritable, readableSchema } from '../protocol.ts';
import type { TableState } from '../snapshot.ts';

/** The approximate size of compacted files, in bytes; each takes some hundreds of megabytes of memory while it is made. */
const compactedSize = 96 * 1024 * 1024;

/** The result of a compaction, or of a dry run. */
export interface Compaction {
  readonly removedFiles: number;
  readonly addedFiles: number;
  /** The size of the files that were merged, in bytes. */
  readonly bytes: number;
}

/** Small files, and the file that holds their rows. */
interface Group {
  readonly inputs: readonly Add[];
  readonly output: Add;
}

/**
 * Compacts the small files of a table in one commit, and advances the state past it.
 * @param isDryRun reports what would be done, and does nothing
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
    return compactionOf(groups, groups.length);
  }
  const { protocol } = state;
  const { schemaString } = state.metadata;
  const written: Group[] = [];
  try {
    for (const inputs of groups) {
      written.push({ inputs, output: await rewrite(environment, state, inputs) });
    }
  } catch (error) {
    await removeOutputs(environment, written);
    throw error;
  }
  let remaining: readonly Group[] = written;
  for (;;) {
    const isSameTable = state.metadata.schemaString === schemaString && state.protocol === protocol;
    const isAsItWas = ({ path }: Add) => {
      const file = state.files.get(decodedPath(storage.name, path));
      return file !== undefined && !file.deletionVector;
    };
    const isCurrent = ({ inputs }: Group) => isSameTable && inputs.every(isAsItWas);
    await removeOutputs(
      environment,
      remaining.filter((group) => !isCurrent(group)),
    );
    remaining = remaining.filter(isCurrent);
    if (remaining.length === 0) {
      return compactionOf([], 0);
    }
    const version = state.version + 1;
    const entry = entryOf(environment, state.version, remaining);
    if (await putEntry(storage, version, entry)) {
      await applyCommit(environment, state, version, entry);
      return compactionOf(
        remaining.map(({ inputs }) => inputs),
        remaining.length,
      );
    }
    await state.advancePast(version);
  }
}

/** Groups small files in the order of the table, each group of about the target size. */
function groupsOf(files: Iterable<Add>, targetSize: number): Add[][] {
  const groups: Add[][] = [];
  let group: Add[] = [];
  let bytes = 0;
  for (const file of files) {
    // Rows that a deletion vector deletes stay in the file: its maker purges them.
    if (file.deletionVector || file.size >= targetSize / 2) {
      continue;
    }
    if (group.length === 0 || bytes + file.size > targetSize) {
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
async function rewrite(
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

function compactionOf(groups: readonly (readonly Add[])[], addedFiles: number): Compaction {
  const removed = groups.flat();
  return { removedFiles: removed.length, addedFiles, bytes: sizeOf(removed) };
}

function sizeOf(files: readonly Add[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
