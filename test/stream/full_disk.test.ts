/** A disk that is really full: a small tmpfs, where the system lets us mount one for a process of ours. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { temporaryFolder } from '../support/folder.ts';
import { batchOf, committedIn, createStreams, eventsOf, send } from './streams.ts';

const report = z.object({ first: z.string(), readWhenFull: z.number(), second: z.string() });
const mounting = ['--map-root-user', '--mount', 'sh', '-c'];
const canMount = spawnSync('unshare', [...mounting, 'mount -t tmpfs tmpfs /mnt']).status === 0;
const program = fileURLToPath(new URL('./full_disk_process.ts', import.meta.url));

it.skipIf(!canMount)(
  'a full disk ends the stream with a clear message, and nothing is lost when there is room',
  async () => {
    const folder = temporaryFolder('stream-full-disk');
    const run = 'mount -t tmpfs -o size=4m tmpfs "$1" && exec "$2" --import tsx "$3" "$1" "$4"';
    try {
      const log = await EmbeddedLog.open(join(folder, 'log'));
      await createStreams(log);
      const events = eventsOf(0, 80);
      await send(log, events);
      await log.close();
      const arguments_ = [...mounting, run, 'sh', '/mnt', process.execPath, program, folder];
      const output = execFileSync('unshare', arguments_, { encoding: 'utf8' });
      const { first, readWhenFull, second } = report.parse(JSON.parse(output));
      expect(first).toContain('the disk is full');
      expect(readWhenFull).toBeLessThan(Object.values(events).flat().length);
      expect(second).toBe('done');
      expect(await committedIn(join(folder, 'lake'))).toEqual(
        await batchOf(join(folder, 'landing'), [events]),
      );
    } finally {
    }
  },
);
