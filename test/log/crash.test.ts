/** A real process that writes to the embedded log is killed at random moments, again and again on the same folder. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';

const rounds = Number(process.env.CRASH_ROUNDS ?? 6);
const program = fileURLToPath(new URL('./crash_writer.ts', import.meta.url));

/** Lets the writer acknowledge some values, kills it, and gives all that it acknowledged. */
async function killAfter(folder: string, round: number, values: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, folder, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: string[] = [];
  const lines = createInterface({ input: child.stdout });
  const ended = new Promise((resolve) => child.once('close', resolve));
  for await (const line of lines) {
    acknowledged.push(line);
    if (acknowledged.length === values) child.kill('SIGKILL');
  }
  await ended;
  // The kill may have cut the last line short: then it was not told.
  const last = acknowledged.at(-1);
  return last !== undefined && /^\d+\.\d+\.\d+\.\d+$/.test(last) ? acknowledged : acknowledged.slice(0, -1);
}

it('what was acknowledged before a kill is kept, once and in order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crash-log-'));
  const seed = Date.now();
  try {
    const acknowledged: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const values = 1 + ((seed * (round + 7)) % 3000);
      acknowledged.push(...(await killAfter(folder, round, values)));
    }
    const kept: string[] = [];
    const repairs: string[] = [];
    const log = await EmbeddedLog.open(folder, { onRepair: (repair) => repairs.push(repair) });
    for (const { id } of await log.shards('pin')) {
      let at = await log.earliest('pin', id);
      for (let more = true; more; ) {
        const read = await log.read('pin', id, at, { maximumBytes: 1_000_000, waitMilliseconds: 0 });
        kept.push(...read.records.map(({ value }) => Buffer.from(value).toString().trimEnd()));
        at = read.next;
        more = read.recordsBehind !== 0;
      }
    }
    await log.close();
    const counts = new Map<string, number>();
    for (const value of kept) counts.set(value, (counts.get(value) ?? 0) + 1);
    expect(acknowledged.length).toBeGreaterThan(rounds);
    expect(
      acknowledged.filter((value) => !counts.has(value)),
      `lost, seed ${seed}`,
    ).toEqual([]);
    expect([...counts].filter(([, count]) => count > 1).length, `repeated, seed ${seed}`).toBe(0);
    expect(kept.filter(isBehindALater(kept)), `out of order, seed ${seed}`).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 240_000);

/** Values of one request lie one behind the other. */
function isBehindALater(kept: readonly string[]): (value: string, index: number) => boolean {
  return (value, index) => {
    const [request, at] = splitValue(value);
    const [before, atBefore] = splitValue(kept[index - 1] ?? '');
    return request === before && at !== atBefore + 1;
  };
}

function splitValue(value: string): [string, number] {
  const at = value.lastIndexOf('.');
  return [value.slice(0, at), Number(value.slice(at + 1))];
}
