/** Readers of the live page's events who do not read. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type LivePage, type LivePageOptions, startLivePage } from '../../../pipeline/ui/web/live_server.ts';
import { usersJoinedByYear } from '../../../queries/users_joined_by_year.ts';
import { ExampleSource } from './live_example.ts';

let page: LivePage | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) {
    socket.destroy();
  }
  await page?.close();
});

async function serve(options: Partial<LivePageOptions>) {
  const source = new ExampleSource();
  page = await startLivePage({ source, port: 0, ...options });
  return { source, url: page.url };
}

/** Asks for the events, and reads no further than the status of the answer. */
async function askAndLookAway(url: string): Promise<number> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
  sockets.push(socket);
  socket.write('GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [part] = await once(socket, 'data');
  socket.pause();
  return Number(String(part).split(' ')[1]);
}

const rowsOf = (count: number, from: number) =>
  Array.from({ length: count }, (_, index) => ({ join_year: from + index, number_users_joined: index }));

it('are 256 at most, and hold in memory once what was sent to all', async () => {
  const { source, url } = await serve({ times: { betweenUpdates: 1, signOfLife: 50 } });
  const statuses = await Promise.all(Array.from({ length: 300 }, () => askAndLookAway(url)));
  expect(statuses.filter((status) => status === 200)).toHaveLength(256);
  expect(statuses.filter((status) => status === 503)).toHaveLength(44);
  const before = process.memoryUsage().rss;
  for (let change = 0; change < 5; change += 1) {
    source.set(usersJoinedByYear, rowsOf(1000, change));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // The events of five changes are 1 MB; for each of 256 readers they would be 256 MB.
  expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(150);
});

it('are cut off when they take nothing for long', async () => {
  const { source, url } = await serve({
    maximumReaders: 1,
    times: { betweenUpdates: 1, signOfLife: 20, patience: 300 },
  });
  expect(await askAndLookAway(url)).toBe(200);
  expect(await askAndLookAway(url)).toBe(503);
  for (let status = 503, change = 0; status !== 200; change += 1) {
    source.set(usersJoinedByYear, rowsOf(10_000, change));
    await new Promise((resolve) => setTimeout(resolve, 50));
    status = await askAndLookAway(url);
  }
}, 30_000);
