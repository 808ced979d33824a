/**
 * The log of a Delta table on a file system: numbered entries of which each is there wholly or not at all
 * (Delta protocol, "Delta Log Entries").
 */

import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../files.ts';
import { type Action, actionSchema } from './delta_actions.ts';
import { DeltaError, errorCode, withFileErrors } from './delta_error.ts';

/** Where the log of a table lies. */
export function logFolder(table: string): string {
  return join(table, '_delta_log');
}

/** The file of one entry: its version with 20 digits. */
export function entryFile(table: string, version: number): string {
  return join(logFolder(table), `${paddedVersion(version)}.json`);
}

export function paddedVersion(version: number): string {
  return String(version).padStart(20, '0');
}

/** The names in the log's folder; none when there is no such folder. */
export async function namesInLog(table: string): Promise<string[]> {
  return withFileErrors(`list ${logFolder(table)}`, async () => {
    try {
      return await readdir(logFolder(table));
    } catch (error) {
      if (errorCode(error) === 'ENOENT') {
        return [];
      }
      throw error;
    }
  });
}

/**
 * The actions of one version, undefined when it is not there.
 * @throws DeltaError that names the line when the entry is damaged
 */
export async function readEntry(table: string, version: number): Promise<Action[] | undefined> {
  const file = entryFile(table, version);
  const text = await withFileErrors(`read ${file}`, () => readIfThere(file));
  if (text === undefined) {
    return undefined;
  }
  const lines = text.split('\n');
  const actions = lines.flatMap((line, at) => (line.trim() === '' ? [] : [parseAction(line, file, at + 1)]));
  if (actions.length === 0) {
    throw new DeltaError(`The log entry ${file} is empty, so it is damaged. ${restoreAdvice}`);
  }
  return actions;
}

/** The text of a file, undefined when it is not there. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

const restoreAdvice = 'Restore it from a backup, or write the table anew in another folder.';

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
 * Puts an entry where there is none: it is written aside, made durable, and linked to its name, which fails
 * when the name is taken. So nobody ever sees half an entry, and of two writers one wins.
 * @returns false when another writer has this version already
 */
export async function putEntry(table: string, version: number, actions: readonly Action[]): Promise<boolean> {
  const file = entryFile(table, version);
  return withFileErrors(`write the log entry ${file}`, async () => {
    await mkdir(logFolder(table), { recursive: true });
    const aside = join(logFolder(table), `.${paddedVersion(version)}.json.${randomUUID()}.tmp`);
    try {
      await writeDurably(aside, actions.map((action) => `${JSON.stringify(action)}\n`).join(''));
      await link(aside, file);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') {
        return false;
      }
      throw error;
    } finally {
      await removeIfThere(aside);
    }
    await syncFolder(logFolder(table));
    return true;
  });
}

/** Writes a new file, on disk when this returns. */
export async function writeDurably(file: string, content: string): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes a file, if there is one. */
export async function removeIfThere(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') {
      throw error;
    }
  }
}
