/**
 * The throughput of the local gateway on this machine: requests of one record, and batched requests, into the embedded
 * log; and the same into a log that keeps nothing, which shows the cost of the log.
 *
 *     npx tsx bench/gateway.ts [seconds of each run, 10]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { generatePost } from '../emulator/generator.ts';
import { knownFields } from '../emulator/senders/api.ts';
import { produceContentType } from '../pipeline/api/document.ts';

/** The result of one run. */
export interface GatewayMeasure {
  readonly title: string;
  readonly requestsPerSecond: number;
  readonly eventsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Requests without a response or with one other than 2xx. */
  readonly errors: number;
  /** Resident memory of the gateway in MiB, before the run and after it. */
  readonly memory: readonly [number, number];
}

const recordsPerBatch = 200;

/** Puts the gateway under load, one run after another. */
export async function measureGateway(
  seconds: number,
  logs: readonly ('embedded' | 'none')[] = ['embedded', 'none'],
): Promise<GatewayMeasure[]> {
  const measures: GatewayMeasure[] = [];
  for (const log of logs) {
    const folder = mkdtempSync(join(tmpdir(), 'gateway-bench-'));
    const gateway = await startChild(log === 'embedded' ? folder : 'none');
    try {
      for (const records of [1, recordsPerBatch]) {
        const name = `${records} a request, ${log === 'embedded' ? 'embedded log' : 'no log'}`;
        // Warms the compiler up, as in a gateway that has run for long.
        await load(gateway, name, records, Math.min(3, seconds));
        measures.push(await load(gateway, name, records, seconds));
      }
    } finally {
      await gateway.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return measures;
}

export interface GatewayChild {
  readonly url: string;
  memory(): Promise<number>;
  /** CPU time since its start, in microseconds. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

async function load(
  gateway: GatewayChild,
  title: string,
  records: number,
  seconds: number,
): Promise<GatewayMeasure> {
  const memoryBefore = await gateway.memory();
  const result = await autocannon({
    url: `${gateway.url}/topics/pin`,
    method: 'POST',
    headers: { 'content-type': produceContentType },
    body: bodyOf(records),
    connections: records === 1 ? 128 : 16,
    duration: seconds,
  });
  const requestsPerSecond = result['2xx'] / result.duration;
  return {
    title,
    requestsPerSecond,
    eventsPerSecond: requestsPerSecond * records,
    p50: result.latency.p50,
    p99: result.latency.p99,
    errors: result.errors + result.non2xx,
    memory: [memoryBefore, await gateway.memory()],
  };
}

export function bodyOf(records: number): string {
  const values = Array.from({ length: records }, (_, index) => ({
    value: knownFields(generatePost(index, 1).pin),
  }));
  return JSON.stringify({ records: values });
}

/** The gateway in a process of its own, apart from the load generator. */
export async function startChild(...args: readonly string[]): Promise<GatewayChild> {
  const child = fork(fileURLToPath(new URL('./gateway_process.ts', import.meta.url)), args, {
    execArgv: ['--import', 'tsx'],
  });
  const url = String(await answerOf(child));
  return {
    url,
    memory: () => ask(child, 'memory'),
    cpu: () => ask(child, 'cpu'),
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.send('stop');
      await ended;
    },
  };
}

async function ask(child: ChildProcess, what: string): Promise<number> {
  const answer = answerOf(child);
  child.send(what);
  return Number(await answer);
}

function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('message', (answer) => {
      child.off('error', reject);
      resolve(answer);
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const measures = await measureGateway(Number(process.argv[2] ?? 10));
  for (const { title, requestsPerSecond, eventsPerSecond, p50, p99, errors, memory } of measures) {
    process.stdout.write(
      `${title.padEnd(30)} ${requestsPerSecond.toFixed(0).padStart(7)} requests/s ${eventsPerSecond.toFixed(0).padStart(8)} events/s` +
        `  p50 ${p50} ms  p99 ${p99} ms  ${errors} errors  ${memory.map((size) => size.toFixed(0)).join(' → ')} MiB\n`,
    );
  }
}
