import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import { DeltaTable, readDeltaTable } from '../../pipeline/delta/table.ts';
import { inFolder } from '../delta/delta_tables.ts';
import { runCommand } from '../support/process.ts';

const schema = { number: 'bigint' } as const;

const maintain = (...options: readonly string[]) => runCommand(['maintain', ...options]);

async function tableOf(folder: string, count: number): Promise<void> {
  const table = await DeltaTable.create(folder, schema);
  for (let number = 1; number <= count; number += 1) {
    await table.append([tableOfRows(schema, [{ number }])]);
  }
}

describe('npm run maintain', () => {
  it('says what it would do, and does it', () =>
    inFolder(async (lake) => {
      const silver = join(lake, 'silver', 'pin');
      await tableOf(silver, 3);
      await tableOf(join(lake, 'stream', 'gold', 'answer'), 1);
      const planned = await maintain('--lake', lake, '--dry-run');
      expect(planned).toMatchObject({ status: 0, errors: '' });
      expect(planned.output).toBe(
        `${silver}: 3 small files (0.0 MB) would be compacted into 1\n` +
          `${join(lake, 'stream', 'gold', 'answer')}: nothing to do\n`,
      );
      const done = await maintain('--lake', lake, '--retain', '0');
      expect(done).toMatchObject({ status: 0, errors: '' });
      expect(done.output).toContain('3 small files (0.0 MB) compacted into 1, 3 files (0.0 MB) removed\n');
      expect(rowsOf(await readDeltaTable(silver))).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }]);
    }));

  it('goes on with other tables when one is damaged, and fails', () =>
    inFolder(async (lake) => {
      await mkdir(join(lake, 'gold', 'a', '_delta_log'), { recursive: true });
      await writeFile(join(lake, 'gold', 'a', '_delta_log', '00000000000000000000.json'), '{"met');
      await tableOf(join(lake, 'gold', 'b'), 2);
      const { status, output, errors } = await maintain('--lake', lake);
      expect(status).toBe(1);
      expect(output).toContain('2 small files');
      expect(errors).toMatch(/gold.a: Line 1 of the log entry .* is damaged/);
      expect(errors).toContain('1 of 2 tables could not be maintained.');
    }));

  it('says that there is no table', () =>
    inFolder(async (lake) => {
      expect(await maintain('--lake', lake)).toMatchObject({
        status: 1,
        errors: `maintain: There is no Delta table below ${lake}.\n`,
      });
      expect(await maintain('--lake', lake, '--retain', '-1')).toMatchObject({ status: 2 });
    }));
});
