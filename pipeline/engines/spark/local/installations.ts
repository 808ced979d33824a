/** The installations of scripts/setup-real-systems, of which local Spark is one. */

import { accessSync, constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');

/** The folder of installed systems, the same as in the setup script: REAL_SYSTEMS_DIR or the user's cache. */
const realSystemsFolder = process.env.REAL_SYSTEMS_DIR ?? join(cache, 'pinterest-pipeline', 'real');

/** A path inside an installation, for example `installedPath('spark', 'bin', 'python')`. */
export function installedPath(...parts: string[]): string {
  return join(realSystemsFolder, ...parts);
}

/** The first line of a system's stamp, which the setup writes last; undefined for an incomplete installation. */
export function stampOf(name: string): string | undefined {
  try {
    return readFileSync(installedPath(name, 'stamp'), 'utf8').split('\n')[0];
  } catch {
    return undefined;
  }
}

/** The remedy for a system that is not installed. */
export function notSetUp(name: string): string {
  return `${name} is not set up under ${realSystemsFolder}: run scripts/setup-real-systems ${name}`;
}

/** The path of the first of some commands that is on PATH or in /usr/sbin or /sbin. */
export function commandPath(...names: string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (isExecutable(path)) {
        return path;
      }
    }
  }
  return undefined;
}

/** True for an executable file. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
