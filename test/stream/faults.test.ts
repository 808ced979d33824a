/** A stream that ends at any step of a micro-batch, and what it finds when it comes back to what is not as it left it. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rowsOf } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { readDeltaTable, tablePath } from '../../pipeline/delta/table.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { localStore } from '../../pipeline/storage/local.ts';
import {
  type BatchStep,
  type RunningStream,
  type StreamOptions,
  startStream,
} from '../../pipeline/stream/run.ts';
import { queries } from '../../queries/index.ts';
import { type Failure, failingStorage } from '../support/failing_storage.ts';
import { testFolder } from '../support/folder.ts';
import { batchOf, committedIn, createStreams, type Events, eventsOf, send } from './streams.ts';

const folder = testFolder('stream-faults');
const lake = join(folder, 'lake');
const checkpoints = join(folder, 'checkpoints');
let log: EmbeddedLog;
let sent: Events[];
let notices: string[];
let running: RunningStream[];

beforeEach(async () => {
  log = await EmbeddedLog.open(join(folder, 'log'));
  await createStreams(log, 2);
  sent = [];
  notices = [];
  running = [];
});

afterEach(async () => {
  await Promise.allSettled(running.map((stream) => stream.stop()));
  await log.close();
});

function start(options: Partial<StreamOptions> = {}): RunningStream {
  const stream = startStream({
    log,
    datasets,
    queries,
    lake,
    checkpoints,
    microBatch: { milliseconds: 1 },
    onNotice: (notice) => notices.push(notice),
    ...options,
  });
  running.push(stream);
  return stream;
}

/** Runs a stream until it has taken all that is in the log. */
async function takeAll(options: Partial<StreamOptions> = {}): Promise<void> {
  const stream = start(options);
  await stream.drain();
  await stream.stop();
}

let post = 0;
async function sendMore(posts = 12): Promise<void> {
  const part = eventsOf(post, posts);
  post += posts - 2;
  sent.push(part);
  await send(log, part);
}

async function expectTheBatch(of = datasets): Promise<void> {
  const landing = mkdtempSync(join(folder, 'landing-'));
  expect(await committedIn(lake, of)).toEqual(await batchOf(landing, sent, of));
}

describe('a stream that ends', () => {
  const steps = ['read', 'written ahead', 'decoded', 'quarantine committed', 'silver committed', 'answered'];

  it.each(steps)(
    'after the step "%s" continues with each row once, the first time and later',
    async (failing) => {
      for (let round = 0; round < 2; round += 1) {
        await sendMore();
        const onStep = (step: BatchStep): void => {
          if (step === failing) {
            throw new Error('the end');
          }
        };
        const stream = start({ onStep });
        await expect(stream.done).rejects.toThrow('the end');
        expect(stream.status()).toMatchObject({ state: 'failed', message: 'the end' });
        await sendMore(5);
        await takeAll();
        await expectTheBatch();
      }
    },
  );

  it.each([
    ['silver', 'before'],
    ['silver', 'after'],
    ['quarantine', 'before'],
    ['quarantine', 'after'],
  ] as const)(
    'at any step on the storage of %s, %s it, continues with each row once',
    async (layer, failure) => {
      await sendMore(8);
      await takeAll(alone);
      await sendMore(8);
      const kept = [lake, checkpoints].map((path) => [path, `${path} kept`] as const);
      for (const [path, copy] of kept) {
        cpSync(path, copy, { recursive: true });
      }
      const landing = mkdtempSync(join(folder, 'landing-'));
      const expected = await batchOf(landing, sent, alone.datasets);
      let failed = true;
      for (let failsAt = 1; failed; failsAt += 1) {
        failed = !(await takesAllOn(layer, failsAt, failure));
        await takeAll(alone);
        expect(await committedIn(lake, alone.datasets)).toEqual(expected);
        for (const [path, copy] of kept) {
          rmSync(path, { recursive: true });
          cpSync(copy, path, { recursive: true });
        }
      }
    },
  );
});

/** One dataset, without answers. */
const alone = { datasets: datasets.slice(0, 1), queries: [] };

/** Runs a stream with a storage of pin's table that fails at a step; whether it came through all the same. */
async function takesAllOn(layer: string, failsAt: number, failure: Failure): Promise<boolean> {
  const table = tablePath(lake, 'stream', layer, 'pin');
  const storage = failingStorage(localStore(table), failsAt, failure);
  const stream = start({ ...alone, tableOptions: (path) => (path === table ? { storage } : {}) });
  try {
    await stream.drain();
    await stream.stop();
    return true;
  } catch (error) {
    expect(String(error)).toContain('killed');
    // The checkpoint is free when the stream has ended.
    await Promise.allSettled([stream.done]);
    return false;
  }
}

