import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTopics, type Gateway, startGateway } from '../../emulator/gateway.ts';
import { generatePost } from '../../emulator/generator.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { suiteFolder } from '../support/folder.ts';

const folder = suiteFolder('gateway');
let log: EmbeddedLog;
let gateway: Gateway;

beforeAll(async () => {
  log = await EmbeddedLog.open(folder);
  await createTopics(log, ['pin', 'geo', 'user'], 1);
  gateway = await startGateway({ log, maximumBodyBytes: 10_000 });
});
afterAll(async () => {
  await gateway.close();
  await log.close();
});

async function post(
  topic: string,
  body: string | Uint8Array<ArrayBuffer>,
  type = 'application/vnd.kafka.json.v2+json',
) {
  const response = await fetch(`${gateway.url}/topics/${topic}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  });
  const answer: unknown = await response.json();
  return { status: response.status, answer };
}

const records = (value: unknown) => JSON.stringify({ records: [{ value }] });

describe('the REST proxy on this machine', () => {
  it('listens on the loopback address', () => {
    expect(new URL(gateway.url).hostname).toBe('127.0.0.1');
  });

  it('answers with the offset of each record', async () => {
    const body = JSON.stringify({ records: [{ value: { index: 1 } }, { value: { index: 2, title: 'a' } }] });
    expect(await post('pin', body)).toEqual({
      status: 200,
      answer: {
        offsets: [
          { partition: 0, offset: 0, error_code: null, error: null },
          { partition: 0, offset: 1, error_code: null, error: null },
        ],
        key_schema_id: null,
        value_schema_id: null,
      },
    });
  });

  it('refuses bytes that are not UTF-8, rather than put others in their place', async () => {
    const latin1 = Uint8Array.from(Buffer.from(records({ index: 1, title: 'café' }), 'latin1'));
    const gzip = Uint8Array.from(gzipSync(records({ index: 1 })));
    for (const body of [latin1, gzip]) {
      expect(await post('pin', body)).toMatchObject({
        status: 400,
        answer: { error_code: 400, message: expect.stringMatching(/not UTF-8.*Content-Encoding/) },
      });
    }
    const put = await fetch(`${gateway.url}/streams/streaming-pin/record`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: Uint8Array.from(Buffer.from('{"Data":{"index":1,"title":"café"},"PartitionKey":"1"}', 'latin1')),
    });
    expect(put.status).toBe(400);
    expect(await put.json()).toMatchObject({ detail: expect.stringContaining('not UTF-8') });
  });

  it.each<[string, number, number, string, string, string?]>([
    ['an unknown topic', 404, 40401, 'likes', records({ index: 1 })],
    ['another content type', 415, 415, 'pin', records({ index: 1 }), 'text/plain'],
    ['malformed JSON', 400, 400, 'pin', '{"records":['],
    ['a body that is too large', 413, 413, 'pin', records({ index: 1, title: 'x'.repeat(20_000) })],
    ['no records', 422, 422, 'pin', '{"records":[]}'],
  ])('refuses %s with %i and error_code %i', async (_, status, errorCode, topic, body, type) => {
    const refused = await post(topic, body, type);
    expect(refused).toMatchObject({ status, answer: { error_code: errorCode } });
    expect(refused.answer).toHaveProperty('message');
  });

  it('takes null for a field that is not known, as the proxy does, but not for a key', async () => {
    const nothing = { title: null, downloaded: null, category: null };
    expect((await post('pin', records({ index: 3, ...nothing }))).status).toBe(200);
    expect((await post('geo', records({ ind: 3, latitude: null, timestamp: null }))).status).toBe(200);
    expect((await post('pin', records({ index: null, ...nothing }))).status).toBe(422);
  });

  it('refuses wrong types of fields, naming the field', async () => {
    expect(await post('pin', records({ index: 'one' }))).toMatchObject({
      status: 422,
      answer: { error_code: expect.any(Number), message: expect.stringContaining('index') },
    });
    expect((await post('geo', records({ ind: 1, latitude: '1' }))).status).toBe(422);
    expect((await post('user', records({ age: 1 }))).status).toBe(422);
  });
});

describe('generated posts', () => {
  it('are the same for the same seed, others for another, and of one key in all three datasets', () => {
    const posts = Array.from({ length: 500 }, (_, index) => generatePost(index, 5));
    expect(Array.from({ length: 500 }, (_, i) => generatePost(499 - i, 5)).reverse()).toEqual(posts);
    expect(generatePost(3, 6)).not.toEqual(posts[3]);
    for (const [index, { pin, geo, user }] of posts.entries()) {
      expect([pin.index, geo.ind, user.ind]).toEqual([index, index, index]);
    }
  });

  it('hold every placeholder, k and M, and people who post more than once', () => {
    const posts = Array.from({ length: 5000 }, (_, index) => generatePost(index, 1));
    const values = new Set(posts.flatMap(({ pin }) => Object.values(pin)));
    for (const placeholder of [
      'No Title Data Available',
      'User Info Error',
      'N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e',
    ]) {
      expect(values).toContain(placeholder);
    }
    const counts = posts.map(({ pin }) => String(pin.follower_count));
    expect(counts.some((count) => count.endsWith('k'))).toBe(true);
    expect(counts.some((count) => count.endsWith('M'))).toBe(true);
    const people = posts.map(({ user }) => `${user.first_name} ${user.last_name} ${user.date_joined}`);
    expect(new Set(people).size).toBeLessThan(people.length);
  });
});
