import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { generatePost } from '../../emulator/generator.ts';
import { cleanLanding } from '../../pipeline/batch/run.ts';
import { rowsOf } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { listLandingFiles } from '../../pipeline/landing/reader.ts';
import { testFolder } from '../support/folder.ts';
import { land } from '../support/landing.ts';

const landing = testFolder('landing-files');
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${JSON.stringify(generatePost(from + i, 1).pin)}\n`).join('');

/** The keys of the pins below the landing folder, sorted. */
async function keys(): Promise<number[]> {
  const { silver } = await cleanLanding(landing, datasets);
  return rowsOf(silver.pin ?? expect.fail('no pin'))
    .map(({ ind }) => Number(ind))
    .sort((a, b) => a - b);
}
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('the names of landing files', () => {
  it('takes lines of JSON, compressed or not, whatever the case of their endings', async () => {
    const names = ['a.json', 'b.JSON', 'c.jsonl', 'd.ndjson', 'e.json.gz', 'f.JSONL.gz'];
    for (const [i, name] of names.entries()) {
      const content = lines(10 * i, 10 * i + 10);
      await land(
        landing,
        `topics/pin/partition=0/${name}`,
        name.endsWith('.gz') ? gzipSync(content) : content,
      );
    }
    expect(await keys()).toEqual(upTo(60));
  });

  it('names the files that hold no events, or none that are understood', async () => {
    const others = [
      'a.keys.json',
      'b.headers.json',
      'c.headers.json.gz',
      'd.csv',
      'e',
      'f.json.GZ',
      'g.json.bak',
    ];
    for (const name of [...others, '.hidden.json', '_temporary/a.json', 'empty.csv', 'a.json']) {
      await land(landing, `topics/pin/partition=0/${name}`, name === 'empty.csv' ? '' : lines(0, 10));
    }
    const { otherFiles } = await cleanLanding(landing, datasets);
    expect(otherFiles).toEqual(others.map((name) => `topics/pin/partition=0/${name}`));
    expect(await keys()).toEqual(upTo(10));
  });

  it('says what else there is where there is no landing file', async () => {
    await land(landing, 'topics/pin/partition=0/a.parquet', 'PAR1');
    await expect(keys()).rejects.toThrow('1 others are not read, such as topics/pin/partition=0/a.parquet.');
  });
});

describe('a compressed landing file', () => {
  it('may have several members, and a line that none of them ends', async () => {
    const members = [lines(0, 3), lines(3, 7).slice(0, 100), lines(3, 7).slice(100), lines(7, 9).trimEnd()];
    await land(
      landing,
      'topics/pin/partition=0/a.json.gz',
      Buffer.concat(members.map((one) => gzipSync(one))),
    );
    expect(await keys()).toEqual(upTo(9));
  });

  it('is read whole where a plain one would be split among threads, and its repeats are found', async () => {
    const content = lines(0, 2000);
    await land(landing, 'topics/pin/partition=0/a.json.gz', gzipSync(content + lines(500, 600)));
    const { totals } = await cleanLanding(landing, datasets);
    expect(totals.pin).toMatchObject({ read: 2100, kept: 2000, repeated: 100 });
  });

  it('is named when it is damaged, and the others are read all the same', async () => {
    await land(landing, 'topics/pin/partition=0/a.json', lines(0, 5));
    await land(landing, 'topics/pin/partition=0/b.json.gz', gzipSync(lines(5, 10)).subarray(0, 40));
    const { unreadable } = await cleanLanding(landing, datasets);
    expect(unreadable.map(({ error }) => error.message)).toEqual([
      'topics/pin/partition=0/b.json.gz cannot be unpacked with gzip: unexpected end of file',
    ]);
    expect(await keys()).toEqual(upTo(5));
  });
});

describe('symbolic links below topics/', () => {
  it('are followed, to files and to folders', async () => {
    await land(landing, 'elsewhere/partition=0/a.json', lines(0, 5));
    await land(landing, 'one.json', lines(5, 8));
    await mkdir(join(landing, 'topics', 'pin'), { recursive: true });
    await symlink(join(landing, 'elsewhere'), join(landing, 'topics', 'pin', 'linked'));
    await symlink('../../one.json', join(landing, 'topics', 'pin', 'b.json'));
    // Editors leave such links as locks.
    await symlink('user@host.1234', join(landing, 'topics', 'pin', '.#b.json'));
    expect((await listLandingFiles(landing)).files.map(({ path }) => path)).toEqual([
      'topics/pin/b.json',
      'topics/pin/linked/partition=0/a.json',
    ]);
    expect(await keys()).toEqual(upTo(8));
    await rm(join(landing, 'topics'), { recursive: true });
    await mkdir(join(landing, 'topics'));
    await symlink(join(landing, 'elsewhere'), join(landing, 'topics', 'pin'));
    expect(await keys()).toEqual(upTo(5));
  });

  it('are listed beside nothing but files and folders: a pipe would keep its reader waiting for ever', async () => {
    await land(landing, 'topics/pin/partition=0/a.json', lines(0, 5));
    const pipe = join(landing, 'topics', 'pin', 'partition=0', 'b.json');
    execFileSync('mkfifo', [pipe]);
    await expect(keys()).rejects.toThrow('b.json is a pipe, socket or device. Remove it.');
    await rm(pipe);
    execFileSync('mkfifo', [join(landing, 'topics', 'pin', 'partition=0', '.hidden.json')]);
    expect(await keys()).toEqual(upTo(5));
  });

  it('are refused when they lead to a folder that they are in, or to nothing', async () => {
    await land(landing, 'topics/pin/partition=0/a.json', lines(0, 5));
    await land(landing, 'elsewhere/a.json', lines(5, 6));
    await symlink(join(landing, 'elsewhere'), join(landing, 'topics', 'pin', 'there'));
    await symlink(join(landing, 'topics', 'pin'), join(landing, 'elsewhere', 'back'));
    await expect(keys()).rejects.toThrow('which it is in itself: remove it.');
    await rm(join(landing, 'elsewhere', 'back'));
    await symlink(join(landing, 'nowhere'), join(landing, 'topics', 'pin', 'lost.json'));
    await expect(keys()).rejects.toThrow('lost.json is a link to nothing');
    await rm(join(landing, 'topics', 'pin', 'lost.json'));
    await writeFile(join(landing, 'elsewhere', 'b.json'), lines(6, 7));
    expect(await keys()).toEqual(upTo(7));
  });
});
