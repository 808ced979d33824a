/** A disk that can really be full: a small tmpfs, where the system lets us mount one for a process of ours. */
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const mounting = ['--map-root-user', '--mount', 'sh', '-c'];
export const canMount = spawnSync('unshare', [...mounting, 'mount -t tmpfs tmpfs /mnt']).status === 0;

/** Runs a program, by its path in the repository, with the disk's folder and other arguments; gives the JSON that it prints. */
export function runOnSmallDisk(
  mebibytes: number,
  path: string,
  ...args: readonly string[]
): Promise<unknown> {
  return runOnDisk(`size=${mebibytes}m`, path, args);
}

/** Runs a program as `runOnSmallDisk` does, on a disk that cannot be written. */
export function runOnReadOnlyDisk(path: string, ...args: readonly string[]): Promise<unknown> {
  return runOnDisk('ro', path, args);
}

async function runOnDisk(options: string, path: string, args: readonly string[]): Promise<unknown> {
  const program = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const run = `mount -t tmpfs -o ${options} tmpfs /mnt && exec "$0" --import tsx "$@"`;
  const { stdout } = await promisify(execFile)(
    'unshare',
    [...mounting, run, process.execPath, program, '/mnt', ...args],
    { maxBuffer: Number.POSITIVE_INFINITY },
  );
  return JSON.parse(stdout);
}
