import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateEvents } from '../../emulator/generator.ts';
import { BothPaths, type Check, problemsOf } from '../../pipeline/compare/both_paths.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { runSink, type Sink } from '../../pipeline/landing/sink.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { namesOf } from '../../pipeline/naming.ts';
import { type RunningStream, startStream } from '../../pipeline/stream/run.ts';
import { queries } from '../../queries/index.ts';
import { testFolder } from '../support/folder.ts';

const folder = testFolder('both-ways');
let log: EmbeddedLog;
let sink: Sink;
let stream: RunningStream;
let paths: BothPaths;
let postsAtRest: number | null = 0;
let reports = 0;

beforeEach(async () => {
  log = await EmbeddedLog.open(join(folder, 'log'));
  const lake = join(folder, 'lake');
  const names = datasets.map((dataset) => namesOf(dataset));
  for (const { topic, stream } of names) {
    await log.createTopic(topic, 2);
    await log.createTopic(stream, 2);
  }
  sink = runSink({ log, topics: names.map(({ topic }) => topic), landing: lake });
  stream = startStream({ log, datasets, queries, lake, checkpoints: join(folder, 'checkpoints') });
  reports = 0;
  paths = new BothPaths({
    datasets,
    queries,
    sink,
    stream,
    lake,
    postsAtRest: () => postsAtRest,
    onBatch: async () => {
      reports += 1;
    },
  });
});
afterEach(async () => {
  await sink.stop();
  await stream.stop();
  await log.close();
});

/** Puts values into a topic or a stream of each dataset, or of one. */
async function put(kind: 'topic' | 'stream', values: (dataset: string) => readonly string[]): Promise<void> {
  for (const dataset of datasets) {
    const records = values(dataset.name).map((value) => ({ value: Buffer.from(value) }));
    if (records.length > 0) {
      await log.append(namesOf(dataset)[kind], records);
    }
  }
}

/** Posts as they are sent, with one that is no JSON and one that is there twice. */
function posts(from: number, count: number): (dataset: string) => readonly string[] {
  return (dataset) => {
    const good = Array.from({ length: count }, (_, i) =>
      JSON.stringify(generateEvents(datasets, from + i, 1)[dataset]),
    );
    return [...good, ...good.slice(0, 1), '{"no'];
  };
}

describe('both paths', () => {
  it('come to the same, bad and repeated events among them, again when more has come', async () => {
    for (const [from, count] of [
      [0, 40],
      [40, 25],
    ] as const) {
      await put('topic', posts(from, count));
      await put('stream', posts(from, count));
      const check = await paths.check();
      expect(check?.comparison.verdict).toBe('same');
      expect(check?.comparison.parts.slice(0, 4)).toEqual([
        ...datasets.map(({ name }) => ({
          what: `${name} in silver`,
          batch: from + count,
          stream: from + count,
          same: true,
        })),
        { what: 'pin in quarantine', batch: from === 0 ? 1 : 2, stream: from === 0 ? 1 : 2, same: true },
      ]);
      expect(paths.comparison).toBe(check?.comparison);
    }
    expect(reports).toBe(2);
  });

  it('are not checked again when nothing has arrived', async () => {
    expect(await paths.check()).toBeNull();
    await put('topic', posts(0, 3));
    await put('stream', posts(0, 3));
    const check = await paths.check();
    expect(await paths.check()).toBe(check);
    expect(reports).toBe(1);
  });

  it('are different when one has what the other has not, but only when no post is under way', async () => {
    await put('topic', posts(0, 3));
    await put('stream', posts(0, 3));
    await put('topic', (dataset) => (dataset === 'geo' ? ['{"ind":77}'] : []));
    const check = await paths.check();
    expect(check?.comparison.verdict).toBe('different');
    expect(check && problemsOf(check, 0)).toEqual([
      expect.stringMatching(/^Batch and stream differ in geo in silver\. /),
    ]);
    postsAtRest = null;
    await put('topic', (dataset) => (dataset === 'geo' ? ['{"ind":78}'] : []));
    await sink.drain();
    expect((await paths.check())?.comparison.verdict).toBe('under way');
    postsAtRest = 0;
  });

  it('are checked on request, and no more after that is ended', async () => {
    await put('topic', posts(0, 3));
    await put('stream', posts(0, 3));
    const ending = new AbortController();
    const checking = paths.checkRepeatedly(ending.signal);
    paths.checkSoon();
    while (paths.comparison === null) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    ending.abort();
    await checking;
    expect(paths.comparison.verdict).toBe('same');
  });
});

it('problems are those of posts, files and differences', async () => {
  await put('topic', posts(0, 2));
  await put('stream', posts(0, 2));
  const check = await paths.check();
  if (check === null) {
    throw new Error('Nothing was compared.');
  }
  expect(problemsOf(check, 0)).toEqual([]);
  const unreadable = [{ path: 'topics/pin/partition=0/pin+0+0000000000.json', error: new Error('EIO') }];
  const bad: Check = { ...check, batch: { ...check.batch, landing: { ...check.batch.landing, unreadable } } };
  expect(problemsOf(bad, 3)).toEqual([
    '3 posts were not taken by the HTTP API; the answers are without them.',
    '1 landing files could not be read to their end; see the warnings above.',
  ]);
});
