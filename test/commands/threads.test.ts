import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeLanding } from '../../emulator/landing.ts';
import { runBatch } from '../../pipeline/batch/run.ts';
import { rowsOf } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { readDeltaTable, tablePath } from '../../pipeline/delta/table.ts';
import { queries } from '../../queries/index.ts';
import { suiteFolder } from '../support/folder.ts';
import { runCommand } from '../support/process.ts';

const posts = 60_000;

const folder = suiteFolder('threads');
beforeAll(async () => {
  await writeLanding(folder, { posts, seed: 7, recordsPerFile: 25_000 });
  // Copies one file, as a sink without offsets would land it twice.
  const partition = join(folder, 'topics', 'pin', 'partition=1');
  const [first = ''] = await readdir(partition);
  await copyFile(join(partition, first), join(partition, 'pin+1+0000900000.json'));
});

describe('npm run batch with threads', () => {
  it('gives the answers of a single thread, and a lake of distinct rows', async () => {
    const [json, lake] = [join(folder, 'answers.json'), join(folder, 'lake')];
    const paths = ['--landing', folder, '--lake', lake, '--json', json];
    const options = [...paths, '--report', join(folder, 'report.html')];
    const { status, output, errors } = await runCommand(['batch', ...options]);
    expect(status, errors).toBe(0);
    const single = await runBatch({ landing: folder, datasets, queries });
    expect(single.landing.totals.pin?.repeated).toBeGreaterThan(10_000);
    expect(output).toContain(new Intl.NumberFormat('en').format(single.landing.totals.pin?.repeated ?? 0));
    expect(JSON.parse(await readFile(json, 'utf8'))).toEqual(
      Object.fromEntries(single.answers.map(({ query, table }) => [query.name, rowsOf(table)])),
    );
    for (const { name, keyColumn } of datasets) {
      const { columns, length } = await readDeltaTable(tablePath(lake, 'silver', name));
      expect(length).toBe(posts);
      expect(new Set<unknown>([...(columns[keyColumn] ?? [])]).size).toBe(posts);
    }
  });
});
