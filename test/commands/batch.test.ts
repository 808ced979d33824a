import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeLanding } from '../../emulator/landing.ts';
import { queries } from '../../queries/index.ts';
import { testFolder } from '../support/folder.ts';
import { land as landFile } from '../support/landing.ts';
import { runCommand } from '../support/process.ts';

const folder = testFolder('batch-command');

/** Runs the command in an empty folder. */
const batch = (options: string) => runCommand(`batch ${options}`, { cwd: folder });

const land = (path: string, content: string | Uint8Array) => landFile(join(folder, 'landing'), path, content);
const pinFile = 'topics/pin/partition=0/pin+0+0000000000.json';

describe('npm run batch', () => {
  it('answers from landing files of one record each, under a user prefix too', async () => {
    await writeLanding(join(folder, 'landing'), {
      posts: 40,
      seed: 1,
      recordsPerFile: 1,
      userPrefix: '0a60b9a8a831',
    });
    const { output, errors, status } = await batch('--landing landing --lake lake --json out/answers.json');
    expect({ errors: errors.replace(/^(Reading|Writing).*\n/gm, ''), status }).toEqual({
      errors: '',
      status: 0,
    });
    expect(output).toContain('Which category is posted most in each country?');
    expect(output).toContain('Read from 120 landing files');
    const answers: unknown = JSON.parse(await readFile(join(folder, 'out', 'answers.json'), 'utf8'));
    expect(Object.keys(answers ?? {})).toEqual(queries.map(({ name }) => name));
    expect(await readFile(join(folder, 'data', 'report', 'index.html'), 'utf8')).toContain('<!doctype html>');
  });

  it('answers what is good of a file that is cut off, of rubbish, and of a line of 20 MB', async () => {
    const good = '{"index":1,"category":"art"}\n';
    await land(pinFile, `${good}{"index":2,"category":"tra`);
    await land('topics/geo/partition=0/geo+0+0000000000.json', '{"ind":1,"country":"Peru"}\n');
    await land(
      'topics/user/partition=0/user+0+0000000000.json',
      Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256),
    );
    await land(
      'topics/pin/partition=0/pin+0+0000000002.json',
      `{"index":3,"title":"${'x'.repeat(20_000_000)}"}\n`,
    );
    await land('topics/likes/partition=0/likes+0+0000000000.json', '{}\n');
    const { output, status } = await batch('--landing landing --lake lake --json answers.json');
    expect(status).toBe(0);
    expect(output).toMatch(/pin +3 +1 +0 +2 +0/);
    expect(output).toContain('likes belongs to no dataset');
    expect(JSON.parse(await readFile(join(folder, 'answers.json'), 'utf8'))).toMatchObject({
      most_popular_category_by_country: [{ country: 'Peru', category: 'art', category_count: 1 }],
    });
  });

  it('says what is wrong with the landing folder', async () => {
    const nowhere = await batch('--landing nowhere');
    expect(nowhere).toMatchObject({ status: 1, output: '' });
    expect(nowhere.errors).toContain('There are no landing files in nowhere: it must hold a folder "topics"');
    await mkdir(join(folder, 'landing', 'topics'), { recursive: true });
    const empty = await batch('--landing landing');
    expect(empty).toMatchObject({ status: 1, output: '' });
    expect(empty.errors).toContain('they are named like topics/pin/partition=0/pin+0+0000000000.json');
  });

  it('refuses to write answers and report to one file', async () => {
    await land(pinFile, '{"index":1}\n');
    const refused = await batch('--landing landing --json out/page.html --report ./out/page.html');
    expect(refused).toMatchObject({ status: 2, output: '' });
    expect(refused.errors).toContain('--json and --report both name ./out/page.html');
  });

  it('reads only new files into a lake that it has written, and tells what was known', async () => {
    await land(pinFile, '{"index":1,"category":"art"}\nrubbish\n');
    await land('topics/geo/partition=0/geo+0+0000000000.json', '{"ind":1,"country":"Peru"}\n');
    const options = '--landing landing --lake lake --json answers.json';
    expect((await batch(options)).output).toMatch(/Read from 2 landing files in [0-9.]+ s$/m);
    await land('topics/pin/partition=0/pin+0+0000000002.json', '{"index":1,"category":"travel"}\n');
    const { output, status } = await batch(options);
    expect(status).toBe(0);
    expect(output).toMatch(/Read from 1 landing files in [0-9.]+ s; 2 were read before$/m);
    expect(output).toMatch(/pin +1 +1 +0 +0 +0 +0 +1/);
    expect(output).toMatch(/geo +0 +0 +0 +0 +0 +0 +1/);
    expect(JSON.parse(await readFile(join(folder, 'answers.json'), 'utf8'))).toMatchObject({
      most_popular_category_by_country: [{ country: 'Peru', category: 'art', category_count: 1 }],
    });
    expect(await readFile(join(folder, 'data', 'report', 'index.html'), 'utf8')).toContain(
      '<div><dt>Files read before</dt><dd>2</dd></div>',
    );
  });

  it('says at once that the lake cannot be used', async () => {
    await land(pinFile, '{"index":1}\n');
    await writeFile(join(folder, 'lake'), 'a file stands here');
    const { output, errors, status } = await batch('--landing landing --lake lake');
    expect({ status, output }).toEqual({ status: 1, output: '' });
    expect(errors).toMatch(/lake.*a part of the path is a file, not a folder/);
  });

  it('refuses options that it does not know', async () => {
    const { errors, status } = await batch('--landin x');
    expect(status).toBe(2);
    expect(errors).toContain('--landin');
    expect(errors).toContain('--landing DIR');
  });
});
