/** A gateway in front of an embedded log whose disk hardly moves. */
import { afterEach, expect, it, vi } from 'vitest';
import { type Gateway, startGateway } from '../../emulator/gateway.ts';
import { openSegmentFile, type SegmentFile } from '../../pipeline/log/embedded/segment_file.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { testFolder } from '../support/folder.ts';
import { ofEvent, produce, put } from './gateway_requests.ts';

const folder = testFolder('gateway-slow-disk');
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

async function start(log: EmbeddedLog): Promise<Gateway> {
  const gateway = await startGateway({ log, limits: { closeMilliseconds: 200 } });
  closing.push(() => gateway.close());
  return gateway;
}

it('tells callers within a bound, large requests too, and what is sent again is there once', async () => {
  let stalls: (() => void)[] | null = null;
  const openFile = async (path: string): Promise<SegmentFile> => {
    const file = await openSegmentFile(path);
    const datasync = async () => {
      await (stalls && new Promise<void>((resolve) => stalls?.push(resolve)));
      await file.datasync();
    };
    return { ...file, datasync };
  };
  const log = await EmbeddedLog.open(folder, { openFile, waitMilliseconds: 100 });
  closing.push(() => log.close());
  await log.createTopic('pin', 1);
  await log.createTopic('streaming-pin', 1);
  const { url } = await start(log);
  const stalled: (() => void)[] = [];
  stalls = stalled;
  const large = `{"records":[${'{"value":{"index":2}},'.repeat(2500)}{"value":{"index":2}}]}`;
  const record = '{"Data":{"index":3},"PartitionKey":"a"}';
  const senders = [
    () => produce(url, ofEvent(1)),
    () => produce(url, large),
    () => put(url, 'streaming-pin/record', record),
  ];
  for (const { status, headers, answer } of await Promise.all(senders.map((send) => send()))) {
    expect([status, headers.get('retry-after')]).toEqual([429, '1']);
    expect(JSON.stringify(answer)).toContain('does not keep up');
  }
  stalls = null;
  for (const release of stalled) {
    release();
  }
  for (const send of senders) {
    // The disk of this machine may be slow too.
    await expect.poll(async () => (await send()).status, { timeout: 30_000 }).toBe(200);
  }
  expect([await log.latest('pin', '0'), await log.latest('streaming-pin', '0')]).toEqual(['2502', '1']);
});

it('gives a request of many parts so much time together, and says which records it did not try', async () => {
  const log = await EmbeddedLog.open(folder);
  closing.push(() => log.close());
  await log.createTopic('pin', 1);
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  closing.push(async () => void vi.restoreAllMocks());
  const slow: EmbeddedLog = Object.create(log);
  slow.append = (topic, records) => {
    now += 6000;
    return log.append(topic, records);
  };
  const { url } = await start(slow);
  const { status, answer } = await produce(
    url,
    `{"records":[${'{"value":{"index":1}},'.repeat(2999)}{"value":{"index":1}}]}`,
  );
  const { offsets } = Object(answer);
  expect([status, await log.latest('pin', '0')]).toEqual([200, '2000']);
  expect(offsets[1999]).toMatchObject({ offset: 1999, error: null });
  expect(offsets[2000]).toMatchObject({
    offset: null,
    error_code: 2,
    error: expect.stringContaining('not tried'),
  });
});