describe('a stream that starts', () => {
  beforeEach(async () => {
    await sendMore();
    await takeAll();
    await sendMore();
  });

  const checkpointOf = (stream: string) => join(checkpoints, stream, 'checkpoint.json');

  it.each([
    ['half written', (text: string) => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['of something else', () => '{"appId": 1}'],
  ])('with a checkpoint that is %s continues where the lake’s commits say', async (_, damaged) => {
    for (const stream of ['streaming-pin', 'streaming-geo']) {
      writeFileSync(checkpointOf(stream), damaged(readFileSync(checkpointOf(stream), 'utf8')));
    }
    await takeAll();
    await expectTheBatch();
    expect(notices.join('\n')).toMatch(/checkpoint\.json is damaged: it is now .*\.damaged\./);
  });

  it('without its checkpoints continues where the lake’s commits say, also between the commits of a micro-batch', async () => {
    const onStep = (step: BatchStep): void => {
      if (step === 'quarantine committed') {
        throw new Error('the end');
      }
    };
    await expect(start({ onStep }).done).rejects.toThrow('the end');
    rmSync(checkpoints, { recursive: true });
    await sendMore();
    await takeAll();
    await expectTheBatch();
    expect(notices.join('\n')).toContain('The checkpoint of the stream streaming-pin is new');
  });

  it('without its lake reads all records again', async () => {
    await takeAll();
    rmSync(lake, { recursive: true });
    await takeAll();
    await expectTheBatch();
    expect(notices.join('\n')).toContain('holds less of the stream streaming-pin than its checkpoint says');
  });

  it('with a lake that was restored to an earlier version reads the missing part again, also with a micro-batch under way', async () => {
    cpSync(lake, join(folder, 'backup'), { recursive: true });
    await takeAll();
    await sendMore();
    const onStep = (step: BatchStep): void => {
      if (step === 'quarantine committed') {
        throw new Error('the end');
      }
    };
    await expect(start({ onStep }).done).rejects.toThrow('the end');
    rmSync(lake, { recursive: true });
    cpSync(join(folder, 'backup'), lake, { recursive: true });
    await expect(start({ onStep }).done).rejects.toThrow('the end');
    await takeAll();
    await expectTheBatch();
  });

  it('without silver, but with quarantine, quarantines no record twice', async () => {
    await takeAll();
    rmSync(join(lake, 'stream', 'silver'), { recursive: true });
    await takeAll();
    await expectTheBatch();
  });

  it('without quarantine, but with silver, says so and does nothing', async () => {
    rmSync(join(lake, 'stream', 'quarantine', 'pin'), { recursive: true });
    await expect(start({ untilIdleMilliseconds: 1 }).done).rejects.toThrow(
      /quarantine\/pin holds 0 records of the stream streaming-pin, but silver's commits count [1-9]/,
    );
  });

  it('with a log that was replaced says so, also when the new one is longer', async () => {
    await takeAll();
    await log.close();
    rmSync(join(folder, 'log'), { recursive: true });
    log = await EmbeddedLog.open(join(folder, 'log'));
    await createStreams(log, 2);
    await send(log, eventsOf(5000, 3));
    await expect(start({ untilIdleMilliseconds: 1 }).done).rejects.toMatchObject({ code: 'expired' });
    for (let more = 0; more < 4; more += 1) {
      await send(log, eventsOf(6000, 100));
    }
    await expect(start({ untilIdleMilliseconds: 1 }).done).rejects.toThrow(
      'is another than the one that was read there before',
    );
  });

  it('when its stream was deleted says so', async () => {
    await log.close();
    rmSync(join(folder, 'log'), { recursive: true });
    log = await EmbeddedLog.open(join(folder, 'log'));
    await expect(start({ untilIdleMilliseconds: 1 }).done).rejects.toThrow(
      /has no stream streaming-(pin|geo|user) any more/,
    );
  });

  it('beside a stream on a copy of its checkpoint says so before anything is lost', async () => {
    const copy = join(folder, 'copy');
    cpSync(checkpoints, copy, { recursive: true });
    const stream = start();
    await stream.drain();
    const other = start({ checkpoints: copy });
    await other.drain();
    await sendMore();
    const ended = await Promise.allSettled([stream.drain(), other.drain()]);
    const reasons = ended.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []));
    expect(reasons.join()).toContain('another process works with a copy of this checkpoint');
    await Promise.allSettled([stream.stop(), other.stop()]);
    await takeAll();
    await expectTheBatch();
  });
});

