import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../pipeline/columns/table.ts';
import { readDeltaTable } from '../../pipeline/delta/table.ts';
import { rowsOfLake } from '../batch/lakes.ts';
import { ErasedLake } from '../erase/lakes.ts';
import { temporaryFolder } from '../support/folder.ts';
import { runCommand } from '../support/process.ts';

describe('npm run erase', () => {
  it('says what would go, asks for --yes, erases, and says what else holds copies', async () => {
    const world = new ErasedLake(temporaryFolder('erase'));
    const { lake, landing } = world;
    const post = (dataset: string, ...events: { ind: number }[]) =>
      world.post(
        dataset,
        events.map((event) => ({ key: event.ind, text: JSON.stringify(event) })),
      );
    await world.post(
      'pin',
      [1, 2, 3].map((index) => ({ key: index, text: JSON.stringify({ index, category: 'art' }) })),
    );
    await post('geo', { ind: 1 }, { ind: 2 }, { ind: 3 });
    const names = [{ first_name: 'Ŧhiago', last_name: 'Ünal' }, { first_name: 'Ŧhiago' }];
    await post('user', { ind: 1, ...names[0] }, { ind: 2, ...names[0] }, { ind: 3, ...names[1] });
    await world.batch();
    const places = ['--lake', lake, '--landing', landing];
    const erase = (...options: string[]) => runCommand(['erase', ...places, ...options]);

    expect(await erase()).toMatchObject({ status: 2, errors: expect.stringContaining('Nothing was erased') });
    expect(await erase('--key', '1,x', '--yes')).toMatchObject({
      status: 2,
      errors: expect.stringContaining('"x" is no key'),
    });
    const nobody = await erase('--person', 'Nobody', '--yes');
    expect(nobody.errors).toContain('Nobody is called "Nobody" in silver');
    const before = await rowsOfLake(lake);
    const planned = await erase('--person', 'Ŧhiago Ünal', '--dry-run');
    expect(planned).toMatchObject({ status: 0, errors: '' });
    expect(planned.output).toContain('2 posts: these rows would go');
    expect(planned.output).toMatch(/silver\/user +2 +1\n/);
    expect(planned.output).toMatch(/landing topics\/pin +2 +1\n/);
    const unsure = await erase('--key', '2');
    expect(unsure).toMatchObject({ status: 2, errors: expect.stringContaining('Give --yes, or --dry-run') });
    expect(await rowsOfLake(lake)).toEqual(before);

    await writeFile(join(landing, 'keys.txt'), '2\n1\n');
    const json = join(landing, 'erased.json');
    const done = await erase(
      '--keys',
      join(landing, 'keys.txt'),
      '--yes',
      '--reason',
      'asked for',
      '--json',
      json,
    );
    expect(done).toMatchObject({ status: 0, errors: '' });
    expect(done.output).toContain('until its retention ends');
    expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({ dryRun: false, keys: [2, 1] });
    const erasures = rowsOf(await readDeltaTable(join(lake, 'erasures')));
    expect(erasures.map(({ ind, reason, returns }) => [ind, reason, returns])).toEqual([
      [2, 'asked for', false],
      [1, 'asked for', false],
    ]);
    expect((await rowsOfLake(lake))['silver/user']).toEqual(['[3,"Ŧhiago",null,null]']);

    const found = await erase('--verify', '--value', 'Ŧhiago Ünal');
    expect(found).toMatchObject({
      status: 1,
      errors: expect.stringMatching(/[0-9]+ files hold copies, and 0 could not/),
    });
    expect((await runCommand(['maintain', '--lake', lake, '--retain', '0'])).output).toContain('forgotten');
    const none = await erase('--verify', '--value', 'Ŧhiago Ünal');
    expect(none).toMatchObject({ status: 0, errors: '', output: expect.stringContaining('0 hold copies') });
    expect(await erase('--value', 'x')).toMatchObject({
      status: 2,
      errors: expect.stringContaining('--value needs --verify'),
    });
  }, 120_000);
});
