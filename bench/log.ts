/**
 * The throughput of the embedded log by itself: durable appends in batches and of single records, and reads.
 *
 *     npx tsx bench/log.ts
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedLog } from '../pipeline/log/embedded.ts';

const valueBytes = 400;
const value = Buffer.alloc(valueBytes, '{"index":7528,"category":"mens-fashion"} ');

/** Records a second of one kind of work. */
export interface LogFigure {
  readonly work: string;
  readonly recordsPerSecond: number;
}

/** Measures in a temporary folder. */
export async function benchLog(): Promise<LogFigure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-log-'));
  const log = await EmbeddedLog.open(folder);
  try {
    await log.createTopic('batches', 3);
    await log.createTopic('singles', 3);
    return [
      await measure('appended, 500 in a request, 4 concurrent requests', () =>
        append(log, 'batches', 500, 4, 1200),
      ),
      await measure('appended, 1 in a request, 64 concurrent requests', () =>
        append(log, 'singles', 1, 64, 60_000),
      ),
      await measure('read, 1 MiB a read', () => readAll(log, 'batches')),
    ];
  } finally {
    await log.close();
    rmSync(folder, { recursive: true });
  }
}

async function measure(work: string, run: () => Promise<number>): Promise<LogFigure> {
  const begin = performance.now();
  const records = await run();
  return { work, recordsPerSecond: Math.round((records / (performance.now() - begin)) * 1000) };
}

async function append(
  log: EmbeddedLog,
  topic: string,
  recordsPerRequest: number,
  concurrency: number,
  requests: number,
): Promise<number> {
  const records = Array.from({ length: recordsPerRequest }, () => ({ value }));
  let left = requests;
  const sender = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await log.append(topic, records);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, sender));
  return requests * recordsPerRequest;
}

async function readAll(log: EmbeddedLog, topic: string): Promise<number> {
  let records = 0;
  for (const { id } of await log.shards(topic)) {
    let at = await log.earliest(topic, id);
    for (;;) {
      const read = await log.read(topic, id, at, { maximumBytes: 1024 * 1024, waitMilliseconds: 0 });
      records += read.records.length;
      at = read.next;
      if (read.recordsBehind === 0) {
        break;
      }
    }
  }
  return records;
}

if (import.meta.url === `file://${process.argv[1]}`) {
  for (const { work, recordsPerSecond } of await benchLog()) {
    process.stdout.write(`${String(recordsPerSecond).padStart(9)} records/s  ${work}\n`);
  }
}
