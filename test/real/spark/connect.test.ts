/** The notebooks, as deployed, under Spark Connect, which serverless compute is: the same lake and answers as Node's. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeLanding } from '../../../emulator/landing.ts';
import { answer, cleanLanding } from '../../../pipeline/batch/run.ts';
import { rowsOf } from '../../../pipeline/columns/table.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { readDeltaTable } from '../../../pipeline/delta/table.ts';
import { runNotebook } from '../../../pipeline/engines/spark/local/notebook.ts';
import { smallTables } from '../../../pipeline/engines/spark/local/session.ts';
import type { SparkSession } from '../../../pipeline/engines/spark/local/tables.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import type { Dataset } from '../../../pipeline/plan/dataset.ts';
import { queries } from '../../../queries/index.ts';
import type { DeltaReader } from '../systems/deltalake.ts';
import { deltalake, describeReal, spark } from '../systems.ts';
import { type Landing, land } from './cases.ts';
import { KinesisStreams } from './kinesis_streams.ts';
import { lakeByDelta, lakeByNode } from './lake.ts';
import { linesOf } from './landings.ts';
import { asJob, copyIn } from './notebook_runs.ts';

describeReal('the notebooks under Spark Connect', [spark, deltalake], () => {
  let session: SparkSession;
  let reader: DeltaReader;
  let landing: string;
  let lake: string;
  const notebooks = notebookSources(datasets, queries);

  beforeAll(async () => {
    session = await spark.shareConnect();
    reader = deltalake.start();
    landing = join(session.folder, 'landing');
    lake = join(session.folder, 'lake');
    await writeLanding(landing, { posts: 200, seed: 1, recordsPerFile: 100 });
    await land(landing, {
      'topics/pin/partition=1/pin+1+0000000000.json': Buffer.from('rubbish\n{"title":"no key"}\n'),
    });
  });
  afterAll(async () => {
    await session?.stop();
    await reader?.stop();
  });

  it('has a session of Spark Connect', async () => {
    expect(await session.run('output = type(spark).__module__')).toBe('pyspark.sql.connect.session');
  });

  it('batch: writes the lake in the first run, and what has landed since in the next', async () => {
    const run = () => runNotebook(session, notebooks.pinterest_batch_data, { landing, lake });
    const { last } = await run();
    expect(last).toContainEqual(['user', 'user_name', 0]);
    expect(await lakeByDelta(reader, lake)).toEqual(await lakeByNode(landing));
    await writeLanding(landing, { posts: 100, seed: 2, firstPost: 150, userPrefix: 'more' });
    await land(landing, {
      'topics/pin/partition=1/pin+1+0000000000.json': Buffer.from('other rubbish\n{"index":1}\n'),
    });
    await run();
    expect(await lakeByDelta(reader, lake)).toEqual(await lakeByNode(landing));
    // The batch alone is run with all that Spark does by default, such as compiling each plan.
    await session.run('for name, value in input.items(): spark.conf.set(name, value)', smallTables);
  });

  it('maintenance: compacts every table, and changes no row', async () => {
    const { printed } = await runNotebook(session, notebooks.pinterest_maintenance, { lake });
    expect(printed).toContain('silver/pin\n');
    expect(readdirSync(join(lake, 'silver/pin')).filter((name) => name.endsWith('.parquet')).length).toBe(3);
    expect(await lakeByDelta(reader, lake)).toEqual(await lakeByNode(landing));
  });

  it('stream and live views: store each record once, and answer from that', async () => {
    const streams = new KinesisStreams(session.folder);
    for (const dataset of datasets) {
      streams.send(dataset, linesIn(landing, dataset));
    }
    await session.run(streams.source());
    await asJob(session, () =>
      runNotebook(session, notebooks.pinterest_streaming_data, { lake, region: 'eu-west-1' }),
    );
    const { silver } = await cleanLanding(landing, datasets);
    const stored = await lakeByDelta(reader, join(lake, 'stream'), ['silver']);
    expect(stored).toEqual(await lakeByDelta(reader, lake, ['silver']));

    await runNotebook(session, notebooks.pinterest_live_views, { lake, schema: 'live_by_connect' });
    const answers = await session.answers(
      ...queries.map(({ name }) => `SELECT * FROM live_by_connect.${name}`),
    );
    for (const [at, { table }] of answer(queries, silver).entries()) {
      const rows = rowsOf(table).map((row) => Object.keys(table.schema).map((name) => row[name] ?? null));
      expect(answers[at]).toEqual({ schema: table.schema, rows });
    }
  });

  it('erase: takes posts out of both paths and the raw copy, says why, and lets return what is posted then', async () => {
    const batch = (widgets = {}) =>
      runNotebook(session, notebooks.pinterest_batch_data, { landing, lake, ...widgets });
    await batch({ bronze: 'begin' });
    const left = join(session.folder, 'left');
    await land(left, linesWithout(landing, ['3', '160']));
    const { printed } = await runNotebook(session, notebooks.pinterest_erase, {
      lake,
      landing,
      keys: ' 3,160 ',
      reason: "it's $5",
      letReturn: 'yes',
    });
    expect(printed).toContain('2 posts erased now, 2 in all');
    for (const table of ['silver/pin', 'stream/silver/user', 'bronze/geo']) {
      expect(printed).toMatch(new RegExp(`^${table}: [1-9][0-9]* rows taken out$`, 'm'));
    }
    const erasures = rowsOf(await readDeltaTable(join(lake, 'erasures')));
    expect(erasures.map(({ ind, reason, returns }) => [ind, reason, returns]).sort()).toEqual([
      [160, "it's $5", true],
      [3, "it's $5", true],
    ]);
    const linesLeft = linesWithout(left, []);
    expect(linesWithout(landing, [])).toEqual(linesLeft);
    expect((await batch()).printed).toMatch(/^states: 7 followed, what was erased taken back, 1 made anew$/m);
    const expected = await lakeByNode(left);
    expect(await lakeByDelta(reader, lake)).toEqual(expected);
    const silver = Object.entries(expected).filter(([path]) => path.startsWith('silver/'));
    expect(await lakeByDelta(reader, join(lake, 'stream'), ['silver'])).toEqual(Object.fromEntries(silver));
    expect((await copyIn(lake, 'pin')).join('')).not.toMatch(/index\\":(3|160)\b/);
    const anew = {
      'topics/pin/partition=3/pin+3+0000000000.json': Buffer.from('{"index":3,"title":"anew"}\n'),
    };
    await land(landing, anew);
    await land(left, anew);
    await batch();
    expect(await lakeByDelta(reader, lake)).toEqual(await lakeByNode(left));
  });
});

/** Landing files without the lines of some posts. */
function linesWithout(landing: string, keys: readonly string[]): Landing {
  const names = readdirSync(join(landing, 'topics'), { recursive: true, encoding: 'utf8' });
  const isLeft = (line: string) => !keys.includes(/^\{"ind(?:ex)?":([0-9]+)/.exec(line)?.[1] ?? '');
  return Object.fromEntries(
    names
      .filter((name) => name.endsWith('.json'))
      .map((name) => {
        const lines = readFileSync(join(landing, 'topics', name), 'utf8').split('\n');
        return [`topics/${name}`, Buffer.from(lines.filter(isLeft).join('\n'))];
      }),
  );
}

/** The lines of a dataset's landing files. */
function linesIn(landing: string, dataset: Dataset): Buffer[] {
  const topics = join(landing, 'topics');
  const names = readdirSync(topics, { recursive: true, encoding: 'utf8' });
  const files = names.filter(
    (name) => name.endsWith('.json') && name.split('/')[0]?.split('.').at(-1) === dataset.name,
  );
  return files.flatMap((name) => linesOf(readFileSync(join(topics, name))));
}
