import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { keyAccess } from '../../../pipeline/serving/access.ts';
import { type LivePage, type LivePageOptions, startLivePage } from '../../../pipeline/ui/web/live_server.ts';
import { queries } from '../../../queries/index.ts';
import { usersJoinedByYear } from '../../../queries/users_joined_by_year.ts';
import { EventReader } from './event_reader.ts';
import { nastyNames, rowsOfAnswer } from './example.ts';
import { ExampleSource, runningStatus, sameOnBoth } from './live_example.ts';

let page: LivePage | undefined;
const readers: EventReader[] = [];
afterEach(async () => {
  for (const reader of readers.splice(0)) {
    reader.close();
  }
  await page?.close();
  page = undefined;
});

async function serve(options: Partial<LivePageOptions> = {}) {
  const source = new ExampleSource();
  page = await startLivePage({ source, port: 0, times: { betweenUpdates: 1, signOfLife: 20 }, ...options });
  return { source, url: page.url };
}

async function events(url: string): Promise<EventReader> {
  const reader = await EventReader.open(`${url}api/events`);
  readers.push(reader);
  return reader;
}

/** Sends headers that fetch does not let one set. @returns the status */
function request(url: string, path: string, headers: Record<string, string>, body?: string) {
  return new Promise<number | undefined>((resolve, reject) => {
    const sent = httpRequest(
      new URL(path, url),
      { method: body === undefined ? 'GET' : 'POST', headers },
      (response) => {
        response.resume().once('end', () => resolve(response.statusCode));
      },
    );
    sent.once('error', reject).end(body);
  });
}

const json = { 'content-type': 'application/json' };
const control = (url: string, command: unknown, headers: Record<string, string> = {}) =>
  fetch(`${url}api/emulator`, {
    method: 'POST',
    headers: { ...json, ...headers },
    body: JSON.stringify(command),
  });

describe('the live page', () => {
  it('has every answer and the status when it is opened, with names escaped', async () => {
    const { url } = await serve();
    const html = await (await fetch(url)).text();
    expect(html.match(/<article/g)).toHaveLength(queries.length);
    expect(html).toContain('<div><dt>Events read</dt><dd>3,703,701</dd></div>');
    expect(html).toContain('60 <code>malformed_json</code> (not one well-formed JSON object on a line)');
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toContain('<img');
    expect(html).toContain(nastyNames[0]?.replaceAll('"', '&quot;').replaceAll("'", '&#39;').split('<')[0]);
  });

  it('loads nothing from elsewhere and runs only its own scripts', async () => {
    const { url } = await serve();
    const response = await fetch(url);
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'; .*frame-ancestors 'none'$/,
    );
    expect(await response.text()).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    for (const file of ['style.css', 'echarts.js', 'live.js']) {
      const served = await fetch(url + file);
      expect(served.status).toBe(200);
      const tag = served.headers.get('etag') ?? '';
      expect((await fetch(url + file, { headers: { 'if-none-match': tag } })).status).toBe(304);
    }
  });

  it('serves the answers as JSON, rows as objects by the name of the query', async () => {
    const { url } = await serve();
    const answers: unknown = await (await fetch(`${url}api/answers`)).json();
    expect(answers).toEqual(Object.fromEntries(queries.map((query) => [query.name, rowsOfAnswer(query)])));
  });

  it('serves the status as JSON, with the emulator and the comparison', async () => {
    const { url } = await serve();
    expect(await (await fetch(`${url}api/status`)).json()).toEqual({
      ...runningStatus,
      emulator: { paused: false, askedRate: 100, sent: 411_522 },
      comparison: sameOnBoth,
    });
  });

  it('is served on a free port when the default port is taken', async () => {
    const source = new ExampleSource();
    const first = await startLivePage({ source });
    const second = await startLivePage({ source });
    expect(second.url).not.toBe(first.url);
    expect((await fetch(`${second.url}api/status`)).status).toBe(200);
    await second.close();
    await first.close();
  });

  it('has no controls for an emulator that runs elsewhere', async () => {
    const { url } = await serve({ source: new ExampleSource({ withEmulator: false }) });
    expect(await (await fetch(url)).text()).not.toContain('Pause the emulator');
    expect((await control(url, { action: 'pause' })).status).toBe(404);
  });
});

