/** The log of a Delta table: numbered entries, each of which is written atomically (Delta protocol, "Delta Log Entries"). */

import type { ObjectStore } from '../storage/object_store.ts';
import { type Action, actionSchema } from './actions.ts';
import { DeltaError } from './error.ts';

export const logFolder = '_delta_log';

/** The path of an entry, named by its version in 20 digits. */
export function entryPath(version: number): string {
  return `${logFolder}/${paddedVersion(version)}.json`;
}

export function paddedVersion(version: number): string {
  return String(version).padStart(20, '0');
}

/** The version in the name of an entry's file; undefined for other files. */
export function versionOfEntry(name: string): number | undefined {
  const version = /^(\d{20})\.json$/.exec(name)?.[1];
  return version === undefined ? undefined : Number(version);
}

/** The names in the log's folder; none when the folder does not exist. */
export async function namesInLog(storage: ObjectStore): Promise<string[]> {
  return (await storage.list(logFolder)).map(({ name }) => name);
}

/**
 * Reads the actions of a version; undefined when it does not exist.
 * @throws DeltaError that names the line when the entry is damaged
 */
export async function readEntry(storage: ObjectStore, version: number): Promise<Action[] | undefined> {
  const bytes = await storage.read(entryPath(version));
  if (bytes === undefined) {
    return undefined;
  }
  const file = `${storage.name}/${entryPath(version)}`;
  const lines = new TextDecoder().decode(bytes).split('\n');
  const actions = lines.flatMap((line, at) => (line.trim() === '' ? [] : [parseAction(line, file, at + 1)]));
  if (actions.length === 0) {
    throw new DeltaError(`The log entry ${file} is empty, so it is damaged. ${restoreAdvice}`);
  }
  return actions;
}

const restoreAdvice = 'Restore it from a backup, or write the table again in another folder.';

function parseAction(line: string, file: string, number: number): Action {
  try {
    return actionSchema.parse(JSON.parse(line));
  } catch (error) {
    throw new DeltaError(
      `Line ${number} of the log entry ${file} is damaged: ${line.slice(0, 200)}. ${restoreAdvice}`,
      { cause: error },
    );
  }
}

/**
 * Writes an entry unless its version exists.
 * @returns false when another writer has committed this version
 */
export async function putEntry(
  storage: ObjectStore,
  version: number,
  actions: readonly Action[],
): Promise<boolean> {
  const lines = actions.map((action) => `${JSON.stringify(action)}\n`).join('');
  return storage.putIfAbsent(entryPath(version), new TextEncoder().encode(lines));
}
