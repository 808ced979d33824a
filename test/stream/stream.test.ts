import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rowsOf } from '../../pipeline/columns/table.ts';
import { datasets, pin } from '../../pipeline/datasets/index.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { type StreamOptions, startStream } from '../../pipeline/stream/run.ts';
import { queries } from '../../queries/index.ts';
import { testFolder } from '../support/folder.ts';
import { batchOf, committedIn, createStreams, eventsOf, goldIn, send } from './streams.ts';

const folder = testFolder('stream');
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

describe('a stream', () => {
  it('fails once its patience ends when its log is closed under it, instead of asking without a pause', async () => {
    const notices: string[] = [];
    const stream = start({ patienceMilliseconds: 1, onNotice: (notice) => notices.push(notice) });
    await stream.drain();
    await log.close();
    await expect(stream.done).rejects.toThrow(/The log .* was closed\./);
    expect(stream.status().state).toBe('failed');
    expect(notices).toContain(`The log ${join(folder, 'log')} was closed. Asking again.`);
  });

  it('holds after each drain what a batch over the same events holds', async () => {
    const stream = start();
    const parts = [eventsOf(0, 40), eventsOf(20, 60), eventsOf(80, 20)];
    for (const [index] of parts.entries()) {
      await send(log, parts[index] ?? {});
      await stream.drain();
      const expected = await batchOf(join(folder, `landing${index}`), parts.slice(0, index + 1));
      expect(await committedIn(lake)).toEqual(expected);
      for (const query of queries) {
        expect(rowsOf(stream.answer(query))).toEqual(expected.answers[query.name]);
      }
    }
    expect(stream.status()).toMatchObject({ state: 'running' });
    for (const { read, kept, repeated, quarantined } of stream.status().totals) {
      expect(read).toBe(kept + repeated + quarantined.malformed_json + quarantined.missing_key);
    }
    await stream.stop();
    expect(stream.status().state).toBe('ended');
    expect(await goldIn(lake)).toEqual((await batchOf(join(folder, 'landing'), parts)).answers);
  });

  it('counts the values that rules have made null, in every micro-batch and on after a restart', async () => {
    const unreadable = (index: number) => `{"index":${index},"follower_count":"many"}`;
    let stream = start();
    const nulled = async (pins: readonly string[]) => {
      await send(log, { pin: pins });
      await stream.drain();
      return stream.status().totals.map((of) => of.nulled);
    };
    const rule = 'follower_count = follower_count(follower_count)';
    expect(await nulled([unreadable(1), unreadable(2), '{"index":3}'])).toEqual([{ [rule]: 2 }, {}, {}]);
    expect(await nulled([unreadable(4), unreadable(1)])).toEqual([{ [rule]: 4 }, {}, {}]);
    await stream.stop();
    stream = start();
    expect(await nulled(['{"index":5}'])).toEqual([{ [rule]: 4 }, {}, {}]);
    await stream.stop();
  });

  it('does not wait for more records while a drain is in progress', async () => {
    const stream = start({ microBatch: { milliseconds: 3_600_000 } });
    await send(log, eventsOf(0, 40));
    await stream.drain();
    expect(rowsOf(stream.silver(pin)).length).toBeGreaterThan(0);
    await stream.stop();
  });

  it('continues where it ended, with its totals', async () => {
    const parts = [eventsOf(0, 50), eventsOf(30, 50)];
    for (const part of parts) {
      await send(log, part);
      await start({ untilIdleMilliseconds: 1 }).done;
    }
    const expected = await batchOf(join(folder, 'landing'), parts);
    expect(await committedIn(lake)).toEqual(expected);
    expect(await goldIn(lake)).toEqual(expected.answers);
    const stream = start();
    await stream.drain();
    const events = parts.flatMap((part) => part.pin ?? []).length;
    expect(stream.status().totals[0]).toMatchObject({
      name: 'pin',
      read: events,
      kept: expected.silver.pin?.length,
    });
    await stream.stop();
    expect(existsSync(join(folder, 'checkpoints', 'streaming-pin', 'stream.lock'))).toBe(false);
  });
});