describe('a stream whose records the log no longer has', () => {
  it('fails, or goes on behind them if that is wished', async () => {
    await log.close();
    log = await EmbeddedLog.open(join(folder, 'log'), { segmentBytes: 2000, retentionBytes: 6000 });
    await sendMore();
    await takeAll(alone);
    for (let more = 0; more < 12; more += 1) {
      await sendMore(12);
    }
    await expect(start({ ...alone, untilIdleMilliseconds: 1 }).done).rejects.toThrow(
      /is not in the log.* Run again with --skip-expired/,
    );
    const before = await committedIn(lake, alone.datasets);
    const stop = (step: BatchStep) => {
      if (step === 'written ahead') {
        throw new Error('stopped');
      }
    };
    const skipping = { ...alone, skipExpired: true };
    await expect(start({ ...skipping, onStep: stop }).done).rejects.toThrow('stopped');
    await takeAll(skipping);
    expect(notices.join()).toMatch(/Passed over the records of streaming-pin\/[01] from [0-9]+ up to before/);
    const after = await committedIn(lake, alone.datasets);
    // All that is still in the log has come, and nothing has left.
    const kept = await batchOf(mkdtempSync(join(folder, 'landing-')), sent.slice(-1), alone.datasets);
    expect(after.silver.pin).toEqual(expect.arrayContaining([...(before.silver.pin ?? [])]));
    expect(after.silver.pin).toEqual(expect.arrayContaining([...(kept.silver.pin ?? [])]));
    notices = [];
    await takeAll(skipping);
    expect(notices.join()).not.toContain('Passed over');
  });

  it('fails, too, when the lake was deleted and needs them again', async () => {
    await log.close();
    log = await EmbeddedLog.open(join(folder, 'log'), { segmentBytes: 2000, retentionBytes: 6000 });
    for (let more = 0; more < 3; more += 1) {
      await sendMore(3);
      await takeAll(alone);
    }
    rmSync(lake, { recursive: true });
    for (let more = 0; more < 12; more += 1) {
      await sendMore(12);
    }
    const stream = start({ ...alone, untilIdleMilliseconds: 1 });
    await expect(stream.done).rejects.toThrow(
      'The lake is behind its checkpoint, and the log no longer holds record 0',
    );
  });
});

describe('two streams', () => {
  it('on one checkpoint are refused: the second fails', async () => {
    const stream = start();
    await stream.drain();
    await expect(start({ untilIdleMilliseconds: 1 }).done).rejects.toThrow(
      /The checkpoint .*streaming-pin is already written by process/,
    );
    await stream.stop();
  });

  it('on one lake, with checkpoints of their own, store each row once', async () => {
    const one = start();
    const other = start({ checkpoints: join(folder, 'other') });
    for (let round = 0; round < 6; round += 1) {
      await sendMore(20);
    }
    await Promise.all([one.drain(), other.drain()]);
    await expectTheBatch();
    // Each has read everything once, and only what came again is repeated.
    const events = (name: string) => sent.flatMap((part) => part[name] ?? []);
    for (const { name, read, kept, repeated } of [one, other].flatMap((stream) => stream.status().totals)) {
      expect({ name, read, kept, repeated }).toEqual({
        name,
        read: events(name).length,
        kept: one.silver(datasets.find((dataset) => dataset.name === name) ?? expect.fail()).length,
        repeated: expect.any(Number),
      });
    }
    for (const dataset of datasets) {
      expect(one.silver(dataset).length).toBe(other.silver(dataset).length);
    }
    await Promise.all([one.stop(), other.stop()]);
  });

  it('of two users, on one lake, store a row once that both bring', async () => {
    const streamOf = (name: string) => `streaming-other-${name}`;
    for (const { name } of datasets) {
      await log.createTopic(streamOf(name), 1);
    }
    const streams = Object.fromEntries(datasets.map(({ name }) => [name, streamOf(name)]));
    const both = [start(), start({ streams })];
    await sendMore(30);
    const part = eventsOf(post - 10, 30);
    await send(log, part, streamOf);
    await Promise.all(both.map((stream) => stream.drain()));
    await Promise.all(both.map((stream) => stream.stop()));
    sent.push(part);
    await expectTheBatch();
    const quarantine = await readDeltaTable(tablePath(lake, 'stream', 'quarantine', 'pin'));
    const sources = rowsOf(quarantine).map(({ source }) => source);
    expect(new Set(sources)).toEqual(new Set(['streaming-pin', 'streaming-other-pin']));
  });
});
