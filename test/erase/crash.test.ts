/** An erasure that is killed at any write to the disk: the next one, or the next batch, comes to the same. */
import { expect, it } from 'vitest';
import { findErasedLines } from '../../pipeline/erase/landing_lines.ts';
import { readErasures } from '../../pipeline/erasures.ts';
import { rowsOfLake } from '../batch/lakes.ts';
import { testFolder } from '../support/folder.ts';
import { killedAt } from '../support/killed_disk.ts';
import { Choices } from '../support/random.ts';
import { ErasedLake, randomLines } from './lakes.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
/** More of them with KILLS. */
const kills = Number(process.env.KILLS ?? 5);
const folder = testFolder('erase-crash');

it(`killed at any write, goes on (SEED=${seed})`, { timeout: 240_000 }, async () => {
  const choices = new Choices(seed);
  const world = new ErasedLake(folder);
  const post = async () => {
    for (const dataset of ['pin', 'geo', 'user']) {
      await world.post(dataset, [...randomLines(choices, dataset), ...randomLines(choices, dataset)]);
    }
    await world.batch();
  };
  await post();
  let writes = 80;
  for (let kill = 0; kill < kills; kill += 1) {
    await post();
    await world.commitErasure([1 + choices.below(9)], choices.oneIn(2));
    writes = Math.max(writes, await killedAt(1 + choices.below(writes), () => world.carryOut()));
    if (choices.oneIn(2)) {
      await world.batch();
      expect(await rowsOfLake(world.lake)).toEqual(await world.expected());
    }
    await world.carryOut();
    expect(await rowsOfLake(world.lake)).toEqual(await world.expected());
    const { landing, datasets, lake } = world.places;
    expect(await findErasedLines(landing, datasets, await readErasures(lake))).toEqual({
      files: [],
      unreadable: [],
    });
  }
});
