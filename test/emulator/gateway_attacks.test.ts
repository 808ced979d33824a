/** Requests that try to be read as something else than they are. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTopics, type Gateway, startGateway } from '../../emulator/gateway.ts';
import { produceContentType } from '../../pipeline/api/document.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { suiteFolder } from '../support/folder.ts';
import { recordsIn } from '../support/log_records.ts';
import { rawRequest } from '../support/raw_http.ts';
import { ofEvent, produce } from './gateway_requests.ts';

const folder = suiteFolder('gateway-attacks');
let log: EmbeddedLog;
let gateway: Gateway;
beforeAll(async () => {
  log = await EmbeddedLog.open(folder);
  await createTopics(log, ['pin'], 1);
  gateway = await startGateway({ log, limits: { closeMilliseconds: 200 } });
});
afterAll(async () => {
  await gateway.close();
  await log.close();
});

/** A POST with headers as they are written, and a second request hidden in its body. */
function smuggling(headers: string): string {
  const hidden = 'GET /topics HTTP/1.1\r\nHost: localhost\r\n\r\n';
  return `POST /topics/pin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ${produceContentType}\r\n${headers}\r\n\r\n0\r\n\r\n${hidden}`;
}

describe('a request that two servers could read differently', () => {
  it.each([
    ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 50'],
    ['chunks that are not the last encoding', 'Transfer-Encoding: chunked, identity'],
    ['an encoding with a space before the colon', 'Transfer-Encoding : chunked'],
    ['a length with a sign', 'Content-Length: +5'],
    ['a header that goes on in the next line', 'X-One: a\r\n Content-Length: 5'],
    ['a header that ends in a line feed alone', 'X-One: a\nContent-Length: 5\nTransfer-Encoding: chunked'],
    ['a header with a zero byte', 'X-One: a\0b'],
  ])('is refused once: %s', async (_, headers) => {
    const { status, body } = await rawRequest(gateway.url, smuggling(headers));
    expect(status).toBe(400);
    expect(body).not.toContain('pin');
  });
});

it('a compressed body is not unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const response = await fetch(`${gateway.url}/topics/pin`, {
    method: 'POST',
    headers: { 'content-type': produceContentType, 'content-encoding': 'gzip' },
    body: bomb,
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error_code: 400 });
});

it('paths lead to topics and streams alone', async () => {
  const send = (line: string, body = '') =>
    rawRequest(
      gateway.url,
      `${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  for (const path of [
    '/topics/..%2f..%2f..%2fetc%2fpasswd',
    '/topics/%2e%2e',
    '/topics/../../etc/passwd',
    '/topics/pin%00',
    '/topics/streaming-pin%2f..%2fpin',
  ]) {
    expect((await send(`GET ${path}`)).status, path).toBe(404);
  }
  for (const name of ['..%2f..%2fevil', '%2e%2e', 'streaming-..%2f..%2fevil', 'streaming-a%00b']) {
    expect((await send(`POST /streams/${name}`, '{"ShardCount":1}')).status, name).toBeOneOf([400, 403]);
  }
  expect(await log.topics()).toEqual(['pin']);
});

it('names of an object’s own parts are fields like others', async () => {
  const value = '{"index":1,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
  const { status } = await produce(
    gateway.url,
    `{"__proto__":{"records":[]},"records":[{"value":${value}}]}`,
  );
  expect([200, 422]).toContain(status);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
  const before = (await recordsIn(log, 'pin', '0')).length;
  expect((await produce(gateway.url, ofEvent(2))).status).toBe(200);
  expect(await recordsIn(log, 'pin', '0')).toHaveLength(before + 1);
});
