/** Keeps the Delta tables of a lake fast and small, beside whoever writes to them. */

import type { ObjectStore } from '../../storage/object_store.ts';
import { openObjectStore, tablePath } from '../../storage/open.ts';
import { versionHint } from '../checkpoint.ts';
import { writeCheckpoint } from '../checkpoint_write.ts';
import { type DeltaOptions, environmentOf } from '../environment.ts';
import { logFolder } from '../log.ts';
import { readableSchema } from '../protocol.ts';
import { readState } from '../snapshot.ts';
import { type Compaction, compact } from './compact.ts';
import { type Vacuum, vacuum } from './vacuum.ts';

export interface MaintainOptions extends DeltaOptions {
  /** Says what would be done, and does nothing. */
  readonly isDryRun: boolean;
  /** Files that older versions need are kept so long, in milliseconds; default: as the table says, or seven days. */
  readonly retained?: number | undefined;
  /** About the size of a file that small ones become, in bytes. */
  readonly fileSize?: number;
}

/** What was done to a table, or would be. */
export interface Maintenance extends Compaction, Vacuum {
  /** The version behind it. */
  readonly version: number;
  /** The files that hold the rows now. */
  readonly liveFiles: number;
}

/**
 * Compacts small files, writes a checkpoint, and removes what is needed no more.
 * @param table a folder or `s3://bucket/prefix`
 * @throws DeltaError when there is no Delta table, or one that is not supported
 */
export async function maintainTable(table: string, options: MaintainOptions): Promise<Maintenance> {
  const environment = await environmentOf(table, options);
  const state = await readState(environment);
  readableSchema(environment.storage.name, state);
  const { isDryRun, retained, fileSize } = options;
  const compaction = await compact(environment, state, {
    isDryRun,
    ...(fileSize === undefined ? {} : { size: fileSize }),
  });
  if (!isDryRun && state.version > ((await versionHint(environment.storage)) ?? 0)) {
    await writeCheckpoint(environment, state);
  }
  const removed = await vacuum(environment, state, { isDryRun, retained });
  return { ...compaction, ...removed, version: state.version, liveFiles: state.files.size };
}

/** The paths of the Delta tables below a lake, sorted. @throws DeltaError when it cannot be listed */
export async function tablesBelow(lake: string): Promise<string[]> {
  const storage = await openObjectStore(lake);
  const found: string[] = [];
  await findTables(storage, '', found);
  return found.sort().map((folder) => (folder === '' ? lake : tablePath(lake, folder)));
}

/** Landing files are no tables, and there may be a great many of them. */
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
