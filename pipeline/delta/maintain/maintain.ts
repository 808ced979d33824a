/** Keeps the Delta tables of a lake fast and small, while others write to them. */

import type { ObjectStore } from '../../storage/object_store.ts';
import { openObjectStore, tablePath } from '../../storage/open.ts';
import { checkpointHint } from '../checkpoint_read.ts';
import { writeCheckpoint } from '../checkpoint_write.ts';
import { type DeltaOptions, environmentOf } from '../environment.ts';
import { logFolder } from '../log.ts';
import { readableSchema } from '../protocol.ts';
import { readState } from '../snapshot.ts';
import { type Compaction, compact } from './compact.ts';
import { forgetRemovedFiles } from './forget.ts';
import { removedFilesKept } from './retention.ts';
import { type Vacuum, vacuum } from './vacuum.ts';

export interface MaintainOptions extends DeltaOptions {
  /** Reports what would be done, and does nothing. */
  readonly isDryRun: boolean;
  /** Milliseconds that files of older versions are kept; default: the table's own setting, or seven days. */
  readonly retained?: number | undefined;
  /** Forgets the bounds of files that are gone: rows were erased from the lake. */
  readonly forgets?: boolean;
  /** The approximate size of compacted files, in bytes. */
  readonly fileSize?: number;
}

/** The result of maintaining a table, or of a dry run. */
export interface Maintenance extends Compaction, Vacuum {
  /** The version after it. */
  readonly version: number;
  /** Log files in which bounds of files that are gone were forgotten. */
  readonly forgotten: number;
  /** Files that hold the current rows. */
  readonly liveFiles: number;
}

/**
 * Compacts small files, writes a checkpoint, and removes what is no longer needed.
 * @param table a folder or `s3://bucket/prefix`
 * @throws DeltaError when the Delta table does not exist or is not supported
 */
export async function maintainTable(table: string, options: MaintainOptions): Promise<Maintenance> {
  const environment = await environmentOf(table, options);
  const state = await readState(environment);
  readableSchema(environment.storage.name, state);
  const { isDryRun, retained, forgets, fileSize } = options;
  const compaction = await compact(environment, state, {
    isDryRun,
    ...(fileSize === undefined ? {} : { size: fileSize }),
  });
  if (!isDryRun && state.version > ((await checkpointHint(environment.storage))?.version ?? 0)) {
    await writeCheckpoint(environment, state);
  }
  const removed = await vacuum(environment, state, { isDryRun, retained });
  const before = environment.clock() - (retained ?? removedFilesKept(state.metadata));
  const forgotten = forgets && !isDryRun ? await forgetRemovedFiles(environment, state, before) : 0;
  return { ...compaction, ...removed, forgotten, version: state.version, liveFiles: state.files.size };
}

/** The paths of the Delta tables below a lake, sorted. @throws DeltaError when it cannot be listed */
export async function tablesBelow(lake: string): Promise<string[]> {
  const storage = await openObjectStore(lake);
  const found: string[] = [];
  await findTables(storage, '', found);
  return found.sort().map((folder) => (folder === '' ? lake : tablePath(lake, folder)));
}

/** The landing folder, which has no tables and may have very many files. */
const landing = 'topics';

async function findTables(storage: ObjectStore, folder: string, found: string[]): Promise<void> {
  const names = await storage.listFolders(folder);
  if (names.includes(logFolder)) {
    found.push(folder);
    return;
  }
  for (const name of names) {
    if (!/^[._]/.test(name) && (folder !== '' || name !== landing)) {
      await findTables(storage, folder === '' ? name : `${folder}/${name}`, found);
    }
  }
}