describe('the events of the live page', () => {
  it('give a reader everything first and then only what has changed', async () => {
    const { source, url } = await serve();
    const reader = await events(url);
    const first = await reader.take(queries.length + 1);
    expect(first.map(({ event, data }) => data.name ?? event)).toEqual([
      ...queries.map(({ name }) => name),
      'status',
    ]);
    const rows = [{ join_year: 2015, number_users_joined: 3 }];
    source.set(usersJoinedByYear, rows);
    const [change] = await reader.take(1);
    expect(change).toMatchObject({
      event: 'answer',
      data: {
        name: 'users_joined_by_year',
        rows,
        charts: { light: { series: [{ data: [{ name: '2015', value: 3 }] }] } },
      },
    });
    source.setStatus({ eventsPerSecond: 7 });
    expect(await reader.take(1)).toMatchObject([
      { event: 'status', data: { status: { eventsPerSecond: 7 } } },
    ]);
  });

  it('are not sent for an answer whose rows have not changed', async () => {
    const { source, url } = await serve();
    const reader = await events(url);
    await reader.take(queries.length + 1);
    source.set(usersJoinedByYear, [...rowsOfAnswer(usersJoinedByYear)]);
    source.setStatus({ eventsPerSecond: 1 });
    expect(await reader.take(1)).toMatchObject([{ event: 'status' }]);
  });

  it('end with the last update and an `end` event', async () => {
    const { source, url } = await serve();
    const reader = await events(url);
    await reader.take(queries.length + 1);
    source.setStatus({ state: 'ended' });
    await page?.close();
    expect(await reader.take(2)).toMatchObject([
      { event: 'status', data: { status: { state: 'ended' } } },
      { event: 'end' },
    ]);
    expect(source.listeners).toBe(0);
  });

  it('are refused to more than `maximumReaders`', async () => {
    const { url } = await serve({ maximumReaders: 1 });
    const reader = await events(url);
    const refused = await fetch(`${url}api/events`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    reader.close();
    for (let status = 503; status !== 200; ) {
      const again = await fetch(`${url}api/events`);
      status = again.status;
      await again.body?.cancel();
    }
  });
});

describe('controlling the emulator', () => {
  it('pauses it, resumes it and changes its rate', async () => {
    const { source, url } = await serve();
    const commands = [{ action: 'pause' }, { action: 'rate', rate: 2.5 }, { action: 'resume' }];
    const answers: unknown[] = [];
    for (const command of commands) {
      answers.push(await (await control(url, command)).json());
    }
    expect(source.emulator?.commands).toEqual(['pause', 'rate 2.5', 'resume']);
    expect(answers).toMatchObject([{ paused: true }, { askedRate: 2.5 }, { paused: false }]);
  });

  it.each([
    { action: 'rate', rate: 0 },
    { action: 'rate', rate: -1 },
    { action: 'rate', rate: 10_001 },
    { action: 'rate', rate: '5' },
    { action: 'rate' },
    { action: 'stop' },
    { action: 'pause', also: 'this' },
    null,
    [],
  ])('refuses %j', async (command) => {
    const { source, url } = await serve();
    const response = await control(url, command);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('at most 10000');
    expect(source.emulator?.commands).toEqual([]);
  });

  it('refuses other pages: by origin, by content type, and by host against DNS rebinding', async () => {
    const { source, url } = await serve();
    const pause = JSON.stringify({ action: 'pause' });
    const { host } = new URL(url);
    const refused = [
      await request(url, 'api/emulator', { ...json, host, origin: 'http://evil.example' }, pause),
      await request(url, 'api/emulator', { ...json, host, origin: 'null' }, pause),
      await request(url, 'api/emulator', { ...json, host, origin: `http://localhost:1` }, pause),
      await request(url, 'api/emulator', { 'content-type': 'text/plain', host }, pause),
      await request(
        url,
        'api/emulator',
        { ...json, host: 'evil.example', origin: 'http://evil.example' },
        pause,
      ),
      await request(url, 'api/answers', { host: 'evil.example:80' }),
      await request(url, 'api/events', { host: 'localhost.evil.example' }),
    ];
    expect(refused).toEqual([403, 403, 403, 415, 421, 421, 421]);
    expect(source.emulator?.commands).toEqual([]);
    expect(await request(url, 'api/emulator', { ...json, host, origin: `http://${host}` }, pause)).toBe(200);
    expect(await request(url, 'api/status', { host: `localhost:${new URL(url).port}` })).toBe(200);
  });
});

describe('a page that others reach', () => {
  it('asks a browser for a key, and shows nothing without', async () => {
    const key = 'k'.repeat(20);
    const { url } = await serve({ exposure: { access: keyAccess([key]) } });
    for (const path of ['', 'api/status', 'api/events', 'live.js']) {
      const refused = await fetch(url + path);
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
        401,
        'Basic realm="key as password"',
      ]);
    }
    const authorization = `Basic ${Buffer.from(`anybody:${key}`).toString('base64')}`;
    expect((await fetch(url, { headers: { authorization } })).status).toBe(200);
  });

  it('is ready while the stream runs, and says what it does otherwise', async () => {
    const { source, url } = await serve();
    expect((await fetch(`${url}health/live`)).status).toBe(200);
    expect((await fetch(`${url}health/ready`)).status).toBe(200);
    source.setStatus({ state: 'waiting', message: 'The log does not answer' });
    let answer = await fetch(`${url}health/ready`);
    // An answer is good for a while.
    while (answer.status === 200) {
      answer = await fetch(`${url}health/ready`);
    }
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { status: 'not ready', message: 'The stream is waiting: The log does not answer.' },
    ]);
  });
});
