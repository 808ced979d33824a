/**
 * Searches a lake, landing files and checkpoints for what is left of erased posts, file by file, and tells until when each stays.
 * It finds the keys of erasures wherever they stand in a column of keys or in JSON, and values that are given to it.
 */

import { environmentOf } from '../../delta/environment.ts';
import { fileOf } from '../../delta/files.ts';
import { removedFilesKept } from '../../delta/maintain/retention.ts';
import { readState } from '../../delta/snapshot.ts';
import type { Erasures } from '../../erasures.ts';
import type { Dataset } from '../../plan/dataset.ts';
import type { ObjectStore } from '../../storage/object_store.ts';
import { openObjectStore, tablePath } from '../../storage/open.ts';
import { type Trace, tracesIn } from './files.ts';
import { Wanted } from './wanted.ts';

/** A file that holds something of erased posts. */
export interface Copy {
  /** From the folder or URL that was searched. */
  readonly file: string;
  readonly within: string;
  readonly traces: readonly Trace[];
  /** Until when it stays, or what takes it away. */
  readonly until: string;
}

export interface Verification {
  /** The number of files that were searched. */
  readonly files: number;
  readonly copies: readonly Copy[];
  /** Files that could not be opened: they may hold copies. */
  readonly unreadable: readonly { readonly file: string; readonly error: Error }[];
}

/** The places to search: folders or S3 URLs, one perhaps below another. */
export interface SearchedPlaces {
  readonly lake: string;
  readonly landing: string;
  readonly checkpoints?: string | undefined;
  readonly datasets: readonly Dataset[];
}

/** @throws StorageError when a place cannot be listed */
export async function verifyErased(
  { lake, landing, checkpoints, datasets }: SearchedPlaces,
  erasures: Erasures,
  values: readonly string[],
): Promise<Verification> {
  const wanted = new Wanted(erasures, datasets, values);
  const copies: Copy[] = [];
  const unreadable: { file: string; error: Error }[] = [];
  const places = [...new Set([lake, landing, ...(checkpoints === undefined ? [] : [checkpoints])])];
  // Landing files and tables often share a folder: each file is searched once.
  const outer = places.filter(
    (place) => !places.some((other) => other !== place && place.startsWith(tablePath(other, ''))),
  );
  let files = 0;
  for (const within of outer) {
    const store = await openObjectStore(within);
    const found = await store.list('', { recursive: true, followLinks: () => true });
    const tables = new Map<string, Promise<Fate>>();
    for (const file of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      // The table of erasures must name the keys.
      if (tablePath(within, file.name).startsWith(tablePath(lake, 'erasures', ''))) {
        continue;
      }
      files += 1;
      try {
        const traces = await tracesIn(store, file, wanted);
        if (traces.length > 0) {
          const until = await fateOf(store, file.name, tables);
          copies.push({ file: file.name, within, traces, until });
        }
      } catch (error) {
        unreadable.push({
          file: tablePath(within, file.name),
          error: error instanceof Error ? error : new Error(String(error)),
        });
      }
    }
  }
  return { files, copies, unreadable };
}

/** Tells until when a file of a table stays. */
type Fate = (inTable: string) => string;

/** Tells until when a file stays. */
async function fateOf(store: ObjectStore, path: string, tables: Map<string, Promise<Fate>>): Promise<string> {
  const table = await tableOf(store, path);
  if (table === undefined) {
    return /(^|\/)topics\//.test(path)
      ? 'a landing file: run the erasure again, without keys'
      : 'no file of a table or of landing: nothing here removes it';
  }
  const fate = tables.get(table) ?? fateInTable(tablePath(store.name, table));
  tables.set(table, fate);
  return (await fate)(path.slice(table === '' ? 0 : table.length + 1));
}

/** The folder of the table that a file belongs to: the next one above it with a log. */
async function tableOf(store: ObjectStore, path: string): Promise<string | undefined> {
  const folders = path.split('/').slice(0, -1);
  const inLog = folders.indexOf('_delta_log');
  if (inLog >= 0) {
    return folders.slice(0, inLog).join('/');
  }
  for (let depth = folders.length; depth > 0; depth -= 1) {
    const folder = folders.slice(0, depth).join('/');
    if ((await store.list(`${folder}/_delta_log`)).length > 0) {
      return folder;
    }
  }
  return undefined;
}

async function fateInTable(table: string): Promise<Fate> {
  const environment = await environmentOf(table, {});
  const state = await readState(environment);
  const key = ({ path }: { readonly path: string }) => fileOf(table, path);
  const live = new Set(Array.from(state.files.values(), key));
  const removed = new Map(
    Array.from(state.removed.values(), (file) => [key(file), file.deletionTimestamp ?? 0]),
  );
  const kept = removedFilesKept(state.metadata);
  const at = (time: number) => new Date(time).toISOString();
  return (inTable) => {
    const removedAt = removed.get(inTable);
    if (inTable.startsWith('_delta_log/')) {
      return 'the log forgets it when `npm run maintain` has removed the data files that it tells of';
    }
    if (live.has(inTable)) {
      return 'it is part of the table: run the erasure again';
    }
    return removedAt === undefined
      ? 'no version has it, a run was killed: `npm run maintain` removes it an hour after it was written, or after the retention'
      : `an older version has it: \`npm run maintain\` removes it after ${at(removedAt + kept)}, or with --retain 0 now`;
  };
}
