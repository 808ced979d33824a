import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { writeLanding } from '../../../emulator/landing.ts';
import { KeptRuns, landingDigest } from '../../../infra/tools/preview/kept_runs.ts';
import { testFolder } from '../../support/folder.ts';

const folder = testFolder('kept-runs');

it('makes a result once for each key, and keeps those of the last twenty', async () => {
  const runs = new KeptRuns(join(folder, 'runs'));
  let made = 0;
  const get = (...key: unknown[]) =>
    runs.get(key, z.number(), async () => {
      made += 1;
      return made;
    });
  expect([await get('a'), await get('a'), await get('b'), await get('a')]).toEqual([1, 1, 2, 1]);
  for (let key = 0; key < 25; key += 1) {
    await get(key);
  }
  expect(readdirSync(join(folder, 'runs'))).toHaveLength(20);
});

it('keeps nothing of a run that fails', async () => {
  const runs = new KeptRuns(join(folder, 'runs'));
  const fails = runs.get(['a'], z.number(), () => Promise.reject(new Error('no')));
  await expect(fails).rejects.toThrow('no');
  expect(await runs.get(['a'], z.number(), async () => 5)).toBe(5);
});

it('tells landing files apart by what is in them', async () => {
  const digest = async (name: string, seed: number) => {
    await writeLanding(join(folder, name), { posts: 10, seed });
    return landingDigest(join(folder, name));
  };
  const first = await digest('first', 1);
  expect(await digest('again', 1)).toBe(first);
  expect(await digest('other', 2)).not.toBe(first);
});
