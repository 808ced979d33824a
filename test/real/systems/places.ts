/** Where scripts/setup-real-systems puts what tests run against, and what was put there. */

import { accessSync, constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A system that tests run against as it is, never imitated. */
export interface RealSystem {
  /** Its name to scripts/setup-real-systems. */
  readonly name: string;
  /** Why it cannot be used here and what to do about it, or nothing when it can. */
  missing(): string | undefined;
  /** What it is, with its version, for the report at the end of a run. */
  version(): string;
}

const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');

/** The folder of set-up systems, the same one that the set-up script uses: REAL_SYSTEMS_DIR or the user's cache. */
export const realSystemsFolder = process.env.REAL_SYSTEMS_DIR ?? join(cache, 'pinterest-pipeline', 'real');

/** A path inside what was set up, for example `placeOf('spark', 'bin', 'python')`. */
export function placeOf(...parts: string[]): string {
  return join(realSystemsFolder, ...parts);
}

/** The first line of a system's stamp, which the set-up writes last; nothing when it was never finished. */
export function stampOf(name: string): string | undefined {
  try {
    return readFileSync(placeOf(name, 'stamp'), 'utf8').split('\n')[0];
  } catch {
    return undefined;
  }
}

/** What to do about a system that was not set up. */
export function notSetUp(name: string): string {
  return `${name} is not set up under ${realSystemsFolder}: run scripts/setup-real-systems ${name}`;
}

/** The path of the first of some commands that is on PATH or in the system's folders of programs. */
export function commandPath(...names: string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (isExecutable(path)) return path;
    }
  }
  return undefined;
}

/** Whether a path is a program that may be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
