import { readdir, readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../pipeline/delta/checkpoint_read.ts';
import { maintainTable } from '../../pipeline/delta/maintain/maintain.ts';
import { removeRows, rowsWith } from '../../pipeline/delta/remove_rows.ts';
import { DeltaTable } from '../../pipeline/delta/table.ts';
import { localStore } from '../../pipeline/storage/local.ts';
import { inFolder } from './delta_tables.ts';
import { named, numbersIn, rows, tableOf, upTo } from './numbered_rows.ts';

const odd = 'Zyxomma Ünal';
const odds = (...numbers: number[]) => named(odd, ...numbers);

/** Makes files as old as so many milliseconds. */
async function age(folder: string, milliseconds: number): Promise<void> {
  const time = (Date.now() - milliseconds) / 1000;
  for (const name of await readdir(folder)) {
    await utimes(join(folder, name), time, time);
  }
}

describe('forgetting the values of removed files', () => {
  /** The files of a log that hold a text, also in the pages of checkpoints. */
  async function logFilesWith(folder: string, text: string): Promise<string[]> {
    const log = join(folder, '_delta_log');
    const found: string[] = [];
    for (const name of (await readdir(log)).sort()) {
      const isCheckpoint = name.endsWith('.parquet');
      const version = Number(name.slice(0, 20));
      const content = isCheckpoint
        ? JSON.stringify(await readCheckpoint(localStore(folder), { version }))
        : await readFile(join(log, name), 'utf8');
      found.push(...(content.includes(text) ? [name] : []));
    }
    return found;
  }

  it('leaves their bounds in no entry and no checkpoint, and every entry as long and as old as it was', () =>
    inFolder(async (folder) => {
      const table = await tableOf(folder, 12);
      await table.append([odds(100)]);
      for (let number = 101; number <= 110; number += 1) {
        await table.append([rows(number)]);
      }
      await removeRows(folder, rowsWith('number', new Set([100])));
      await age(join(folder, '_delta_log'), 60_000);
      const log = join(folder, '_delta_log');
      const entry = join(log, '00000000000000000013.json');
      const before = await stat(entry);
      expect(await logFilesWith(folder, odd)).toEqual([
        '00000000000000000013.json',
        '00000000000000000020.checkpoint.parquet',
      ]);
      await maintainTable(folder, { isDryRun: false, retained: 0 });
      expect(await logFilesWith(folder, odd)).toHaveLength(2);
      const done = await maintainTable(folder, { isDryRun: false, retained: 0, forgets: true });
      expect(done.forgotten).toBeGreaterThan(1);
      expect(await logFilesWith(folder, odd)).toEqual([]);
      const after = await stat(entry);
      expect([after.size, Math.floor(after.mtimeMs)]).toEqual([before.size, Math.floor(before.mtimeMs)]);
      expect((await numbersIn(folder)).sort((a, b) => a - b)).toEqual([
        ...upTo(12),
        ...upTo(10).map((i) => 100 + i),
      ]);
      expect(await maintainTable(folder, { isDryRun: false, retained: 0, forgets: true })).toMatchObject({
        forgotten: 0,
      });
      // The whole log is still read.
      const again = await DeltaTable.open(folder);
      expect((await again.append([rows(200)])).version).toBe(again.version);
    }));

  it('keeps those of files that are there, for readers within the retention', () =>
    inFolder(async (folder) => {
      const table = await tableOf(folder, 2);
      await table.append([odds(100)]);
      await removeRows(folder, rowsWith('number', new Set([100])));
      await maintainTable(folder, { isDryRun: false, forgets: true });
      expect(await logFilesWith(folder, odd)).toEqual(['00000000000000000003.json']);
      expect(await numbersIn(folder, 3)).toEqual([1, 2, 100]);
    }));
});
