/** A real process that writes to the embedded log is killed at random moments, again and again on the same folder. */

import { expect, it } from 'vitest';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { temporaryFolder } from '../support/folder.ts';
import { crashSeed, killAt } from '../support/kill.ts';
import { valuesIn } from '../support/log_records.ts';
import { linesOf, startProgram } from '../support/process.ts';
import { Choices } from '../support/random.ts';

const rounds = Number(process.env.CRASH_ROUNDS ?? 6);

/** Lets the writer acknowledge some values, kills it, and gives all that it acknowledged. */
async function killAfter(folder: string, round: number, values: number): Promise<string[]> {
  const writer = startProgram('test/log/crash_writer.ts', folder, String(round));
  const { output } = await killAt(values, writer, (moment) => {
    writer.onLine(moment);
    return () => {};
  });
  return linesOf(output);
}

it('what was acknowledged before a kill is kept, once and in order', async () => {
  const folder = temporaryFolder('crash-log');
  const seed = crashSeed();
  const choices = new Choices(seed);
  const acknowledged: string[] = [];
  for (let round = 0; round < rounds; round++) {
    acknowledged.push(...(await killAfter(folder, round, 1 + choices.below(3000))));
  }
  const log = await EmbeddedLog.open(folder, { onRepair: () => {} });
  const kept: string[] = [];
  for (const { id } of await log.shards('pin')) {
    kept.push(...(await valuesIn(log, 'pin', id)).map((value) => value.trimEnd()));
  }
  await log.close();
  const counts = new Map<string, number>();
  for (const value of kept) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  expect(acknowledged.length).toBeGreaterThan(rounds);
  expect(
    acknowledged.filter((value) => !counts.has(value)),
    `lost, seed ${seed}`,
  ).toEqual([]);
  expect([...counts].filter(([, count]) => count > 1).length, `repeated, seed ${seed}`).toBe(0);
  expect(kept.filter(isBehindALater(kept)), `out of order, seed ${seed}`).toEqual([]);
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
