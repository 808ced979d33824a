import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { generatePost } from '../../emulator/generator.ts';
import { writeLanding } from '../../emulator/landing.ts';
import { testFolder } from '../support/folder.ts';

const folder = testFolder('landing');

it('lies as the S3 sink lays files out, with each post in each topic', async () => {
  const summary = await writeLanding(folder, { posts: 10, seed: 1, recordsPerFile: 3, partitions: 2 });
  expect((await readdir(join(folder, 'topics', 'pin', 'partition=1'))).sort()).toEqual([
    'pin+1+0000000000.json',
    'pin+1+0000000003.json',
  ]);
  expect(summary).toMatchObject({ files: 12, events: 30 });
  const text = await readFile(join(folder, 'topics/geo/partition=1/geo+1+0000000003.json'), 'utf8');
  expect(text).toBe(`${[7, 9].map((index) => JSON.stringify(generatePost(index, 1).geo)).join('\n')}\n`);
});

it('takes a user prefix, a first post, and files of one record', async () => {
  const options = { posts: 2, firstPost: 5, seed: 1, recordsPerFile: 1, partitions: 1 };
  await writeLanding(folder, { ...options, userPrefix: '0a60b9a8a831' });
  const partition = join(folder, 'topics', '0a60b9a8a831.user', 'partition=0');
  expect((await readdir(partition)).sort()).toEqual([
    '0a60b9a8a831.user+0+0000000000.json',
    '0a60b9a8a831.user+0+0000000001.json',
  ]);
  const text = await readFile(join(partition, '0a60b9a8a831.user+0+0000000001.json'), 'utf8');
  expect(JSON.parse(text)).toEqual(generatePost(6, 1).user);
});
