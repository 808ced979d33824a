/** Searching for what is left of erased posts. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { datasets } from '../../pipeline/datasets/index.ts';
import { maintainTable, tablesBelow } from '../../pipeline/delta/maintain/maintain.ts';
import { verifyErased } from '../../pipeline/erase/verify/verify.ts';
import { readErasures } from '../../pipeline/erasures.ts';
import { testFolder } from '../support/folder.ts';
import { ErasedLake } from './lakes.ts';

const folder = testFolder('erase-verify');
const name = 'Zyxömma "Ünal"';

it('finds every copy, tells until when it stays, and finds none after maintaining', async () => {
  const world = new ErasedLake(folder);
  const pins = [1, 2].map((key) => ({
    key,
    text: JSON.stringify({ index: key, poster_name: key === 2 ? name : 'a', follower_count: `${key}k` }),
  }));
  await world.post('pin', [...pins, { key: 2, text: '{"index":2,"title' }]);
  await world.post(
    'geo',
    [1, 2].map((key) => ({ key, text: JSON.stringify({ ind: key, country: 'Peru' }) })),
  );
  await world.post(
    'user',
    [1, 2].map((key) => ({ key, text: JSON.stringify({ ind: key, age: 20 }) })),
    true,
  );
  await world.batch();
  const { lake, landing } = world;
  const checkpoints = join(folder, 'checkpoints');
  const search = async () => {
    const places = { lake, landing, checkpoints, datasets };
    const { copies, unreadable } = await verifyErased(places, await readErasures(lake), [name]);
    expect(unreadable).toEqual([]);
    return copies.map(({ file, traces, until }) => ({
      file: file.replace(/part-.*/, 'part').replace(/[0-9]{20}/, 'entry'),
      traces,
      until: until.replace(/after [0-9TZ:.-]+/, 'after TIME'),
    }));
  };
  await world.commitErasure([2]);
  const before = await search();
  expect(before.map(({ file }) => file).sort()).toEqual(
    [
      'gold/country_with_top_user/_delta_log/entry.json',
      'gold/country_with_top_user/part',
      'gold/top_user_by_country/_delta_log/entry.json',
      'gold/top_user_by_country/part',
      'quarantine/pin/_delta_log/entry.json',
      'quarantine/pin/part',
      ...datasets.flatMap(({ name: dataset }) => [
        `silver/${dataset}/_delta_log/entry.json`,
        `silver/${dataset}/part`,
      ]),
      'topics/geo/partition=0/geo+0+0000001000.json',
      'topics/pin/partition=0/pin+0+0000000000.json',
      'topics/user/partition=0/user+0+0000002000.json.gz',
    ].sort(),
  );
  const silver = before.find(({ file }) => file === 'silver/pin/part');
  expect(silver).toMatchObject({
    traces: ['key', 'value'],
    until: 'it is part of the table: run the erasure again',
  });

  await world.carryOut();
  const after = await search();
  expect(new Set(after.map(({ until }) => until))).toEqual(
    new Set([
      'an older version has it: `npm run maintain` removes it after TIME, or with --retain 0 now',
      'the log forgets it when `npm run maintain` has removed the data files that it tells of',
    ]),
  );
  expect(after.some(({ file }) => file.startsWith('topics/'))).toBe(false);

  for (const table of await tablesBelow(lake)) {
    await maintainTable(table, { isDryRun: false, retained: 0, forgets: true });
  }
  expect(await search()).toEqual([]);

  await mkdir(checkpoints);
  await writeFile(join(checkpoints, 'a'), gzipSync(`{"a":${JSON.stringify(JSON.stringify({ name }))}}`));
  await writeFile(join(landing, 'topics', 'pin', 'b.csv'), '\n{"index": 2}');
  await writeFile(join(lake, 'silver', 'pin', 'c.bin'), 'Zyx\\u00f6mma \\"\\u00dcnal\\"');
  expect((await search()).map(({ file, traces }) => [file, traces])).toEqual([
    ['silver/pin/c.bin', ['value']],
    ['topics/pin/b.csv', ['key']],
    ['a', ['value']],
  ]);
});
