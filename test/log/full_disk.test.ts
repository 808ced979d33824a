/** A disk that is really full: a tmpfs of 1 MiB, where the system lets us mount one for a process of ours. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import * as z from 'zod';

const filled = z.object({ taken: z.number(), code: z.string() });
const report = z.object({
  first: filled,
  readWhenFull: z.number(),
  second: filled,
  readAfterOpening: z.number(),
  failure: z.string(),
  left: z.array(z.string()),
});

const mounting = ['--map-root-user', '--mount', 'sh', '-c'];
const canMount = spawnSync('unshare', [...mounting, 'mount -t tmpfs tmpfs /mnt']).status === 0;
const program = fileURLToPath(new URL('./full_disk_process.ts', import.meta.url));

it.skipIf(!canMount)('a full disk loses nothing of what was taken, and takes more when there is room', () => {
  const folder = mkdtempSync(join(tmpdir(), 'full-disk-'));
  const run = 'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" --import tsx "$3" "$1" "$4"';
  try {
    const output = execFileSync(
      'unshare',
      [...mounting, run, 'sh', '/mnt', process.execPath, program, folder],
      { encoding: 'utf8' },
    );
    const { first, readWhenFull, second, readAfterOpening, failure, left } = report.parse(JSON.parse(output));
    expect([first.code, second.code]).toEqual(['full', 'full']);
    expect(first.taken).toBeGreaterThan(10);
    expect(readWhenFull).toBe(first.taken);
    expect(second.taken).toBeGreaterThan(10);
    expect(readAfterOpening).toBe(first.taken + second.taken);
    expect(failure).toMatch(/the disk is full\. .* nothing is lost, the log still has the records/);
    expect(left.length).toBeGreaterThan(0);
    expect(left.every((name) => name.endsWith('.json'))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
