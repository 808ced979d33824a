import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resendSource, UnsentFile, type UnsentPost } from '../../emulator/unsent.ts';
import { testFolder } from '../support/folder.ts';

const { signal } = new AbortController();
const unsent = (ind: number): UnsentPost => ({
  reasons: { geo: 'HTTP 500' },
  post: { geo: { ind, country: null, latitude: 1.5 } },
});

const folder = testFolder('unsent');
const path = join(folder, 'deep', 'unsent.jsonl');

describe('a file of unsent posts', () => {
  it('returns the posts that were kept, and is gone when they are sent', async () => {
    const file = new UnsentFile(path);
    await Promise.all([file.keep([unsent(1), unsent(2)]), file.keep([unsent(3)])]);
    const source = await resendSource(path);
    for (const ind of [1, 2, 3]) {
      expect(await source.next(signal)).toEqual(unsent(ind).post);
    }
    expect(await source.next(signal)).toBeNull();
    await source.finish();
    await source.close();
    expect(await readdir(join(folder, 'deep'))).toEqual([]);
  });

  it('leaves its name to the posts that fail this time', async () => {
    const file = new UnsentFile(path);
    await file.keep([unsent(1), unsent(2)]);
    const source = await resendSource(path);
    await source.next(signal);
    await file.keep([unsent(1)]);
    await file.keep(await source.rest());
    await source.finish();
    await source.close();
    const inds = (await readFile(path, 'utf8')).trim().split('\n');
    expect(inds.map((line) => JSON.parse(line))).toEqual([unsent(1), unsent(2)]);
  });

  it('is read again, with the posts kept since, when sending was cut off', async () => {
    const file = new UnsentFile(path);
    await file.keep([unsent(1)]);
    await (await resendSource(path)).close();
    await file.keep([unsent(2)]);
    const source = await resendSource(path);
    expect(await source.rest()).toEqual([unsent(1), unsent(2)]);
    await source.close();
  });

  it('is refused when it does not exist, or holds something else', async () => {
    await expect(resendSource(path)).rejects.toThrow(`no file of unsent posts at ${path}`);
    const other = join(folder, 'other.jsonl');
    await writeFile(other, '{"a":1}\n');
    const source = await resendSource(other);
    await expect(source.next(signal)).rejects.toThrow('line 1, is not an unsent post');
    await source.close();
  });
});
