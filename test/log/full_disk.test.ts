/** A disk that is really full: a tmpfs of 1 MiB, where the system lets us mount one for a process of ours. */

import { expect, it } from 'vitest';
import * as z from 'zod';
import { temporaryFolder } from '../support/folder.ts';
import { canMount, runOnSmallDisk } from '../support/small_disk.ts';

const filled = z.object({ taken: z.number(), code: z.string() });
const report = z.object({
  first: filled,
  readWhenFull: z.number(),
  second: filled,
  readAfterOpening: z.number(),
  failure: z.string(),
  left: z.array(z.string()),
});

it.skipIf(!canMount)(
  'a full disk loses nothing of what was taken, and takes more when there is room',
  async () => {
    const folder = temporaryFolder('full-disk');
    const { first, readWhenFull, second, readAfterOpening, failure, left } = report.parse(
      await runOnSmallDisk(1, 'test/log/full_disk_process.ts', folder),
    );
    expect([first.code, second.code]).toEqual(['full', 'full']);
    expect(first.taken).toBeGreaterThan(10);
    expect(readWhenFull).toBe(first.taken);
    expect(second.taken).toBeGreaterThan(10);
    expect(readAfterOpening).toBe(first.taken + second.taken);
    expect(failure).toMatch(/the disk is full\. .* nothing is lost, the log still has the records/);
    expect(left.length).toBeGreaterThan(0);
    expect(left.every((name) => name.endsWith('.json'))).toBe(true);
  },
);
