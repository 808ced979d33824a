/** The notebooks, as deployed, under Spark Connect, which serverless compute is: the same lake and answers as Node's. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeLanding } from '../../../emulator/landing.ts';
import { answer, cleanLanding } from '../../../pipeline/batch/run.ts';
import { rowsOf } from '../../../pipeline/columns/table.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { type NotebookOutcome, runNotebook } from '../../../pipeline/engines/spark/local/notebook.ts';
import { smallTables } from '../../../pipeline/engines/spark/local/session.ts';
import { type SparkSession, startSession } from '../../../pipeline/engines/spark/local/tables.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import { namesOf } from '../../../pipeline/naming.ts';
import type { Dataset } from '../../../pipeline/plan/dataset.ts';
import { queries } from '../../../queries/index.ts';
import type { DeltaReader } from '../systems/deltalake.ts';
import { deltalake, describeReal, spark } from '../systems.ts';
import { land } from './cases.ts';
import { lakeByDelta, lakeByNode } from './lake.ts';

describeReal('the notebooks under Spark Connect', [spark, deltalake], () => {
  let session: SparkSession;
  let reader: DeltaReader;
  let landing: string;
  let lake: string;
  const notebooks = notebookSources(datasets, queries);

  beforeAll(async () => {
    session = await startSession({
      connect: true,
      settings: smallTables,
    });
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
  });

  it('maintenance: compacts every table, and changes no row', async () => {
    const { printed } = await runNotebook(session, notebooks.pinterest_maintenance, { lake });
    expect(printed).toContain('silver/pin\n');
    expect(readdirSync(join(lake, 'silver/pin')).filter((name) => name.endsWith('.parquet')).length).toBe(3);
    expect(await lakeByDelta(reader, lake)).toEqual(await lakeByNode(landing));
  });

  it('stream and live views: store each record once, and answer from that', async () => {
    const streams = join(session.folder, 'streams');
    mkdirSync(streams);
    for (const dataset of datasets) {
      writeFileSync(join(streams, `${namesOf(dataset).stream}.jsonl`), recordsOf(landing, dataset));
    }
    const source = readFileSync(new URL('./kinesis_source.py', import.meta.url), 'utf8');
    await session.run(source.replace('STREAMS_FOLDER', JSON.stringify(streams)));
    await asJob(() =>
      runNotebook(session, notebooks.pinterest_streaming_data, { lake, region: 'eu-west-1' }),
    );
    const { silver } = await cleanLanding(landing, datasets);
    const stored = await lakeByDelta(reader, join(lake, 'stream'), ['silver']);
    expect(stored).toEqual(await lakeByDelta(reader, lake, ['silver']));

    await runNotebook(session, notebooks.pinterest_live_views, { lake, schema: 'live' });
    const answers = await session.answers(...queries.map(({ name }) => `SELECT * FROM live.${name}`));
    for (const [at, { table }] of answer(queries, silver).entries()) {
      const rows = rowsOf(table).map((row) => Object.keys(table.schema).map((name) => row[name] ?? null));
      expect(answers[at]).toEqual({ schema: table.schema, rows });
    }
  });
});

/** The lines of a dataset's landing files as records of one shard. */
function recordsOf(landing: string, dataset: Dataset): string {
  const topics = join(landing, 'topics');
  const names = readdirSync(topics, { recursive: true, encoding: 'utf8' });
  const files = names.filter(
    (name) => name.endsWith('.json') && name.split('/')[0]?.split('.').at(-1) === dataset.name,
  );
  const lines = files.flatMap((name) => readFileSync(join(topics, name), 'utf8').trimEnd().split('\n'));
  return lines
    .map((line, at) => {
      const data = Buffer.from(line).toString('base64');
      return `${JSON.stringify({ shard: 'shardId-0', sequence: `4963${String(at).padStart(20, '0')}`, data })}\n`;
    })
    .join('');
}

/**
 * Runs the stream's notebook as its job does: again after a failure. A server of Spark Connect waits ten seconds for the
 * process that runs the function of a stream (`PythonWorkerFactory`), which a busy machine may exceed.
 */
async function asJob(run: () => Promise<NotebookOutcome>): Promise<NotebookOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === 5 || !String(error).includes('Python worker failed to connect back')) {
        throw error;
      }
    }
  }
}
