/**
 * What no reader within the retention needs is removed: data files (Delta's VACUUM), log entries behind a checkpoint
 * (Delta protocol, "Metadata Cleanup"), and what killed writers left. Killed at any moment, it leaves a table that is
 * the same, and the next run goes on.
 */

import { StorageError } from '../../storage/error.ts';
import type { ObjectMeta } from '../../storage/object_store.ts';
import { checkpointOf, readCheckpoint, versionHint } from '../checkpoint.ts';
import type { DeltaEnvironment } from '../environment.ts';
import { DeltaError } from '../error.ts';
import { fileOf } from '../files.ts';
import { logFolder, readEntry, versionOfEntry } from '../log.ts';
import type { TableState } from '../snapshot.ts';
import { logKept, removedFilesKept } from './retention.ts';

/** A writer may be about to commit a file that is younger, however short the retention is. */
const uncommittedKept = 3600 * 1000;

/** What was removed, or would be. */
export interface Vacuum {
  readonly unneededFiles: number;
  /** The size of these files. */
  readonly unneededBytes: number;
  /** Log entries and checkpoints. */
  readonly logFiles: number;
}

/**
 * Removes files that no version of the last `retained` milliseconds needs.
 * @param retained default: as long as the table keeps removed files, seven days if it does not say
 * @param isDryRun says what would be removed, and removes nothing
 */
export async function vacuum(
  environment: DeltaEnvironment,
  state: TableState,
  { isDryRun, retained }: { readonly isDryRun: boolean; readonly retained?: number | undefined },
): Promise<Vacuum> {
  const { storage, clock } = environment;
  const now = clock();
  const kept = retained ?? removedFilesKept(state.metadata);
  // Listed before the log is read: what was committed meanwhile is then known as part of the table.
  const present = (await storage.list('')).filter(({ name }) => /^[^._].*\.parquet$/.test(name));
  const log = await storage.list(logFolder);
  await state.advance();
  const removedAt = await removals(environment, state, log, now, kept);
  const live = new Set(Array.from(state.files.keys(), (path) => fileOf(storage.name, path)));
  const unneeded = present.filter(({ name, modified }) => {
    const removed = removedAt.get(name);
    return live.has(name)
      ? false
      : removed === undefined
        ? modified < now - Math.max(kept, uncommittedKept)
        : removed <= now - kept;
  });
  const entries = await unneededLog(environment, log, now - logKept(state.metadata));
  const begun = log.filter(
    ({ name, modified }) => /^\..*\.tmp$/.test(name) && modified < now - Math.max(kept, uncommittedKept),
  );
  if (!isDryRun) {
    for (const { name } of unneeded) {
      await storage.remove(name);
    }
    for (const { name } of [...begun, ...entries]) {
      await storage.remove(`${logFolder}/${name}`);
    }
  }
  return {
    unneededFiles: unneeded.length,
    unneededBytes: unneeded.reduce((sum, { size }) => sum + size, 0),
    logFiles: entries.length,
  };
}

/** When files were removed, by their names, milliseconds since 1970. */
async function removals(
  { storage }: DeltaEnvironment,
  state: TableState,
  log: readonly ObjectMeta[],
  now: number,
  kept: number,
): Promise<Map<string, number>> {
  const removed = [...state.removed.values()];
  if (kept > removedFilesKept(state.metadata)) {
    // Checkpoints have forgotten a part of them, which the entries still tell.
    for (const { name, modified } of log) {
      const version = versionOfEntry(name);
      if (version !== undefined && modified >= now - kept) {
        removed.push(...((await readEntry(storage, version)) ?? []).flatMap(({ remove }) => remove ?? []));
      }
    }
  }
  return new Map(
    removed.map(({ path, deletionTimestamp }) => [fileOf(storage.name, path), deletionTimestamp ?? 0]),
  );
}

/** The entries and checkpoints before the last checkpoint that is older than a time: oldest first, so that no gap is left. */
async function unneededLog(
  { storage, warn }: DeltaEnvironment,
  log: readonly ObjectMeta[],
  before: number,
): Promise<ObjectMeta[]> {
  const hint = (await versionHint(storage)) ?? -1;
  const first = log.reduce((found, { name, modified }) => {
    const version = checkpointOf(name);
    return version === undefined || version > hint || modified >= before ? found : Math.max(found, version);
  }, -1);
  const old = log
    .map((file) => ({ file, version: versionOfEntry(file.name) ?? checkpointOf(file.name) ?? first }))
    .filter(({ version }) => version < first)
    .sort((a, b) => a.version - b.version)
    .map(({ file }) => file);
  if (old.length === 0) {
    return [];
  }
  try {
    // What is to stand for them must be whole.
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
