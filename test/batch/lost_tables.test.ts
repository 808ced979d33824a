/** A lake that has lost a table, whose record is then not believed; and what a run says of the values that it read. */
import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import { pin } from '../../pipeline/datasets/index.ts';
import { DeltaTable, overwriteDeltaTable, readDeltaTable } from '../../pipeline/delta/table.ts';
import { printedBatch } from '../../pipeline/ui/batch_outputs.ts';
import { testFolder } from '../support/folder.ts';
import { land } from '../support/landing.ts';
import { expectLakeOf, files, landFirst, recordOf } from './lakes.ts';
import { runInto } from './run_into.ts';

const folder = testFolder('batch-lost-tables');
const landing = join(folder, 'landing');
const lake = join(folder, 'lake');

describe('a lake that has lost a table', () => {
  const remove = (path: string) => rm(join(lake, path), { recursive: true });
  const removeLog = async (path: string) => {
    for (const name of await readdir(join(lake, path, '_delta_log'))) {
      await rm(join(lake, path, '_delta_log', name));
    }
  };
  /** As a backup of an earlier day leaves it. */
  const restoreOlder = async (path: string) => {
    await cp(join(folder, 'backup', path), join(lake, path), { recursive: true, force: true });
    for (const version of [1, 2]) {
      await rm(join(lake, path, '_delta_log', `${String(version).padStart(20, '0')}.json`), { force: true });
    }
  };
  const losses = { 'is removed': remove, 'has no log any more': removeLog, 'is older': restoreOlder };

  it.each(
    Object.entries(losses).flatMap(([loss, lose]) =>
      ['silver/pin', 'quarantine/pin', 'silver/geo'].map((path) => ({ loss, path, lose })),
    ),
  )('reads its files again when $path $loss', async ({ path, lose }) => {
    await landFirst(landing);
    await runInto(lake, landing);
    await cp(lake, join(folder, 'backup'), { recursive: true });
    await land(landing, files.pin1, ['{"index":2}', 'more']);
    await land(landing, 'topics/a.geo/partition=0/a.geo+0+0000000009.json', ['{"ind":2}', 'more']);
    await runInto(lake, landing);
    await lose(path);
    const { landing: read } = await runInto(lake, landing);
    expect(read.files).toBe(2);
    await expectLakeOf(lake, landing);
    // Once is enough.
    expect((await runInto(lake, landing)).landing).toMatchObject({ files: 0 });
  });

  it('reads its files again when another table has taken the place', async () => {
    await landFirst(landing);
    await runInto(lake, landing);
    await remove('silver/pin');
    // As an older release leaves it, which believed the record.
    await DeltaTable.create(join(lake, 'silver/pin'), pin.cleaning.schema);
    expect((await runInto(lake, landing)).landing.files).toBe(1);
    await expectLakeOf(lake, landing);
  });

  it('is not touched when files are gone that have to be read again', async () => {
    await landFirst(landing);
    await runInto(lake, landing);
    await remove('silver/pin');
    await rm(join(landing, files.pin0));
    await expect(runInto(lake, landing)).rejects.toThrow(
      /The table silver\/pin of the lake is gone, .* 1 of the files that were read no longer exist, the first topics\/pin/,
    );
    expect(await recordOf(lake)).toHaveLength(3);
  });

  it('believes a record without tables, as the notebook and older releases write it, and completes it', async () => {
    await landFirst(landing);
    await runInto(lake, landing);
    const record = await readDeltaTable(join(lake, 'files_read'));
    const lines = rowsOf(record).filter(({ dataset }) => !String(dataset).includes('/'));
    await overwriteDeltaTable(join(lake, 'files_read'), tableOfRows(record.schema, lines));
    expect((await runInto(lake, landing)).landing).toMatchObject({ files: 0, filesBefore: 3 });
    const noted = rowsOf(await readDeltaTable(join(lake, 'files_read')));
    expect(noted.map(({ dataset }) => dataset)).toContain('silver/pin');
    await remove('silver/pin');
    expect((await runInto(lake, landing)).landing.files).toBe(1);
    await expectLakeOf(lake, landing);
  });
});

describe('values that a rule makes null', () => {
  it('are counted once for each event read, also where its row is a duplicate', async () => {
    const lines = [
      '{"index":1,"follower_count":"many"}',
      '{"index":1,"follower_count":"many"}',
      '{"index":2}',
    ];
    await land(landing, files.pin0, lines);
    const { landing: read, answers } = await runInto(lake, landing);
    expect(read.totals.pin).toMatchObject({
      repeated: 1,
      nulled: { 'follower_count = follower_count(follower_count)': 2 },
    });
    const printed = printedBatch({ landing: read, answers, seconds: 1 });
    expect(printed).toContain('pin: 2 values made null by follower_count = follower_count(follower_count)\n');
  });

  it('add up over the parts in which a file is read', async () => {
    const title = 'x'.repeat(2 ** 20);
    const lines = Array.from({ length: 32 }, (_, index) =>
      JSON.stringify({ index, title, follower_count: 'many' }),
    );
    await land(landing, files.pin0, lines);
    const { landing: read } = await runInto(lake, landing);
    expect(read.totals.pin).toMatchObject({
      nulled: { 'follower_count = follower_count(follower_count)': 32 },
    });
  });
});
