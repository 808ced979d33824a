import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeLanding } from '../../../emulator/landing.ts';
import { landedFiles, readAgain, readAgainInWords } from '../../../infra/tools/preview/read_again.ts';
import { emptyVersion, type Version } from '../../../infra/tools/preview/version.ts';
import { runBatch } from '../../../pipeline/batch/run.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { testFolder } from '../../support/folder.ts';

function version(rules: Readonly<Record<string, string | undefined>>, given: Partial<Version> = {}): Version {
  const tables = Object.entries(rules).map(([name, fingerprint]) => [
    `silver/${name}`,
    { columns: {}, rows: [], presentation: null, rules: fingerprint },
  ]);
  return { ...emptyVersion, tables: Object.fromEntries(tables), ...given };
}

describe('what is read again', () => {
  it('is each dataset whose rules differ, and none that is new, gone or does not tell them', () => {
    const before = version({ same: 'a', other: 'a', gone: 'a', untold: undefined });
    const after = version({ same: 'a', other: 'b', new: 'a', untold: 'b' });
    expect(readAgain(before, after).map(({ dataset }) => dataset)).toEqual(['other']);
  });

  it('says for how long the bucket keeps landing files, and the remedy', () => {
    const lifecycle = { landingDays: 30, bronzeDays: null, oldVersionDays: 7 };
    const [again] = readAgain(version({ pin: 'a' }), version({ pin: 'b' }, { lifecycle }));
    const words = again && readAgainInWords(again);
    expect(words).toContain('the next batch reads all landing files of pin again');
    expect(words).toContain(
      'after 30 days (lake.landingDays), and keeps them as old versions for 7 days more',
    );
    expect(words).toContain('move silver/pin, quarantine/pin and files_read of the lake away');
    const forEver = again && { ...again, lifecycle: { ...lifecycle, landingDays: null } };
    const kept = again && { ...again, lifecycle: { ...lifecycle, bronzeDays: 400 } };
    expect(kept && readAgainInWords(kept)).toContain(
      'Their lines are in bronze for 400 days (lake.bronzeDays), and are read there. A lake that has read files which are gone and not in bronze refuses',
    );
    expect(forEver && readAgainInWords(forEver)).toContain('The bucket deletes no landing file.');
  });

  const folder = testFolder('read-again');

  it('counts the files of a data folder and their bytes, and names those that its lake has read and that are gone', async () => {
    const { bytes } = await writeLanding(folder, { posts: 30, seed: 1, recordsPerFile: 5 });
    await runBatch({ landing: folder, lake: folder, datasets, queries: [] });
    const names = datasets.map(({ name }) => name);
    const all = await landedFiles(folder, names);
    expect(all.map(({ dataset, files, gone }) => [dataset, files, gone])).toEqual([
      ['pin', 6, []],
      ['geo', 6, []],
      ['user', 6, []],
    ]);
    expect(all.reduce((sum, one) => sum + one.bytes, 0)).toBe(bytes);

    rmSync(join(folder, 'topics', 'pin', 'partition=1'), { recursive: true });
    const landed = await landedFiles(folder, names);
    const [again] = readAgain(version({ pin: 'a' }), version({ pin: 'b' }), landed);
    expect(again?.landed?.gone.map(({ path }) => path)).toEqual([
      'topics/pin/partition=1/pin+1+0000000000.json',
      'topics/pin/partition=1/pin+1+0000000005.json',
    ]);
    expect(again && readAgainInWords(again)).toMatch(
      /reads 4 landing files of pin \(.* kB\) again\. The lake has read 2 files that are gone \(.* kB; the first is topics\/pin\/partition=1\/pin\+1\+0000000000\.json\), so it refuses the new rules: bring those files back first/,
    );
  });

  it('says which files that are gone are read from bronze', async () => {
    await writeLanding(folder, { posts: 30, seed: 1, recordsPerFile: 5 });
    await runBatch({ landing: folder, lake: folder, bronze: true, datasets, queries: [] });
    rmSync(join(folder, 'topics', 'pin', 'partition=1'), { recursive: true });
    const landed = await landedFiles(folder, ['pin']);
    expect(landed).toMatchObject([{ files: 4, inBronze: { files: 2 }, gone: [] }]);
    const [again] = readAgain(version({ pin: 'a' }), version({ pin: 'b' }), landed);
    expect(again && readAgainInWords(again)).toMatch(
      /Of 2 files more that are gone \(.* kB\), it reads the lines in bronze\/pin\. A lake that has read files which are gone and not in bronze refuses/,
    );
  });
});
