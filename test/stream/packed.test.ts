/** Records that hold several events, or compressed ones: a stream that ends at any step stores each of them once. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { datasets } from '../../pipeline/datasets/index.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { type BatchStep, type StreamOptions, startStream } from '../../pipeline/stream/run.ts';
import { queries } from '../../queries/index.ts';
import { testFolder } from '../support/folder.ts';
import { sendPacked } from './aggregates.ts';
import { batchOf, committedIn, createStreams, eventsOf } from './streams.ts';

const folder = testFolder('stream-packed');
const lake = join(folder, 'lake');
let log: EmbeddedLog;

beforeEach(async () => {
  log = await EmbeddedLog.open(join(folder, 'log'));
  await createStreams(log, 2);
});

afterEach(() => log.close());

const start = (options: Partial<StreamOptions> = {}) =>
  startStream({
    log,
    datasets,
    queries,
    lake,
    checkpoints: join(folder, 'checkpoints'),
    microBatch: { milliseconds: 5 },
    ...options,
  });

it.each<BatchStep>(['written ahead', 'quarantine committed', 'silver committed'])(
  'a stream of packed records that ends after "%s" stores each event once when it comes back',
  async (at) => {
    const parts = [eventsOf(0, 60), eventsOf(40, 60)];
    await sendPacked(log, parts[0] ?? {});
    const onStep = (step: BatchStep): void => {
      if (step === at) {
        throw new Error('the end');
      }
    };
    await expect(start({ onStep }).done).rejects.toThrow('the end');
    await sendPacked(log, parts[1] ?? {});
    const again = start();
    await again.drain();
    expect(await committedIn(lake)).toEqual(await batchOf(join(folder, 'landing'), parts));
    for (const { name, read } of again.status().totals) {
      expect(read).toBe(parts.flatMap((part) => part[name] ?? []).length);
    }
    await again.stop();
  },
);
