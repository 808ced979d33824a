import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
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
