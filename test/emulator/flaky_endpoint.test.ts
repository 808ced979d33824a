import { readFile, stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startEmulation } from '../../emulator/emulate.ts';
import { Random } from '../../emulator/generator/random.ts';
import { apiSendToKafka } from '../../emulator/senders/kafka.ts';
import { syntheticSource } from '../../emulator/sources/synthetic.ts';
import { resendSource, UnsentFile } from '../../emulator/unsent.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { testFolder } from '../support/folder.ts';
import { allTaken, producedEvents, type Received, startEndpoint } from './endpoint.ts';

const posts = 10_000;
const seed = 5;
const retry = { attempts: 4, firstPauseMilliseconds: 2, longestPauseMilliseconds: 20 };

const folder = testFolder('flaky');

/** `pin/12`: an event, by its topic and key. */
function namesOf(request: Received): string[] {
  const topic = request.path.split('/').at(-1);
  return producedEvents(request).map((event) => `${topic}/${event.index ?? event.ind}`);
}

/** Takes some requests, loses others in every way that a network and a server know. */
function flakily(arrived: Set<string>): (request: Received, response: ServerResponse) => void {
  const random = new Random().start(seed, 0, 0);
  const take = (request: Received) => {
    for (const name of namesOf(request)) {
      arrived.add(name);
    }
  };
  return (request, response) => {
    const chance = random.below(1000);
    if (namesOf(request).some((name) => name.endsWith('77'))) {
      response.writeHead(422).end('{"error_code":42203,"message":"no such event"}');
    } else if (chance < 60) {
      response.destroy();
    } else if (chance < 120) {
      response.writeHead(500).end('{}');
    } else if (chance < 150) {
      response.writeHead(503, { 'retry-after': '0' }).end('try later');
    } else if (chance < 180) {
      response.writeHead(429).end();
    } else if (chance < 210) {
      // It arrived, and the answer is lost.
      take(request);
      response.destroy();
    } else if (chance < 250) {
      take(request);
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{"offsets":[{"part');
      setImmediate(() => response.destroy());
    } else if (chance < 255) {
      // Slower than the sender waits.
      take(request);
      setTimeout(() => response.writeHead(200).end(allTaken(request)), 600);
    } else if (chance < 265) {
      response.writeHead(200).end('<html>not what you think</html>');
    } else if (chance < 300) {
      // All but the first: a code of 2 says that it may be tried again.
      const [first, ...rest] = namesOf(request);
      for (const name of rest) {
        arrived.add(name);
      }
      const failed = { partition: null, offset: null, error_code: 2, error: `no leader for ${first}` };
      const taken = rest.map((_, offset) => ({ partition: 0, offset, error_code: null, error: null }));
      response.writeHead(200).end(JSON.stringify({ offsets: [failed, ...taken] }));
    } else {
      take(request);
      response.writeHead(200).end(allTaken(request));
    }
  };
}

it('every post arrives, or is in the file of unsent ones and arrives when it is sent again', async () => {
  const arrived = new Set<string>();
  const unsentFile = new UnsentFile(join(folder, 'unsent.jsonl'));
  const flaky = await startEndpoint(flakily(arrived));
  const summary = await startEmulation({
    url: flaky.url,
    apis: [apiSendToKafka()],
    datasets,
    source: syntheticSource(datasets, 1),
    count: posts,
    batch: 4,
    maximumInFlight: 400,
    timeout: 300,
    retry,
    unsentFile,
  }).done;
  await flaky.close();

  const lines = (await readFile(unsentFile.path, 'utf8')).trim().split('\n');
  const unsent = lines.flatMap((line) => {
    const { post }: { post: Record<string, Record<string, unknown>> } = JSON.parse(line);
    return Object.entries(post).map(([topic, event]) => `${topic}/${event.index ?? event.ind}`);
  });
  const wanted = ['pin', 'geo', 'user'].flatMap((topic) =>
    Array.from({ length: posts }, (_, index) => `${topic}/${index}`),
  );

  // Nothing is in neither place, and the counts add up.
  const accounted = new Set([...arrived, ...unsent]);
  expect(wanted.filter((name) => !accounted.has(name))).toEqual([]);
  expect(summary.posts).toMatchObject({ begun: posts, inFlight: 0 });
  expect(summary.posts.sent + summary.posts.unsent).toBe(posts);
  expect(summary.posts.unsent).toBe(lines.length);
  expect(summary.events.unsent).toBe(unsent.length);
  expect(summary.events.sent + summary.events.unsent).toBe(3 * posts);
  expect(new Set(unsent).size).toBe(unsent.length);

  // Every kind of failure was met, and what no attempt can help was tried once.
  const reasons = Object.keys(summary.failures).join('\n');
  for (const reason of ['HTTP 500', 'HTTP 503', 'HTTP 429', 'UND_ERR_SOCKET', 'TIMEOUT', 'unreadable']) {
    expect(reasons).toContain(reason);
  }
  const hopeless = flaky.received.filter((request) => namesOf(request).some((name) => name === 'geo/77'));
  expect(hopeless.length).toBeGreaterThan(0);
  expect(hopeless.length).toBeLessThanOrEqual(retry.attempts);

  const healthy = await startEndpoint((request, response) => {
    for (const name of namesOf(request)) {
      arrived.add(name);
    }
    response.writeHead(200).end(allTaken(request));
  });
  const source = await resendSource(unsentFile.path);
  const again = await startEmulation({
    url: healthy.url,
    apis: [apiSendToKafka()],
    datasets,
    source,
    batch: 50,
    unsentFile,
  }).done;
  await source.finish();
  await source.close();
  await healthy.close();
  expect(again.posts).toMatchObject({ sent: lines.length, unsent: 0 });
  expect(wanted.filter((name) => !arrived.has(name))).toEqual([]);
  await expect(stat(unsentFile.path)).rejects.toThrow('ENOENT');
});
