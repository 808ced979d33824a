/** A running stream whose posts are erased: at any moment, by whomever, and killed on the way. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rowsOf } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { carryOut } from '../../pipeline/erase/erase.ts';
import { appendErasures } from '../../pipeline/erasures.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import {
  type BatchStep,
  type RunningStream,
  type StreamOptions,
  startStream,
} from '../../pipeline/stream/run.ts';
import { queries } from '../../queries/index.ts';
import { temporaryFolder, testFolder } from '../support/folder.ts';
import { batchOf, committedIn, createStreams, type Events, eventsOf, goldIn, send } from './streams.ts';

const folder = testFolder('stream-erasures');
const lake = join(folder, 'lake');
let log: EmbeddedLog;
let running: RunningStream[];

beforeEach(async () => {
  log = await EmbeddedLog.open(join(folder, 'log'));
  await createStreams(log, 2);
  running = [];
});

afterEach(async () => {
  await Promise.allSettled(running.map((stream) => stream.stop()));
  await log.close();
});

function start(options: Partial<StreamOptions> = {}): RunningStream {
  const checkpoints = join(folder, 'checkpoints');
  const given = { log, datasets, queries, lake, checkpoints, microBatch: { milliseconds: 1 } };
  const stream = startStream({ ...given, ...options });
  running.push(stream);
  return stream;
}

async function takeAll(options: Partial<StreamOptions> = {}): Promise<void> {
  const stream = start(options);
  await stream.drain();
  await stream.stop();
}

const erase = (keys: readonly number[], returns = false) =>
  appendErasures(lake, keys, { reason: null, returns });

/** Events without those of keys, which lines that are cut off name, too. */
function without(events: Events, keys: readonly number[]): Events {
  const isLeft = (name: string) => (line: string) =>
    !keys.some((key) => new RegExp(`"${name === 'pin' ? 'index' : 'ind'}":${key},`).test(line));
  return Object.fromEntries(
    Object.entries(events).map(([name, lines]) => [name, lines.filter(isLeft(name))]),
  );
}

/** Resolves when a stream's silver and answers are those over some events, without any event that comes. */
function reaches(stream: RunningStream, { silver }: Awaited<ReturnType<typeof batchOf>>): Promise<void> {
  const isReached = () =>
    datasets.every((dataset) => stream.silver(dataset).length === silver[dataset.name]?.length);
  return new Promise((resolve) => {
    const end = stream.onChange(() => {
      if (isReached()) {
        end();
        resolve();
      }
    });
  });
}

const answersOf = (stream: RunningStream) =>
  Object.fromEntries(queries.map((query) => [query.name, rowsOf(stream.answer(query))]));

async function expectIn(parts: readonly Events[]): Promise<void> {
  const expected = await batchOf(temporaryFolder('expected'), parts);
  expect(await committedIn(lake)).toEqual(expected);
  expect(await goldIn(lake)).toEqual(expected.answers);
}

it('a stream takes erased posts out of answers and tables though nothing comes, and drops and counts those that come', async () => {
  const [first, second] = [eventsOf(0, 20), eventsOf(10, 15)];
  await send(log, first);
  const stream = start();
  await stream.drain();
  const left = await batchOf(temporaryFolder('left'), [without(first, [5, 14])]);
  const reached = reaches(stream, left);
  await erase([5, 14]);
  await reached;
  expect(answersOf(stream)).toEqual(left.answers);
  await send(log, second);
  await stream.drain();
  const parts = [without(first, [5, 14]), without(second, [5, 14])];
  const all = await batchOf(temporaryFolder('all'), parts);
  expect(answersOf(stream)).toEqual(all.answers);
  for (const { name, read, kept, repeated, quarantined, erased } of stream.status().totals) {
    const ofErased = (second[name]?.length ?? 0) - (without(second, [5, 14])[name]?.length ?? 0);
    expect({ name, erased }).toEqual({ name, erased: ofErased });
    expect(read).toBe(kept + repeated + quarantined.malformed_json + quarantined.missing_key + erased);
  }
  const { totals } = stream.status();
  await stream.stop();
  await expectIn(parts);
  const again = start();
  await again.drain();
  expect(answersOf(again)).toEqual(all.answers);
  expect(again.status().totals).toEqual(totals);
});

it('a correction counts: an erasure that lets return, and a new post', async () => {
  const [old, corrected] = [eventsOf(0, 12), eventsOf(5, 1, 2)];
  await send(log, old);
  const stream = start();
  await stream.drain();
  const { upTo } = await erase([5], true);
  // The log's clock has no finer step.
  while (Date.now() <= upTo) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await send(log, corrected);
  await stream.drain();
  await stream.stop();
  await expectIn([without(old, [5]), corrected]);
  await takeAll();
  await erase([5, 7]);
  await takeAll();
  await expectIn([without(old, [5, 7])]);
});

const steps: readonly BatchStep[] = [
  'read',
  'written ahead',
  'decoded',
  'quarantine committed',
  'silver committed',
  'answered',
];

describe.each(steps)('posts that are erased when a micro-batch is %s', (step) => {
  it.each(['committed', 'carried out by a command', 'committed, and the stream killed'] as const)(
    'are gone once they are %s',
    async (how) => {
      const [first, second] = [eventsOf(0, 10), eventsOf(5, 10)];
      await send(log, first);
      await takeAll();
      await send(log, second);
      let times = 0;
      const onStep = async (at: BatchStep) => {
        if (at === step && times === 0) {
          times += 1;
          const erasures = await erase([0, 7, 14]);
          if (how === 'carried out by a command') {
            await carryOut({ lake, landing: join(folder, 'landing'), datasets, queries }, erasures);
          }
          if (how.endsWith('killed')) {
            throw new Error('killed');
          }
        }
      };
      const stream = start({ onStep });
      await Promise.allSettled([stream.drain()]);
      await Promise.allSettled([stream.stop()]);
      await takeAll();
      await expectIn([without(first, [0, 7, 14]), without(second, [0, 7, 14])]);
    },
  );
});
