/** The batch notebook's first load, whose lines are counted while they are written. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeLanding } from '../../../emulator/landing.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { runNotebook } from '../../../pipeline/engines/spark/local/notebook.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import { queries } from '../../../queries/index.ts';
import type { DeltaReader } from '../systems/deltalake.ts';
import type { SparkWorker } from '../systems/spark.ts';
import { deltalake, describeReal, smallTables, spark } from '../systems.ts';
import { land } from './cases.ts';
import { lakeByDelta, lakeByNode } from './lake.ts';

describeReal('a first load', [spark, deltalake], () => {
  let worker: SparkWorker;
  let reader: DeltaReader;
  let landing: string;
  const notebook = notebookSources(datasets, queries).pinterest_batch_data;

  beforeAll(async () => {
    worker = await spark.share(smallTables);
    reader = deltalake.start();
    landing = join(worker.folder, 'landing');
    await writeLanding(landing, { posts: 100, seed: 1, recordsPerFile: 50 });
    const lines = [
      '{"ind":900010,"first_name":" ","date_joined":"yesterday"}',
      '{"ind":900010,"first_name":" ","date_joined":"yesterday"}',
      '{"ind": 900011, "date_joined": "", "more": 1}',
      '{"age":30}',
      '{"ind":null}',
      '{"ind":900012',
    ];
    await land(landing, {
      'topics/user/partition=0/user+0+0000009100.json': Buffer.from(`${lines.join('\n')}\n`),
    });
  });
  afterAll(async () => {
    await worker?.stop();
    await reader?.stop();
  });

  it.each([
    // Without the look that stands in for it.
    ['while it writes', [[' or count_lines(lines, key, given)', '']]],
    // As Spark observes a part that it does again.
    [
      'by a look of their own where a part was written twice',
      [
        ['lines.selectExpr("*", PART_BEGUN)', 'lines.coalesce(1).selectExpr("*", PART_BEGUN)'],
        ['THEN spark_partition_id() END', 'THEN 0 END'],
        ['placed.observe(', 'placed.union(placed).observe('],
      ],
    ],
  ])('counts lines %s', async (how, changes) => {
    const lake = join(worker.folder, how.replaceAll(' ', '-'));
    const source = changes.reduce((text, [part = '', other = '']) => {
      expect(text).toContain(part);
      return text.replace(part, other);
    }, notebook);
    const { last } = await runNotebook(worker, source, { landing, lake });
    expect(await lakeByDelta(reader, lake)).toEqual(await lakeByNode(landing));
    expect(last.filter(([dataset]) => dataset === 'user')).toEqual([
      ['user', 'user_name', 2],
      ['user', 'date_joined', 3],
    ]);
  });
});
