import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTopics, type Gateway, type GatewayOptions, startGateway } from '../../emulator/gateway.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { suiteFolder } from '../support/folder.ts';
import { RawConnection } from '../support/raw_http.ts';
import { ask, half, ofEvent, produce } from './gateway_requests.ts';

const folder = suiteFolder('gateway-end');
let log: EmbeddedLog;
const gateways: Gateway[] = [];
beforeAll(async () => {
  log = await EmbeddedLog.open(folder);
  await createTopics(log, ['pin'], 1);
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

/** A log that appends when it is told to. */
function waitingLog() {
  let append = (): void => undefined;
  let noteTaken = (): void => undefined;
  const wasTaken = new Promise<void>((resolve) => {
    noteTaken = resolve;
  });
  const slow: EmbeddedLog = Object.create(log);
  slow.append = async (topic, records) => {
    noteTaken();
    await new Promise<void>((resolve) => {
      append = resolve;
    });
    return log.append(topic, records);
  };
  return { slow, wasTaken, append: () => append() };
}

describe('the end of a gateway', () => {
  it('does not wait for callers who keep their connections open', async () => {
    const { slow, wasTaken, append } = waitingLog();
    const gateway = await startGateway({ log: slow, limits: { closeMilliseconds: 100_000 } });
    const open = await RawConnection.open(gateway.url);
    open.send(`${half(ofEvent(1).length)}${ofEvent(1)}`);
    await wasTaken;
    const closed = gateway.close();
    append();
    expect(await open.answer()).toMatchObject({ status: 200 });
    await closed;
  }, 5000);

  it('answers what it took, takes nothing more, and does not wait for a body that never ends', async () => {
    const { slow, wasTaken, append } = waitingLog();
    const gateway = await startGateway({ log: slow, limits: { closeMilliseconds: 300 } });
    const taken = produce(gateway.url, ofEvent(1));
    await wasTaken;
    const open = await RawConnection.open(gateway.url);
    open.send('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await open.firstAnswer()).toMatchObject({ status: 200 });
    const stuck = await RawConnection.open(gateway.url);
    stuck.send(half(1000));
    open.send(half(1000));
    const closed = gateway.close();
    append();
    expect((await taken).status).toBe(200);
    await closed;
    await stuck.closed;
    await open.closed;
  });

  it('is told to callers on open connections with 503', async () => {
    const url = await serve({ limits: { closeMilliseconds: 2000 } });
    const open = await RawConnection.open(url);
    // The start of a request, so that the connection is not idle.
    open.send('GET /topics HTTP/1.1\r\nHost: localhost\r\n');
    const waiting = await RawConnection.open(url);
    waiting.send(half(1000));
    await ask(`${url}/health/live`);
    const [gateway] = gateways;
    const closed = gateway?.close();
    open.send('\r\n');
    const answer = await open.answer();
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1', connection: 'close' } });
    expect(JSON.parse(answer.body)).toMatchObject({ error_code: 503 });
    waiting.close();
    await closed;
  });
});

describe('a gateway whose log is slower than what comes', () => {
  it('holds so much and no more, tells the others when to come again, and comes back', async () => {
    let goOn = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const slow: EmbeddedLog = Object.create(log);
    slow.append = async (topic, records) => {
      await released;
      return log.append(topic, records);
    };
    const url = await serve({ log: slow, memoryBytes: 1_000_000 });
    const body = `{"records":[{"value":{"index":1,"title":"${'x'.repeat(200_000)}"}}]}`;
    let refused = 0;
    const answers = Array.from({ length: 40 }, async () => {
      const answer = await produce(url, body);
      if (answer.status === 503) {
        expect(answer.headers.get('retry-after')).toBe('1');
        refused += 1;
      }
      // All that are not held have been told by now.
      if (refused >= 33) {
        goOn();
      }
      return answer.status;
    });
    const statuses = await Promise.all(answers);
    expect(statuses.filter((status) => status === 200)).toHaveLength(40 - refused);
    expect(refused).toBeLessThan(40);
    expect((await produce(url, body)).status).toBe(200);
  });
});

describe('a gateway to which more comes than its processor can do', () => {
  it('tells those that would wait for long to come again, and comes back', async () => {
    const busy: EmbeddedLog = Object.create(log);
    busy.append = (topic, records) => {
      const start = performance.now();
      while (performance.now() - start < 300) {}
      return log.append(topic, records);
    };
    const url = await serve({ log: busy });
    const connections = await Promise.all(Array.from({ length: 8 }, () => RawConnection.open(url)));
    for (const connection of connections) {
      // Now the server has accepted it, which it does once a turn.
      connection.send('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await connection.firstAnswer();
      connection.received = '';
    }
    for (const connection of connections) {
      connection.send(`${half(ofEvent(1).length)}${ofEvent(1)}`);
    }
    const answers = await Promise.all(connections.map((connection) => connection.firstAnswer()));
    const refused = answers.filter(({ status }) => status === 503);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(8 - refused.length);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(8);
    expect(refused[0]?.headers['retry-after']).toBe('1');
    for (const connection of connections) {
      connection.close();
    }
    expect((await produce(url, ofEvent(1))).status).toBe(200);
  });
});

describe('the health of a gateway', () => {
  it('is live while it runs, and ready while its log answers', async () => {
    const broken: EmbeddedLog = Object.create(log);
    broken.topics = async () => {
      throw new Error('The log is away.');
    };
    const url = await serve({ log: broken });
    expect(await ask(`${url}/health/live`)).toMatchObject({ status: 200, answer: { status: 'live' } });
    expect(await ask(`${url}/health/ready`)).toMatchObject({
      status: 503,
      answer: { status: 'not ready', message: 'The log is away.' },
    });
    expect((await ask(`${await serve()}/health/ready`)).status).toBe(200);
  });
});
