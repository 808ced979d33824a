import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type EmulationOptions, startEmulation } from '../../emulator/emulate.ts';
import { statusLine, summaryOf } from '../../emulator/report.ts';
import { apiSendToKafka } from '../../emulator/senders/kafka.ts';
import { syntheticSource } from '../../emulator/sources/synthetic.ts';
import { UnsentFile } from '../../emulator/unsent.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { temporaryFolder } from '../support/folder.ts';
import { allTaken, type Endpoint, type Received, startEndpoint } from './endpoint.ts';

let endpoint: Endpoint | undefined;
afterEach(async () => {
  await endpoint?.close();
  endpoint = undefined;
});

async function start(
  options: Partial<EmulationOptions>,
  answer: (request: Received, response: ServerResponse) => void = (request, response) =>
    response.end(allTaken(request)),
) {
  endpoint = await startEndpoint(answer);
  return startEmulation({
    url: endpoint.url,
    apis: [apiSendToKafka()],
    datasets,
    source: syntheticSource(datasets, 1),
    retry: { attempts: 3, firstPauseMilliseconds: 1, longestPauseMilliseconds: 2 },
    ...options,
  });
}

describe('an emulation', () => {
  it('ends after its count of posts, each sent to three topics', async () => {
    const summary = await (await start({ count: 7 })).done;
    expect(summary.posts).toEqual({ begun: 7, sent: 7, unsent: 0, inFlight: 0 });
    expect(summary.events).toEqual({ sent: 21, unsent: 0 });
    expect(endpoint?.received).toHaveLength(21);
    expect(summary.latency?.p50).toBeGreaterThan(0);
  });

  it('sends posts together when told so, the last ones too', async () => {
    await (await start({ count: 7, batch: 3 })).done;
    expect(endpoint?.received).toHaveLength(9);
  });

  it('takes a new rate at once', async () => {
    const emulation = await start({ count: 5, rate: 0.0001 });
    await vi.waitFor(() => expect(emulation.snapshot().posts.sent).toBe(1));
    emulation.setRate(100_000);
    expect((await emulation.done).posts.sent).toBe(5);
  });

  it('begins nothing while paused, and goes on when resumed', async () => {
    const emulation = await start({ count: 5, rate: 0.0001 });
    await vi.waitFor(() => expect(emulation.snapshot().posts.sent).toBe(1));
    emulation.pause();
    emulation.setRate(100_000);
    expect(emulation.snapshot()).toMatchObject({ paused: true, posts: { begun: 1 } });
    emulation.resume();
    expect((await emulation.done).posts.sent).toBe(5);
  });

  it('keeps no more posts in flight than it may', async () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    const emulation = await start({ count: 40, maximumInFlight: 4 }, (request, response) => {
      waiting.push(() => response.end(allTaken(request)));
      most = Math.max(most, emulation.snapshot().posts.inFlight);
      // Answers come only when as many requests wait as four posts can make.
      if (waiting.length === 12) {
        for (const answer of waiting.splice(0)) {
          answer();
        }
      }
    });
    await emulation.done;
    expect(most).toBe(4);
  });

  it('ends when it is stopped; what was under way arrives or is kept', async () => {
    const folder = temporaryFolder('emulate');
    const unsentFile = new UnsentFile(join(folder, 'unsent.jsonl'));
    const ending = new AbortController();
    const emulation = await start({ unsentFile, signal: ending.signal, maximumInFlight: 2 }, (_, response) =>
      response.writeHead(503, { 'retry-after': '3600' }).end(() => ending.abort()),
    );
    const { posts } = await emulation.done;
    expect(posts.begun).toBe(posts.unsent);
    const kept = (await readFile(unsentFile.path, 'utf8')).trim().split('\n');
    expect(kept).toHaveLength(posts.unsent);
  });

  it('fails when its source does, after what was begun is sent', async () => {
    const posts = syntheticSource(datasets, 1);
    let taken = 0;
    const next: typeof posts.next = async (signal) => {
      taken += 1;
      if (taken > 3) {
        throw new Error('the table is empty');
      }
      return posts.next(signal);
    };
    const emulation = await start({ source: { ...posts, next } });
    await expect(emulation.done).rejects.toThrow('the table is empty');
    expect(emulation.snapshot().posts).toMatchObject({ begun: 3, sent: 3 });
  });

  it('fails, and keeps every post, when no request can be authorised', async () => {
    const folder = temporaryFolder('emulate');
    const unsentFile = new UnsentFile(join(folder, 'unsent.jsonl'));
    const emulation = await start({
      count: 3,
      unsentFile,
      authorise: async () => {
        throw new Error('no credentials');
      },
    });
    await expect(emulation.done).rejects.toThrow('no credentials');
    const { begun, unsent } = emulation.snapshot().posts;
    expect(unsent).toBe(begun);
  });

  it.each([{ rate: 0 }, { rate: -1 }, { rate: Number.NaN }, { batch: 0 }, { maximumInFlight: 0 }])(
    'refuses %o',
    async (options) => {
      await expect(start(options)).rejects.toThrow(RangeError);
    },
  );
});

describe('the report', () => {
  const snapshot = {
    posts: { begun: 12, sent: 9, unsent: 1, inFlight: 2 },
    events: { sent: 28, unsent: 2 },
    failures: { 'HTTP 503': 4, ECONNRESET: 1 },
    retries: 3,
    rate: 4.25,
    askedRate: 5,
    paused: false,
    latency: { p50: 1.25, p99: 20 },
    seconds: 3,
  };

  it('is one line while it runs', () => {
    expect(statusLine(snapshot)).toBe(
      '4.3 posts/s | 9 sent | 2 in flight | p50 1.3 ms, p99 20.0 ms | 5 failures, 3 sent again | 1 not sent',
    );
    expect(statusLine({ ...snapshot, paused: true, latency: null })).toMatch(/^paused \| 9 sent/);
  });

  it('names each kind of failure at the end', () => {
    expect(summaryOf(snapshot)).toBe(
      '9 posts sent (28 events) in 3.0 s, 3.0 posts/s.\n' +
        'From due to arrived: p50 1.3 ms, p99 20.0 ms.\n' +
        'Failed requests: 4 × HTTP 503.\n' +
        'Failed requests: 1 × ECONNRESET.\n' +
        '1 posts not sent, or not wholly (2 events).\n',
    );
  });
});
