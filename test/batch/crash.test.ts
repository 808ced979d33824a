/** A run that is killed, and run again: the lake holds the same as if nothing had happened. */
import { appendFile, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { pin, user } from '../../pipeline/datasets/index.ts';
import { testFolder } from '../support/folder.ts';
import { killAt } from '../support/kill.ts';
import { land } from '../support/landing.ts';
import { type NodeProcess, startProgram } from '../support/process.ts';
import { Choices } from '../support/random.ts';
import { changedGeo, expectLakeOf, files, landFirst, recordOf } from './lakes.ts';
import { runInto } from './run_into.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

const folder = testFolder('batch-crash');
const landing = join(folder, 'landing');
/** A lake that has read the first files; more have landed since, and one has changed. */
const begun = join(folder, 'begun');
let lakes = 0;
beforeEach(async () => {
  await landFirst(landing);
  await runInto(begun, landing);
  await land(landing, files.pin1, ['{"index":1,"category":"art","poster_name":"a"}', '{"index":2}', 'more']);
  await appendFile(join(landing, files.user0), '{"ind":9,"first_name":"x"}\nbad\n');
});

/** A lake of its own, like `begun` or empty. */
async function newLake(like?: string): Promise<string> {
  lakes += 1;
  const lake = join(folder, `lake-${lakes}`);
  if (like !== undefined) {
    await cp(like, lake, { recursive: true });
  }
  return lake;
}

function startRun(lake: string, step = ''): NodeProcess {
  return startProgram('test/batch/crash_child.ts', landing, lake, step);
}

/** The writes of a run, in order: the record, two layers of three datasets, nine answers, the record. */
const [silver, gold, all] = [1 + 6, 1 + 6 + 9, 1 + 6 + 9 + 1];

class Stopped extends Error {}

const stoppedAfter = (step: number) => (written: number) => {
  if (written === step) {
    throw new Stopped();
  }
};

describe(`a run that is killed (SEED=${seed})`, { timeout: 240_000 }, () => {
  it('after a table that it writes, and run again, comes to the same', async () => {
    for (const step of [1, 4, silver, gold, all]) {
      const lake = await newLake(begun);
      const { signal } = await startRun(lake, String(step)).ended;
      expect({ step, signal }).toEqual({ step, signal: 'SIGKILL' });
      await runInto(lake, landing);
      await expectLakeOf(lake, landing);
      expect(await recordOf(lake)).toEqual(Object.values(files).sort());
    }
  });

  it('at any moment, again and again, comes to the same', async () => {
    const lake = await newLake();
    const whole = startRun(await newLake());
    await whole.says('started');
    const start = performance.now();
    expect(await whole.ended).toMatchObject({ status: 0 });
    const milliseconds = performance.now() - start;
    const choices = new Choices(seed);
    for (let time = 0; time < 10; time += 1) {
      const run = startRun(lake);
      await killAt(1, run, (moment) => {
        // The moment is what is tried out here; nothing waits for it.
        const killing = run
          .says('started')
          .then(() => pause((milliseconds * choices.below(1000)) / 1000))
          .then(() => moment('running'));
        return () => killing;
      });
      await land(landing, `topics/geo/partition=3/geo+3+000000000${time}.json`, [
        `{"ind":${time},"country":"c"}`,
        `bad ${time}`,
      ]);
    }
    await runInto(lake, landing);
    await expectLakeOf(lake, landing);
  });

  it('and whose rules change before the next, leaves no row of the old ones', async () => {
    const other = { datasets: [pin, changedGeo, user] };
    for (const like of [undefined, begun]) {
      for (let step = 1; step <= silver + 1; step += 1) {
        const lake = await newLake(like);
        const killed = runInto(lake, landing, { ...other, onTable: stoppedAfter(step) });
        await expect(killed).rejects.toBeInstanceOf(Stopped);
        await runInto(lake, landing);
        await expectLakeOf(lake, landing);
        expect(await recordOf(lake)).toEqual(Object.values(files).sort());
      }
    }
  });
});
