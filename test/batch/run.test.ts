import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answer, cleanLanding } from '../../pipeline/batch/run.ts';
import { type ColumnarTable, type Row, rowsOf } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { queries } from '../../queries/index.ts';
import { cleanLines, nineAnswers } from '../oracle/oracle.ts';
import { landedLines } from '../support/adversarial_events.ts';
import { suiteFolder } from '../support/folder.ts';
import { land as landFile } from '../support/landing.ts';

const folder = suiteFolder('batch');
let landings = 0;

/** Writes lines as landing files: dealt over files, and over topics with and without a user prefix. */
async function land(lines: Readonly<Record<string, readonly string[]>>, files: number): Promise<string> {
  landings += 1;
  const landing = join(folder, String(landings));
  for (const [dataset, all] of Object.entries(lines)) {
    for (let file = 0; file < files; file += 1) {
      const topic = file % 2 === 0 ? dataset : `0a60b9a8a831.${dataset}`;
      const mine = all.filter((_, i) => i % files === file);
      await landFile(landing, `topics/${topic}/partition=${file}/${topic}+${file}+0000000000.json`, mine);
    }
  }
  return landing;
}

const answersOf = (silver: Readonly<Record<string, ColumnarTable>>) =>
  Object.fromEntries(answer(queries, silver).map(({ query, table }) => [query.name, rowsOf(table)]));

const sorted = (rows: readonly Row[]) => rows.map((row) => JSON.stringify(row)).sort();

describe('landing files to answers', () => {
  it('agrees with a second way of computing silver, quarantine and the nine tables', async () => {
    await fc.assert(
      fc.asyncProperty(landedLines, fc.integer({ min: 1, max: 3 }), async (lines, files) => {
        const expected = cleanLines(lines);
        const { silver, quarantine } = await cleanLanding(await land(lines, files), datasets);
        for (const { name } of datasets) {
          const bad = rowsOf(quarantine[name] ?? expect.fail(name)).map(
            ({ text = null, reason = null }): Row => ({ text, reason }),
          );
          expect(sorted(bad)).toEqual(sorted(expected.quarantine[name] ?? []));
          expect(sorted(rowsOf(silver[name] ?? expect.fail(name)))).toEqual(
            sorted(expected.silver[name] ?? []),
          );
        }
        expect(answersOf(silver)).toEqual(nineAnswers(expected.silver));
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same whatever the order of arrival, the number of files, and the repeats', async () => {
    const shuffled = landedLines.chain((lines) =>
      fc.tuple(
        fc.constant(lines),
        fc.record({
          pin: fc.shuffledSubarray([...lines.pin, ...lines.pin], { minLength: lines.pin.length * 2 }),
          geo: fc.shuffledSubarray(lines.geo, { minLength: lines.geo.length }),
          user: fc.shuffledSubarray(lines.user, { minLength: lines.user.length }),
        }),
        fc.integer({ min: 1, max: 4 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(shuffled, async ([once, again, files]) => {
        const first = await cleanLanding(await land(once, 1), datasets);
        const second = await cleanLanding(await land(again, files), datasets);
        expect(answersOf(second.silver)).toEqual(answersOf(first.silver));
      }),
      { numRuns: 60 },
    );
  });
});
