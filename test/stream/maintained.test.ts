/** A stream whose lake is maintained while it is stopped, for longer than log entries are kept. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { datasets } from '../../pipeline/datasets/index.ts';
import { maintainTable, tablesBelow } from '../../pipeline/delta/maintain/maintain.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { startStream } from '../../pipeline/stream/run.ts';
import { queries } from '../../queries/index.ts';
import { testFolder } from '../support/folder.ts';
import { batchOf, committedIn, createStreams, eventsOf, send } from './streams.ts';

const folder = testFolder('stream-maintained');
const lake = join(folder, 'lake');
const day = 24 * 3600 * 1000;
let log: EmbeddedLog;

beforeEach(async () => {
  log = await EmbeddedLog.open(join(folder, 'log'));
  await createStreams(log, 2);
});

afterEach(() => log.close());

async function takeAll(checkpoints = 'checkpoints') {
  const stream = startStream({
    log,
    datasets,
    queries,
    lake,
    checkpoints: join(folder, checkpoints),
    microBatch: { milliseconds: 1 },
  });
  await stream.drain();
  await stream.stop();
  return stream.status().totals;
}

it.each(['checkpoints', 'new checkpoints'])('it goes on where it stood, with its %s', async (checkpoints) => {
  const parts = [eventsOf(0, 20), eventsOf(18, 20)];
  let before: unknown;
  for (const part of parts) {
    await send(log, part);
    before = await takeAll();
  }
  let removed = 0;
  for (const days of [1, 40, 80]) {
    for (const table of await tablesBelow(lake)) {
      const clock = () => Date.now() + days * day;
      removed += (await maintainTable(table, { isDryRun: false, clock })).logFiles;
    }
  }
  expect(removed).toBeGreaterThan(datasets.length);
  expect(await takeAll(checkpoints)).toEqual(before);
  const last = eventsOf(36, 20);
  await send(log, last);
  await takeAll(checkpoints);
  expect(await committedIn(lake)).toEqual(
    await batchOf(mkdtempSync(join(folder, 'landing-')), [...parts, last]),
  );
});
