import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withFileErrors } from '../../pipeline/storage/error.ts';
import { localStore } from '../../pipeline/storage/local.ts';
import { temporaryFolder } from '../support/folder.ts';

it('refuses to list a name that is not UTF-8, which could not be opened', async () => {
  const folder = temporaryFolder('names');
  mkdirSync(join(folder, 'topics'));
  writeFileSync(Buffer.from(`${join(folder, 'topics')}/caf\xe9.json`, 'latin1'), '{}');
  await expect(localStore(folder).list('topics', { recursive: true })).rejects.toThrow(
    /topics: .*caf\ufffd\.json.*UTF-8.*Rename/,
  );
});

it('names the file and the work for whatever the system refuses', async () => {
  const folder = temporaryFolder('refused');
  mkdirSync(join(folder, 'topics'));
  await expect(localStore(folder).read('topics')).rejects.toThrow(
    `Could not read ${folder}/topics: it is a folder.`,
  );
  const work = withFileErrors('write /data/part', () =>
    Promise.reject(
      Object.assign(new Error('ESTALE: stale file handle, write'), { code: 'ESTALE', errno: -116 }),
    ),
  );
  await expect(work).rejects.toThrow('Could not write /data/part: ESTALE: stale file handle, write.');
  await expect(withFileErrors('', () => Promise.reject(new RangeError('a fault')))).rejects.toThrow(
    RangeError,
  );
});
