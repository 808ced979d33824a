/** A disk that is really full: a small tmpfs, where the system lets us mount one for a process of ours. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { temporaryFolder } from '../support/folder.ts';
import { canMount, runOnSmallDisk } from '../support/small_disk.ts';
import { batchOf, committedIn, createStreams, eventsOf, send } from './streams.ts';

const report = z.object({ first: z.string(), readWhenFull: z.number(), second: z.string() });
it.skipIf(!canMount)(
  'a full disk ends the stream with a clear message, and nothing is lost when there is room',
  async () => {
    const folder = temporaryFolder('stream-full-disk');
    const log = await EmbeddedLog.open(join(folder, 'log'));
    await createStreams(log);
    const events = eventsOf(0, 80);
    await send(log, events);
    await log.close();
    const { first, readWhenFull, second } = report.parse(
      await runOnSmallDisk(4, 'test/stream/full_disk_process.ts', folder),
    );
    expect(first).toContain('the disk is full');
    expect(readWhenFull).toBeLessThan(Object.values(events).flat().length);
    expect(second).toBe('done');
    expect(await committedIn(join(folder, 'lake'))).toEqual(await batchOf(join(folder, 'landing'), [events]));
  },
);
