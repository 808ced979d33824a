/** The bench of the notebooks on Spark at a size at which nobody measures: each step does what its figures are of. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withLanding } from '../../../bench/batch.ts';
import { measureSteps } from '../../../bench/spark.ts';
import { caseSettings } from '../../../pipeline/cases/spark_engine.ts';
import { rowsOf } from '../../../pipeline/columns/table.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { readDeltaTable } from '../../../pipeline/delta/table.ts';
import { queries } from '../../../queries/index.ts';
import type { SparkSession } from '../systems/spark.ts';
import { describeReal, spark } from '../systems.ts';

describeReal('the bench of the notebooks on Spark', [spark], () => {
  let session: SparkSession;
  beforeAll(async () => {
    session = await spark.share(caseSettings);
  });
  afterAll(() => session?.stop());

  // Jobs are not counted here: others use the JVM, and it keeps the last thousand alone.
  it('answers as the plain notebook does, and counts what each step commits', () =>
    withLanding(200, async (landing, folder) => {
      const measured = await measureSteps(session, { landing, folder, posts: 200, newPosts: 50, runs: 1 });
      const commits = measured.map(({ step, ours, theirs }) => [
        step,
        ...[ours, theirs].map((runs) => runs.map((run) => run.commits)),
      ]);
      // The rules, the tables of each dataset, states, answers, and the files that were read.
      const all = 1 + 2 * datasets.length + 1 + queries.length + 1;
      const plain = datasets.length + queries.length;
      expect(commits).toEqual([
        ['first load', [all], [plain]],
        ['nothing new', [0], [plain]],
        ['a day of 50 posts', [datasets.length + 1 + queries.length + 1], [plain]],
        ['a micro-batch of 50 pins', [1], []],
        ['an answer from its state', [0], []],
      ]);
      // The lakes before it are our notebook's and the plain one's.
      const stored = await readDeltaTable(join(folder, 'lake3/stream/silver/pin'));
      expect(new Set(rowsOf(stored).map(({ ind }) => ind)).size).toBe(200 + 50);
    }));
});
