/** A lake that is kept by runs of the batch way: each reads what is new, and the lake holds what one reading gives. */
import { rmSync } from 'node:fs';
import { appendFile, mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../pipeline/columns/table.ts';
import { datasets, pin, user } from '../../pipeline/datasets/index.ts';
import { DeltaTable, readDeltaTable } from '../../pipeline/delta/table.ts';
import { queries } from '../../queries/index.ts';
import { landedLines } from '../support/adversarial_events.ts';
import { testFolder } from '../support/folder.ts';
import { land } from '../support/landing.ts';
import { changedGeo, expectLakeOf, files, landFirst, recordOf, rowsOfLake } from './lakes.ts';
import { runInto } from './run_into.ts';

const folder = testFolder('batch-lake');
const landing = join(folder, 'landing');
const lake = join(folder, 'lake');

/** Removes a landing file after it was listed and before it is read. */
const removing = (file: string) => () => rmSync(join(landing, file), { force: true });

const versionOf = async (path: string) => (await DeltaTable.open(join(lake, path))).version;

describe('a lake', () => {
  it('is read from again only where files are new, and holds them all', async () => {
    await landFirst(landing);
    const first = await runInto(lake, landing);
    expect(first.landing).toMatchObject({
      files: 3,
      filesBefore: 0,
      totals: { pin: { nulled: {} }, geo: { nulled: {} } },
    });
    await expectLakeOf(lake, landing);

    await land(landing, files.pin1, [
      '{"index":1,"category":"art","poster_name":"a"}',
      '{"index":2}',
      'more',
    ]);
    const second = await runInto(lake, landing);
    expect(second.landing).toMatchObject({ files: 1, filesBefore: 3 });
    expect(second.landing.totals).toMatchObject({
      pin: { read: 3, kept: 1, repeated: 1, quarantined: { malformed_json: 1 }, known: 1 },
      geo: { read: 0, kept: 0, known: 1 },
      user: { read: 0, kept: 0, known: 1 },
    });
    await expectLakeOf(lake, landing);
    expect(await recordOf(lake)).toEqual([files.geo0, files.pin0, files.pin1, files.user0].sort());
  });

  it('is not changed by a run without new files, which opens none', async () => {
    await landFirst(landing);
    await runInto(lake, landing);
    const before = await rowsOfLake(lake);
    // If it were read again, all its lines would go to quarantine.
    const file = join(landing, files.pin0);
    const { size, mtimeMs } = await stat(file, { bigint: true });
    await writeFile(file, '\n'.repeat(Number(size)));
    // In the middle of the millisecond: a time right at its start could be rounded to the one before.
    const modified = (Number(mtimeMs) + 0.5) / 1000;
    await utimes(file, modified, modified);
    await runInto(lake, landing);
    const { landing: read, answers } = await runInto(lake, landing);
    expect(read).toMatchObject({ files: 0, filesBefore: 3, totals: { pin: { read: 0, known: 1 } } });
    expect(await rowsOfLake(lake)).toEqual(before);
    // Once told by which rules, once done, never since.
    expect(await versionOf('files_read')).toBe(1);
    expect(await versionOf('silver/pin')).toBe(0);
    expect(rowsOf(answers[0]?.table ?? expect.fail())).toEqual([
      { country: 'Peru', category: 'art', category_count: 1 },
    ]);
  });

  it('reads a file again that has changed: rows are added, its quarantine is replaced', async () => {
    await landFirst(landing);
    await land(landing, files.pin1, ['bad']);
    await runInto(lake, landing);
    await appendFile(join(landing, files.pin0), '{"index":5}\nnew rubbish\n');
    expect((await runInto(lake, landing)).landing).toMatchObject({ files: 1, filesBefore: 3 });
    await expectLakeOf(lake, landing);
    expect(await recordOf(lake)).toHaveLength(4);
    // Written again with another time is another file, too.
    await utimes(join(landing, files.pin0), new Date(0), new Date(86_400_000));
    expect((await runInto(lake, landing)).landing).toMatchObject({ files: 1, filesBefore: 3 });
    await expectLakeOf(lake, landing);
  });

  it('keeps rows whose files are gone', async () => {
    await landFirst(landing);
    await runInto(lake, landing);
    const before = await rowsOfLake(lake);
    await rm(join(landing, files.pin0));
    await runInto(lake, landing);
    expect(await rowsOfLake(lake)).toEqual(before);
  });

  it('holds what one reading gives, however the same lines are dealt over runs', async () => {
    await fc.assert(
      fc.asyncProperty(landedLines, fc.integer({ min: 1, max: 4 }), async (lines, runs) => {
        await rm(folder, { recursive: true });
        for (let run = 0; run < runs; run += 1) {
          for (const { name } of datasets) {
            const mine = (lines[name as keyof typeof lines] ?? []).filter((_, i) => i % runs === run);
            await land(landing, `topics/${name}/partition=${run}/${name}+${run}+0000000000.json`, mine);
          }
          await runInto(lake, landing);
        }
        await expectLakeOf(lake, landing);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a changed rule', () => {
  it('has all files of its dataset read again, and silver and quarantine replaced, columns too', async () => {
    await landFirst(landing);
    await runInto(lake, landing);
    const changed = [pin, changedGeo, user];
    const result = await runInto(lake, landing, { datasets: changed });
    expect(result.landing).toMatchObject({
      files: 1,
      filesBefore: 2,
      totals: { geo: { kept: 1, known: 0 } },
    });
    expect(rowsOf(await readDeltaTable(join(lake, 'silver/geo')))).toEqual([
      { ind: 1, country: null, continent: null },
    ]);
    expect(rowsOf(await readDeltaTable(join(lake, 'quarantine/geo')))).toHaveLength(1);
    // And back again.
    await runInto(lake, landing);
    await expectLakeOf(lake, landing);
  });

  it('is refused when a file is gone, and nothing is changed', async () => {
    await landFirst(landing);
    await runInto(lake, landing);
    const before = await rowsOfLake(lake);
    await rm(join(landing, files.geo0));
    await expect(runInto(lake, landing, { datasets: [pin, changedGeo, user] })).rejects.toThrow(
      /A rule of geo has changed, and 1 of the files that were read no longer exist, the first topics\/a\.geo/,
    );
    expect(await rowsOfLake(lake)).toEqual(before);
  });

  it('is refused when a file cannot be read', async () => {
    await landFirst(landing);
    await runInto(lake, landing);
    const before = await rowsOfLake(lake);
    const lost = { datasets: [pin, changedGeo, user], onProgress: removing(files.geo0) };
    await expect(runInto(lake, landing, lost)).rejects.toThrow(
      /A rule of geo has changed, and 1 of its landing files could not be read .* nothing was written/,
    );
    expect(await rowsOfLake(lake)).toEqual(before);
  });
});

describe('a file that could not be read to its end', () => {
  it('is read again the next time', async () => {
    await landFirst(landing);
    const content = await readFile(join(landing, files.pin0));
    const result = await runInto(lake, landing, { onProgress: removing(files.pin0) });
    expect(result.landing.unreadable).toMatchObject([{ path: files.pin0 }]);
    expect(await recordOf(lake)).toEqual([files.geo0, files.user0].sort());
    await writeFile(join(landing, files.pin0), content);
    expect((await runInto(lake, landing)).landing.files).toBe(1);
    await expectLakeOf(lake, landing);
  });
});

describe('a table that Spark has given a feature which this writer lacks', () => {
  it('is refused before anything is read', async () => {
    await landFirst(landing);
    await runInto(lake, landing);
    const protocol = { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['rowTracking'] };
    const { version } = await DeltaTable.open(join(lake, 'gold', queries[0]?.name ?? ''));
    const entry = `${version + 1}`.padStart(20, '0');
    const log = join(lake, 'gold', queries[0]?.name ?? '', '_delta_log');
    await writeFile(join(log, `${entry}.json`), JSON.stringify({ protocol }));
    await land(landing, files.pin1, ['{"index":2}']);
    const onProgress = () => expect.fail('a file was read');
    await expect(runInto(lake, landing, { onProgress })).rejects.toThrow(/writer version 7 \(rowTracking\)/);
  });
});

describe('two runs at once', () => {
  it('never double a row: one fails, says so, and comes to the same when run again', async () => {
    await landFirst(landing);
    await runInto(lake, landing);
    await land(landing, files.pin1, ['{"index":2}', '{"index":3}', 'bad']);
    let answered = 0;
    let commit = () => {};
    const all = new Promise<void>((resolve) => {
      commit = resolve;
    });
    const onAnswers = () => {
      answered += 1;
      if (answered === 3) {
        commit();
      }
      return all;
    };
    const outcomes = await Promise.allSettled([0, 1, 2].map(() => runInto(lake, landing, { onAnswers })));
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(lost).toHaveLength(2);
    for (const { reason } of lost) {
      expect(String(reason)).toMatch(/^Error: Another run writes to the lake .* run it again/);
    }
    await runInto(lake, landing);
    await expectLakeOf(lake, landing);
  });

  it('one that has nothing to add does not put old answers over new ones', async () => {
    await landFirst(landing);
    await runInto(lake, landing);
    const onAnswers = async () => {
      await land(landing, files.pin1, [
        '{"index":1,"category":"travel","poster_name":"b","follower_count":"9"}',
      ]);
      await runInto(lake, landing);
    };
    await expect(runInto(lake, landing, { onAnswers })).rejects.toThrow(/Another run writes to the lake/);
    await expectLakeOf(lake, landing);
  });
});

describe('a lake that cannot be used', () => {
  it('ends the run where the system makes no folders', async () => {
    await landFirst(landing);
    await expect(runInto('/proc/no/lake', landing)).rejects.toThrow(
      /^Could not make the folder \/proc\/no: its file system takes none\. Choose/,
    );
  });

  it('is told before anything is read', async () => {
    await landFirst(landing);
    await writeFile(join(folder, 'file'), '');
    const onProgress = () => expect.fail('Files are read.');
    await expect(runInto(join(folder, 'file'), landing, { onProgress })).rejects.toThrow(
      /a part of the path/,
    );
    await mkdir(join(lake, 'silver', 'pin', '_delta_log'), { recursive: true });
    await writeFile(join(lake, 'silver', 'pin', '_delta_log', `${'0'.repeat(20)}.json`), '{"add":');
    await expect(runInto(lake, landing, { onProgress })).rejects.toThrow(/damaged/);
  });
});
