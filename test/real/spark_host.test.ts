import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import type { SparkGateway, SparkWorker } from '../../pipeline/engines/spark/local/session.ts';
import { SparkHost, serverOf } from './systems/spark_host.ts';

/** A worker whose JVM can end, and that counts its gateways. */
class Worker implements SparkWorker {
  readonly folder = '';
  hasEnded = false;
  stopped = 0;
  gateways = 0;

  async run(): Promise<SparkGateway> {
    if (this.hasEnded) {
      throw new Error('Python ended (signal SIGKILL)');
    }
    this.gateways += 1;
    return { port: this.gateways, secret: 's', connect: 9 };
  }
  async sql(): Promise<never[]> {
    return [];
  }
  async stop(): Promise<void> {
    this.stopped += 1;
  }
  async kill(): Promise<void> {}
  output(): string {
    return 'out of memory';
  }
}

function hostOf(...workers: readonly (Worker | Error)[]) {
  const [left, told] = [[...workers], [] as string[]];
  const start = async () => {
    const next = left.shift() ?? expect.fail('no further JVM');
    if (next instanceof Error) {
      throw next;
    }
    return next;
  };
  return { host: new SparkHost(start, (text) => told.push(text)), told };
}

it('gives each file a gateway of its own to one JVM', async () => {
  const { host, told } = hostOf(new Worker());
  expect(await Promise.all([host.gateway(), host.gateway(), host.gateway()])).toEqual(
    [1, 2, 3].map((port) => ({ port, secret: 's', connect: 9 })),
  );
  expect(told).toEqual([]);
});

it('replaces a JVM that has ended once, says so with its output, and stops those that it has started', async () => {
  const [first, second] = [new Worker(), new Worker()];
  const { host, told } = hostOf(first, second);
  await host.gateway();
  first.hasEnded = true;
  await Promise.all([host.gateway(), host.gateway()]);
  expect([first.stopped, second.gateways]).toEqual([1, 2]);
  expect(told).toEqual([
    expect.stringMatching(/started again: Error: Python ended \(signal SIGKILL\)\nout of memory/),
  ]);
  await host.stop();
  expect([first.stopped, second.stopped]).toEqual([1, 1]);
});

it('stops a JVM that it was starting', async () => {
  const worker = new Worker();
  const { host } = hostOf(worker);
  const asked = host.gateway();
  await host.stop();
  expect(worker.stopped).toBe(1);
  await asked;
});

it('fails those alone that ask when no JVM can be started, and forgets the one that has ended', async () => {
  const first = new Worker();
  const { host, told } = hostOf(new Error('no Java'), first, new Error('no memory'), new Worker());
  await expect(host.gateway()).rejects.toThrow('no Java');
  expect(await host.gateway()).toEqual({ port: 1, secret: 's', connect: 9 });
  first.hasEnded = true;
  await expect(host.gateway()).rejects.toThrow('no memory');
  expect(await host.gateway()).toEqual({ port: 1, secret: 's', connect: 9 });
  expect([told.length, first.stopped]).toEqual([1, 1]);
});

it('answers those who ask with a gateway, or the reason why there is none', async () => {
  const { host } = hostOf(new Error('no Java'), new Worker());
  const server = serverOf(host);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const asked = async () => {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return [response.status, await response.text()];
  };
  expect(await asked()).toEqual([500, 'Error: no Java']);
  expect(await asked()).toEqual([200, '{"port":1,"secret":"s","connect":9}']);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
