/**
 * Removes what no reader within the retention needs: data files (Delta's VACUUM), log entries before a checkpoint
 * (Delta protocol, "Metadata Cleanup"), and the leftovers of killed writers. Killed at any moment, it leaves the table
 * unchanged, and the next run continues.
 */

import { StorageError } from '../../storage/error.ts';
import type { ObjectMeta } from '../../storage/object_store.ts';
import { checkpointHint, readCheckpoint, versionOfLogFile, wholeCheckpoints } from '../checkpoint_read.ts';
import type { DeltaEnvironment } from '../environment.ts';
import { DeltaError } from '../error.ts';
import { fileOf } from '../files.ts';
import { logFolder, readEntry, versionOfEntry } from '../log.ts';
import type { TableState } from '../snapshot.ts';
import { logKept, removedFilesKept } from './retention.ts';

/** Milliseconds that files without an entry are kept at least: a writer may be about to commit them. */
const uncommittedRetention = 3600 * 1000;

/** The files removed, or that a dry run would remove. */
export interface Vacuum {
  readonly unneededFiles: number;
  /** The size of the unneeded files. */
  readonly unneededBytes: number;
  /** Log entries and checkpoints. */
  readonly logFiles: number;
}

/**
 * Removes files that no version of the last `retained` milliseconds needs.
 * @param retained default: the table's own retention of removed files, or seven days
 * @param isDryRun reports what would be removed, and removes nothing
 */
export async function vacuum(
  environment: DeltaEnvironment,
  state: TableState,
  { isDryRun, retained }: { readonly isDryRun: boolean; readonly retained?: number | undefined },
): Promise<Vacuum> {
  const { storage, clock } = environment;
  const now = clock();
  const retention = retained ?? removedFilesKept(state.metadata);
  // Listed before the log is read, so that files committed meanwhile count as part of the table.
  const present = (await storage.list('')).filter(({ name }) => /^[^._].*\.parquet$/.test(name));
  const log = await storage.list(logFolder);
  await state.advance();
  const removedAt = await removalTimes(environment, state, log, now, retention);
  const live = new Set(Array.from(state.files.values(), ({ path }) => fileOf(storage.name, path)));
  const unneeded = present.filter(({ name, modified }) => {
    const removed = removedAt.get(name);
    return live.has(name)
      ? false
      : removed === undefined
        ? modified < now - Math.max(retention, uncommittedRetention)
        : removed <= now - retention;
  });
  const entries = await unneededLog(environment, log, now - logKept(state.metadata));
  const unfinished = log.filter(
    ({ name, modified }) =>
      /^\..*\.tmp$/.test(name) && modified < now - Math.max(retention, uncommittedRetention),
  );
  if (!isDryRun) {
    for (const { name } of unneeded) {
      await storage.remove(name);
    }
    for (const { name } of [...unfinished, ...entries]) {
      await storage.remove(`${logFolder}/${name}`);
    }
  }
  return {
    unneededFiles: unneeded.length,
    unneededBytes: unneeded.reduce((sum, { size }) => sum + size, 0),
    logFiles: entries.length,
  };
}

/** The times at which files were removed, by name, in milliseconds since 1970. */
async function removalTimes(
  { storage }: DeltaEnvironment,
  state: TableState,
  log: readonly ObjectMeta[],
  now: number,
  retention: number,
): Promise<Map<string, number>> {
  const removed = [...state.removed.values()];
  if (retention > removedFilesKept(state.metadata)) {
    // Checkpoints have forgotten some of them, which entries still name.
    for (const { name, modified } of log) {
      const version = versionOfEntry(name);
      if (version !== undefined && modified >= now - retention) {
        removed.push(...((await readEntry(storage, version)) ?? []).flatMap(({ remove }) => remove ?? []));
      }
    }
  }
  return new Map(
    removed.map(({ path, deletionTimestamp }) => [fileOf(storage.name, path), deletionTimestamp ?? 0]),
  );
}

/** Entries and checkpoints before the last checkpoint that is older than a time. Oldest first, so that no gap is left. */
async function unneededLog(
  { storage, warn }: DeltaEnvironment,
  log: readonly ObjectMeta[],
  before: number,
): Promise<ObjectMeta[]> {
  const hint = (await checkpointHint(storage))?.version ?? -1;
  const agedNames = log.filter(({ modified }) => modified < before).map(({ name }) => name);
  const first = wholeCheckpoints(agedNames).find(({ version }) => version <= hint);
  if (first === undefined) {
    return [];
  }
  const old = log
    .map((file) => ({ file, version: versionOfLogFile(file.name) ?? first.version }))
    .filter(({ version }) => version < first.version)
    .sort((a, b) => a.version - b.version)
    .map(({ file }) => file);
  if (old.length === 0) {
    return [];
  }
  try {
    // The checkpoint that replaces them must be intact.
    await readCheckpoint(storage, first);
    return old;
  } catch (error) {
    if (!(error instanceof DeltaError || error instanceof StorageError)) {
      throw error;
    }
    warn(`${error.message} No log entry was removed.`);
    return [];
  }
}
