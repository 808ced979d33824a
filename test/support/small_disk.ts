/** A disk that can really be full: a small tmpfs, where the system lets us mount one for a process of ours. */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const mounting = ['--map-root-user', '--mount', 'sh', '-c'];
export const canMount = spawnSync('unshare', [...mounting, 'mount -t tmpfs tmpfs /mnt']).status === 0;

/** Runs a program, by its path in the repository, with the disk's folder and another; gives the JSON that it prints. */
export function runOnSmallDisk(mebibytes: number, path: string, folder: string): unknown {
  return runOnDisk(`size=${mebibytes}m`, path, folder);
}

/** Runs a program as `runOnSmallDisk` does, on a disk that cannot be written. */
export function runOnReadOnlyDisk(path: string, folder: string): unknown {
  return runOnDisk('ro', path, folder);
}

function runOnDisk(options: string, path: string, folder: string): unknown {
  const program = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const run = `mount -t tmpfs -o ${options} tmpfs "$1" && exec "$2" --import tsx "$3" "$1" "$4"`;
  const args = [...mounting, run, 'sh', '/mnt', process.execPath, program, folder];
  return JSON.parse(execFileSync('unshare', args, { encoding: 'utf8' }));
}
