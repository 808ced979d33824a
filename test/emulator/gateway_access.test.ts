import { request } from 'node:https';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTopics, type Gateway, startGateway } from '../../emulator/gateway.ts';
import { withSignature } from '../../emulator/senders/authorisation.ts';
import { produceContentType } from '../../pipeline/api/document.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { keyAccess } from '../../pipeline/serving/access.ts';
import type { Exposure } from '../../pipeline/serving/server.ts';
import { signatureAccess } from '../../pipeline/serving/signature.ts';
import { makeCertificate } from '../support/certificate.ts';
import { suiteFolder } from '../support/folder.ts';

const folder = suiteFolder('gateway-access');
const tls = makeCertificate();
const [key, otherKey] = ['k'.repeat(20), 'o'.repeat(20)];
let log: EmbeddedLog;
let gateway: Gateway;
beforeAll(async () => {
  log = await EmbeddedLog.open(folder);
  await createTopics(log, ['pin'], 1);
});
afterEach(() => gateway.close());
afterAll(() => log.close());

async function serve(exposure: Exposure): Promise<void> {
  gateway = await startGateway({ log, exposure, limits: { closeMilliseconds: 200 } });
}

async function status(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${gateway.url}${path}`, { headers });
  return { status: response.status, body: await response.text(), headers: response.headers };
}

/** A request over TLS by a client that trusts the test's certificate. */
function overTls(host: string): Promise<number | undefined> {
  const { port } = new URL(gateway.url);
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path: '/topics',
      servername: 'gateway.example',
      ca: tls.certificate,
      headers: { host, 'x-api-key': key },
    };
    request(options, (response) => response.resume().once('end', () => resolve(response.statusCode)))
      .once('error', reject)
      .end();
  });
}

describe('a gateway with keys', () => {
  it('lets the holders of a key in, however they send it, and nobody else', async () => {
    await serve({ access: keyAccess([otherKey, key]) });
    const basic = (password: string) => `Basic ${Buffer.from(`any:${password}`).toString('base64')}`;
    for (const headers of [
      { 'x-api-key': key },
      { authorization: `Bearer ${key}` },
      { authorization: basic(otherKey) },
    ]) {
      expect((await status('/topics', { ...headers })).status).toBe(200);
    }
    const forbidden: Record<string, string>[] = [
      {},
      { 'x-api-key': `${key}k` },
      { authorization: basic('') },
    ];
    for (const headers of forbidden) {
      expect(await status('/streams', headers)).toMatchObject({
        status: 403,
        body: '{"message":"Forbidden"}',
      });
    }
    expect((await status('/health/ready')).status).toBe(200);
  });

  it('slows down whoever tries keys at speed', async () => {
    await serve({ access: keyAccess([key]) });
    const answers = [];
    for (let attempt = 0; attempt < 20; attempt++) {
      answers.push((await status('/topics', { 'x-api-key': `wrong ${attempt}` })).status);
    }
    expect(new Set(answers)).toEqual(new Set([403, 429]));
    const { headers } = await status('/topics');
    expect(headers.get('retry-after')).toBe('1');
  });

  it('counts the requests of each key by itself', async () => {
    await serve({ access: keyAccess([key, otherKey]), requestsPerSecond: 1 });
    const of = (held: string) => status('/topics', { 'x-api-key': held });
    const statuses = [await of(key), await of(key), await of(key), await of(otherKey)].map(
      (answer) => answer.status,
    );
    expect(statuses).toEqual([200, 200, 429, 200]);
  });
});

describe('a gateway that takes signatures', () => {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 's'.repeat(40) };
  const body = '{"records":[{"value":{"index":1}}]}';

  /** Signs as the emulator does for API Gateway, and sends what `changed` makes of it. */
  async function send(
    path: string,
    changed: { body?: string; path?: string; headers?: Record<string, string> } = {},
    signer = credentials,
  ): Promise<number> {
    const isPost = path.startsWith('/topics/');
    const method = isPost ? 'POST' : 'GET';
    const signed = await withSignature(
      'us-east-1',
      signer,
    )({
      method,
      url: new URL(path, gateway.url),
      headers: { 'content-type': produceContentType },
      body: isPost ? body : '',
    });
    // fetch sets the host itself.
    const { host: _, ...headers } = signed;
    const response = await fetch(`${gateway.url}${changed.path ?? path}`, {
      method,
      headers: { ...headers, ...changed.headers },
      ...(isPost ? { body: changed.body ?? body } : {}),
    });
    return response.status;
  }

  it('lets those in who sign with its credentials, and those who have a key', async () => {
    await serve({ access: signatureAccess([credentials], keyAccess([key])) });
    expect(await send('/topics/pin')).toBe(200);
    expect(await send('/topics')).toBe(200);
    expect((await status('/topics', { 'x-api-key': key })).status).toBe(200);
    expect((await status('/topics')).status).toBe(403);
  });

  it('refuses another secret, another body, another path, and a signature of another day', async () => {
    const day = 24 * 3600 * 1000;
    let now = Date.now;
    await serve({ access: signatureAccess([credentials], undefined, () => now()) });
    expect(await send('/topics/pin', {}, { ...credentials, secretAccessKey: 't'.repeat(40) })).toBe(403);
    expect(await send('/topics/pin', {}, { ...credentials, accessKeyId: 'AKIDOTHER' })).toBe(403);
    expect(await send('/topics/pin', { body: body.replace('1', '2') })).toBe(403);
    expect(await send('/topics/pin', { path: '/topics/geo' })).toBe(403);
    expect(await send('/topics/pin', { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } })).toBe(403);
    now = () => Date.now() + day;
    expect(await send('/topics/pin')).toBe(403);
    now = Date.now;
    expect(await send('/topics/pin')).toBe(200);
    expect((await status('/topics')).status).toBe(403);
  });
});

describe('a gateway with a certificate', () => {
  it('speaks TLS alone, and answers to the names of its certificate', async () => {
    await serve({ tls, access: keyAccess([key]) });
    expect(gateway.url).toMatch(/^https:/);
    expect(await overTls('gateway.example')).toBe(200);
    expect(await overTls('evil.example')).toBe(421);
    await expect(fetch(gateway.url.replace('https:', 'http:'))).rejects.toThrow();
  });

  it('answers to further names that it is given', async () => {
    await serve({ tls, access: keyAccess([key]), names: ['balancer.example'] });
    expect(await overTls('balancer.example:8443')).toBe(200);
  });
});
