import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { answersDifference, tablesIn, withFixture } from '../../../infra/tools/preview/answers.ts';
import { tableChanges } from '../../../infra/tools/preview/kinds.ts';
import { sparkChanges } from '../../../infra/tools/preview/spark_code.ts';
import { type Version, versionIn } from '../../../infra/tools/preview/version.ts';
import { suiteFolder } from '../../support/folder.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

describe('a version with another query', () => {
  const folder = suiteFolder('version');
  let before: Version;
  let after: Version;
  beforeAll(async () => {
    for (const name of ['emulator', 'infra', 'pipeline', 'queries', 'package.json', 'tsconfig.json']) {
      cpSync(join(repository, name), join(folder, name), { recursive: true });
    }
    symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
    const query = join(folder, 'queries', 'users_joined_by_year.ts');
    const text = readFileSync(query, 'utf8');
    const changed = text.replaceAll('2020', '2019');
    expect(changed).not.toBe(text);
    writeFileSync(query, changed);
    [before, after] = await Promise.all([versionIn(repository, 'dev'), versionIn(folder, 'dev')]);
  });

  it('loses that year’s answer, and nothing else changes', async () => {
    const differences = await withFixture(async (landing) =>
      answersDifference(await tablesIn(repository, landing), await tablesIn(folder, landing)),
    );
    const changed = differences.filter(
      ({ come, gone, changed }) => come.length + gone.length + changed.length > 0,
    );
    expect(changed.map(({ table, come, gone, changed }) => ({ table, come, gone, changed }))).toEqual([
      {
        table: 'users_joined_by_year',
        come: [],
        gone: [{ join_year: 2020, number_users_joined: expect.any(Number) }],
        changed: [],
      },
    ]);
    expect(tableChanges(before.tables, after.tables, differences)).toEqual([
      {
        table: 'users_joined_by_year',
        kind: 'other values',
        detail: '0 rows come, 1 goes',
        reaches: [],
      },
      {
        table: 'users_joined_by_year',
        kind: 'presentation',
        detail: 'its words or its drawing',
        reaches: [],
      },
    ]);
    expect(before.tables['silver/pin']?.columns.follower_count?.from).toEqual(['pin_raw.follower_count']);
    expect(differences.map(({ table }) => table).slice(0, 3)).toEqual([
      'silver/geo',
      'silver/pin',
      'silver/user',
    ]);
  });

  it('changes the Spark code of that query', async () => {
    const changes = await sparkChanges(before.spark, after.spark);
    expect(changes.map(({ file }) => file)).toEqual([
      'pinterest_batch_data.py',
      'pinterest_live_views.py',
      'pinterest_streaming_data.py',
    ]);
    expect(changes[0]?.diff).toMatch(/^-.*2020/m);
    expect(changes[0]?.diff).toMatch(/^\+.*2019/m);
  });

  it('that has no such stack declares nothing', async () => {
    expect((await versionIn(folder, 'nowhere')).nodes).toEqual([]);
  });
});
