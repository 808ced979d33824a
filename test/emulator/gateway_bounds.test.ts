import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTopics, type Gateway, type GatewayOptions, startGateway } from '../../emulator/gateway.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { suiteFolder } from '../support/folder.ts';
import { RawConnection, rawRequest } from '../support/raw_http.ts';
import { ask, half, nested, ofEvent, produce, put } from './gateway_requests.ts';

const folder = suiteFolder('gateway-bounds');
let log: EmbeddedLog;
const gateways: Gateway[] = [];
beforeAll(async () => {
  log = await EmbeddedLog.open(folder);
  await createTopics(log, ['pin', 'streaming-pin', 'streaming-geo'], 1);
});
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
});
afterAll(() => log.close());

async function serve(options: Partial<GatewayOptions> = {}): Promise<string> {
  const gateway = await startGateway({ log, limits: { closeMilliseconds: 200 }, ...options });
  gateways.push(gateway);
  return gateway.url;
}

describe('a gateway that anybody can reach', () => {
  it('answers to its own names alone, against DNS rebinding', async () => {
    const url = await serve();
    for (const [method, path] of [
      ['GET', '/topics'],
      ['GET', '/streams'],
      ['DELETE', '/streams/streaming-geo'],
      ['POST', '/streams/streaming-evil'],
    ]) {
      const answer = await rawRequest(
        url,
        `${method} ${path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
      );
      expect(answer, path).toMatchObject({ status: 421, body: expect.stringContaining('evil.example') });
    }
    expect(await log.topics()).toEqual(['pin', 'streaming-geo', 'streaming-pin']);
    for (const host of ['localhost:1', '127.0.0.1', '[::1]:80']) {
      const answer = await rawRequest(
        url,
        `GET /topics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer.status, host).toBe(200);
    }
  });

  it('refuses requests of pages from elsewhere', async () => {
    const url = await serve();
    const refused = await ask(`${url}/topics`, { headers: { origin: 'http://evil.example' } });
    expect(refused).toMatchObject({ status: 403, answer: { error_code: 403 } });
  });

  it('ends bodies that are half sent, with 408', async () => {
    const url = await serve({
      limits: { requestMilliseconds: 200, headerMilliseconds: 200, closeMilliseconds: 200 },
    });
    expect(await rawRequest(url, `${half(9_900_000)}{"records":`)).toMatchObject({
      status: 408,
      body: '{"message":"Request Timeout"}',
    });
    expect(await rawRequest(url, 'GET /topics HTTP/1.1\r\nHost: 127.0')).toMatchObject({ status: 408 });
  });

  it('holds no more of large bodies than it may, says so, and goes on taking small ones', async () => {
    const url = await serve({ memoryBytes: 1_000_000 });
    const connections: RawConnection[] = [];
    for (let sender = 0; sender < 3; sender++) {
      const connection = await RawConnection.open(url);
      connection.send(half(9_900_000) + ' '.repeat(400_000));
      connections.push(connection);
    }
    const last = connections.map((connection) => connection.answer());
    const refused = await Promise.race(last);
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(JSON.parse(refused.body)).toMatchObject({ error_code: 503 });
    expect((await produce(url, ofEvent(1))).status).toBe(200);
    for (const connection of connections) {
      connection.close();
    }
    await Promise.all(last);
    // What the others held is free again.
    const large = `{"records":[{"value":{"index":1,"title":"${'x'.repeat(900_000)}"}}]}`;
    expect((await produce(url, large)).status).toBe(200);
  });

  it('takes a request of 330,000 records in parts, between which others have their turn', async () => {
    const appended: number[] = [];
    let url = '';
    let other: Promise<{ status: number }> | undefined;
    const watched: EmbeddedLog = Object.create(log);
    watched.append = (topic, records) => {
      appended.push(records.length);
      other ??= produce(url, ofEvent(2));
      return log.append(topic, records);
    };
    url = await serve({ log: watched });
    const { status, answer } = await produce(
      url,
      `{"records":[${'{"value":{"index":1}},'.repeat(329_999)}{"value":{"index":1}}]}`,
    );
    expect(status).toBe(200);
    const { offsets } = Object(answer);
    expect(offsets).toHaveLength(330_000);
    expect(offsets.every(({ offset }: { offset: number }) => Number.isInteger(offset))).toBe(true);
    expect((await other)?.status).toBe(200);
    expect(Math.max(...appended)).toBe(1000);
    expect(appended.indexOf(1)).toBeGreaterThan(0);
    expect(appended.indexOf(1)).toBeLessThan(appended.length - 1);
  });

  it('names the record that is wrong among many', async () => {
    const url = await serve();
    const good = '{"value":{"index":1}},'.repeat(2500);
    expect(await produce(url, `{"records":[${good}{"value":{"index":"one"}}]}`)).toMatchObject({
      status: 422,
      answer: { message: expect.stringContaining('records[2500].value.index') },
    });
  });

  it('refuses values that are nested too deep to be written again, wherever they are', async () => {
    const url = await serve();
    const deep = nested(20_000);
    expect(await produce(url, `{"records":[{"value":{"index":1,"x":${deep}}}]}`)).toMatchObject({
      status: 422,
      answer: { error_code: 42203 },
    });
    expect(await produce(url, `{"records":[{"value":{"index":1},"key":${deep}}]}`)).toMatchObject({
      status: 422,
      answer: { error_code: 422, message: expect.stringContaining('records[0].key is nested too deep') },
    });
    const record = `{"Data":{"index":1,"x":${deep}},"PartitionKey":"a"}`;
    expect(await put(url, 'streaming-pin/record', record)).toMatchObject({
      status: 400,
      answer: { detail: expect.stringContaining('Data is nested too deep') },
    });
  });

  it('reads nothing through an iterator of another stream, or of a topic', async () => {
    const url = await serve();
    await produce(url, ofEvent(1));
    for (const stream of ['pin', 'streaming-pin']) {
      const content = { stream, shard: '0', position: '0', madeAt: Date.now() };
      const iterator = Buffer.from(JSON.stringify(content)).toString('base64url');
      expect(
        await ask(`${url}/streams/streaming-geo/records`, { headers: { 'shard-iterator': iterator } }),
      ).toMatchObject({ status: 400, answer: { __type: 'InvalidArgumentException' } });
    }
  });

  it('makes streams of 200 shards together at most', async () => {
    const url = await serve();
    const create = (name: string) =>
      ask(`${url}/streams/streaming-${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"ShardCount":10}',
      });
    const made = await Promise.all(Array.from({ length: 22 }, (_, number) => create(`n${number}`)));
    const refused = made.filter(({ status }) => status !== 200);
    expect(made.length - refused.length).toBe(19);
    expect(refused[0]).toMatchObject({ status: 429, answer: { __type: 'LimitExceededException' } });
    for (const topic of await log.topics()) {
      if (topic.startsWith('streaming-n')) {
        await log.deleteTopic(topic);
      }
    }
  });

  it('takes so many requests a second of each caller, and says when to send again', async () => {
    const url = await serve({ exposure: { requestsPerSecond: 2 } });
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(`${url}/topics`)));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatchObject({ status: 429, answer: { error_code: 429 } });
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    expect((await ask(`${url}/health/live`)).status).toBe(200);
  });
});

describe('every error of the gateway', () => {
  it.each([
    ['a path that cannot be decoded', 'GET /topics/%zz HTTP/1.1', 400, 'error_code'],
    ['the same of a stream', 'GET /streams/%zz HTTP/1.1', 400, 'message'],
    ['a name that is too long', `GET /topics/${'x'.repeat(300)} HTTP/1.1`, 414, 'error_code'],
    ['a path that does not exist', 'GET /elsewhere HTTP/1.1', 403, 'message'],
  ])('has the shape of the API: %s', async (_, line, status, field) => {
    const url = await serve();
    const answer = await rawRequest(url, `${line}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(answer.status).toBe(status);
    const body: unknown = JSON.parse(answer.body);
    expect(body).toHaveProperty(field);
    expect(body).not.toHaveProperty('statusCode');
  });

  it('has it for a body of a path that does not exist, and for what is not HTTP', async () => {
    const url = await serve();
    const lost = await ask(`${url}/streams/a/b/c`, { method: 'POST', body: 'x' });
    expect(lost).toMatchObject({ status: 403, answer: { message: 'Missing Authentication Token' } });
    const topic = await ask(`${url}/topics/a/b/c`, { method: 'POST', body: 'x' });
    expect(topic).toMatchObject({ status: 404, answer: { error_code: 404 } });
    expect(await rawRequest(url, 'NONSENSE\r\n\r\n')).toMatchObject({
      status: 400,
      body: '{"message":"Bad Request"}',
    });
    const long = `GET /topics HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await rawRequest(url, long)).toMatchObject({
      status: 431,
      body: '{"message":"Request Header Fields Too Large"}',
    });
  });
});
