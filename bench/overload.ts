/**
 * The gateway under twice the load that it can take: the latency of what is taken, what is refused, memory, and how it comes back.
 *
 *     npx tsx bench/overload.ts [seconds of each run, 10]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { produceContentType } from '../pipeline/api/document.ts';
import { bodyOf, startChild } from './gateway.ts';

/** One run against a gateway. */
interface Run {
  readonly title: string;
  readonly takenPerSecond: number;
  readonly refusedPerSecond: number;
  /** Requests without an answer. */
  readonly unanswered: number;
  /** Milliseconds, of requests that were taken. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** Resident memory of the gateway after the run, MiB. */
  readonly memory: number;
}

/** @param records of each request */
export async function measureOverload(seconds: number, records: number): Promise<readonly Run[]> {
  const folder = mkdtempSync(join(tmpdir(), 'overload-'));
  const gateway = await startChild(folder);
  const body = bodyOf(records);
  const load = async (title: string, connections: number, rate?: number): Promise<Run> => {
    const times: number[] = [];
    const result = await autocannon({
      url: `${gateway.url}/topics/pin`,
      method: 'POST',
      headers: { 'content-type': produceContentType },
      body,
      connections,
      duration: seconds,
      timeout: 60,
      setupClient: (client) =>
        client.on('response', (status, _, milliseconds) => {
          if (status === 200) {
            times.push(milliseconds);
          }
        }),
      ...(rate === undefined ? {} : { overallRate: rate }),
    });
    times.sort((a, b) => a - b);
    const quantile = (fraction: number) => times[Math.ceil(fraction * times.length) - 1] ?? Number.NaN;
    return {
      title,
      takenPerSecond: result['2xx'] / result.duration,
      refusedPerSecond: result.non2xx / result.duration,
      unanswered: result.errors,
      p50: quantile(0.5),
      p99: quantile(0.99),
      longest: quantile(1),
      memory: await gateway.memory(),
    };
  };
  try {
    await load('warm-up', 64);
    const before = await load('what it can take', 64);
    const over = await load('twice as much', 512, Math.ceil(2 * before.takenPerSecond));
    return [before, over, await load('afterwards', 64)];
  } finally {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const records of [1, 200]) {
    process.stdout.write(`${records} records a request\n`);
    for (const run of await measureOverload(Number(process.argv[2] ?? 10), records)) {
      process.stdout.write(
        `  ${run.title.padEnd(18)} ${run.takenPerSecond.toFixed(0).padStart(6)} taken a second, ${run.refusedPerSecond.toFixed(0)} refused, ${run.unanswered} unanswered,` +
          `  p50 ${run.p50.toFixed(0)} ms  p99 ${run.p99.toFixed(0)} ms  longest ${run.longest.toFixed(0)} ms  ${run.memory.toFixed(0)} MiB\n`,
      );
    }
  }
}
