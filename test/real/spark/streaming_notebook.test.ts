/**
 * The streaming notebook, as deployed, on real Spark with Delta; only the source that is called `kinesis` is ours. It is
 * killed between writing and committing, and started again: no row is lost, none is there twice. Then its live views.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answer, cleanLanding } from '../../../pipeline/batch/run.ts';
import { rowsOf } from '../../../pipeline/columns/table.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { runNotebook } from '../../../pipeline/engines/spark/local/notebook.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import { appendErasures } from '../../../pipeline/erasures.ts';
import { queries } from '../../../queries/index.ts';
import { aggregateByLibrary, aggregateOf } from '../../stream/aggregates.ts';
import { suiteFolder } from '../../support/folder.ts';
import type { DeltaReader } from '../systems/deltalake.ts';
import type { SparkSession, SparkWorker } from '../systems/spark.ts';
import { deltalake, describeReal, smallTables, spark } from '../systems.ts';
import { KinesisStreams } from './kinesis_streams.ts';
import { lakeByDelta } from './lake.ts';
import { startsWithMark } from './landings.ts';
import { asJob, waitFor } from './notebook_runs.ts';
import { oddLines } from './odd_lines.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const userPrefix = '0a60b9a8a831';

describeReal(`the streaming notebook (SEED=${seed})`, [spark, deltalake], () => {
  const folder = suiteFolder('streaming');
  const lake = join(folder, 'lake');
  const { pinterest_streaming_data: notebook, pinterest_live_views: views } = notebookSources(
    datasets,
    queries,
  );
  // Without states, which nobody looks at until the last test.
  const { pinterest_streaming_data: withoutStates } = notebookSources(datasets, []);
  let streams: KinesisStreams;
  let session: SparkSession;
  let reader: DeltaReader;

  beforeAll(async () => {
    streams = new KinesisStreams(folder, seed, userPrefix);
    reader = deltalake.start();
    session = await spark.share(smallTables);
    await session.run(streams.source());
  });
  afterAll(async () => {
    await session?.stop();
    await reader?.stop();
  });

  const run = (
    widgets: Readonly<Record<string, string>> = {},
    source = withoutStates,
    worker: SparkWorker = session,
  ) =>
    asJob(worker, () => runNotebook(worker, source, { lake, region: 'eu-west-1', userPrefix, ...widgets }));

  const stored = () => lakeByDelta(reader, join(lake, 'stream'), ['silver', 'quarantine']);
  const checkpoints = (dataset: string) => join(lake, 'stream/checkpoints', dataset);

  it('loses and repeats no row when it is killed between writing and committing', async () => {
    streams.sendLanding(0);
    const [pin] = datasets;
    streams.send(
      pin ?? expect.fail('pin'),
      oddLines({ key: 'index', text: 'title', number: 'downloaded' }).filter((line) => !startsWithMark(line)),
    );
    const worker = await spark.start({ settings: smallTables });
    await worker.run(streams.source());
    const killed = run({ trigger: 'continuous', interval: '1 second' }, withoutStates, worker).catch(
      (error: unknown) => error,
    );
    const written = join(lake, 'stream/silver/pin/_delta_log/00000000000000000001.json');
    await waitFor(() => existsSync(written));
    await worker.kill();
    expect(String(await killed)).toContain('Python ended');
    const [folderOfRun = ''] = readdirSync(checkpoints('pin'));
    expect(existsSync(join(checkpoints('pin'), folderOfRun, 'offsets/0'))).toBe(true);
    expect(existsSync(join(checkpoints('pin'), folderOfRun, 'commits/0'))).toBe(false);
    await worker.stop();

    await run();
    expect(await stored()).toEqual(await streams.expected());
    expect(existsSync(join(checkpoints('pin'), folderOfRun, 'commits/0'))).toBe(true);
  });

  it('adds new records once, and nothing when nothing is new', async () => {
    streams.sendLanding(1);
    for (const [dataset, records] of streams.sent) {
      streams.send(
        dataset,
        records.slice(0, 20).map(({ data }) => data),
      );
    }
    await run();
    const after = await streams.expected();
    expect(await stored()).toEqual(after);
    await run();
    expect(await stored()).toEqual(after);
  });

  it('reads everything again and stores nothing twice when a checkpoint or a table is lost or restored', async () => {
    const after = await streams.expected();
    rmSync(checkpoints('pin'), { recursive: true });
    rmSync(join(lake, 'stream/silver/geo'), { recursive: true });
    await session.sql(`RESTORE TABLE delta.\`${join(lake, 'stream/silver/user')}\` TO VERSION AS OF 0`);
    await run();
    expect(await stored()).toEqual(after);
  });

  it('unpacks what producers have packed, and keeps the bytes of what is no text', async () => {
    const [pin = expect.fail('pin')] = datasets;
    const events = [
      '{"index":90001,"title":"one"}',
      '{"index":90002}',
      '{"title":"no key"}',
      'no JSON',
      'no JSON',
    ];
    const buffers = [...events.map((text) => Buffer.from(text)), Buffer.from([0x7b, 0xff])];
    streams.send(pin, [
      aggregateOf(buffers.map((event, at) => (at % 2 === 0 ? gzipSync(event) : event))),
      gzipSync('{"index":90003}'),
      gzipSync('{"index":90004}').subarray(0, 12),
      Buffer.from('data:application/octet-stream;base64,AAAA'),
      Buffer.from([0xff, 0xfe]),
      aggregateByLibrary,
    ]);
    await run();
    const after = await streams.expected();
    expect(JSON.stringify(after['quarantine/pin'])).toContain('data:application/octet-stream;base64,e/8=');
    expect(JSON.stringify(after['silver/pin'])).toContain('90003');
    expect(await stored()).toEqual(after);
  });

  it('takes out what is erased, drops it, and lets return what arrives later', async () => {
    const [pin = expect.fail('pin')] = datasets;
    const lines = [70_001, 70_002].flatMap((key) =>
      [`{"index":${key},"title":"a"}`, `{"index":${key},"ti`].map((text) => Buffer.from(text)),
    );
    const first = streams.sent.get(pin)?.length ?? 0;
    streams.send(pin, lines);
    await run();
    await appendErasures(lake, [70_001], { reason: null, returns: false });
    const { upTo } = await appendErasures(lake, [70_002], { reason: null, returns: true });
    streams.send(pin, lines, upTo / 1000);
    streams.send(pin, lines, upTo / 1000 + 1);
    for (const [at, record] of streams.sent.get(pin)?.slice(first).entries() ?? []) {
      record.erased = at < 10;
    }
    expect((await run()).printed).toContain('pin: 6 erased');
    const after = await streams.expected();
    expect(JSON.stringify(after)).toMatch(/70002.*70002/s);
    expect(await stored()).toEqual(after);
    // A post that has returned stays when the next run looks at the erasures anew.
    streams.send(pin, [Buffer.from('{"index":70003}')]);
    await run();
    expect(await stored()).toEqual(await streams.expected());
  });

  it('passes a service credential on, or none', async () => {
    await run({ serviceCredential: 'kinesis-reader' });
    const options = readFileSync(join(streams.folder, 'options.jsonl'), 'utf8').trim().split('\n');
    const credentials = new Set(
      options.map((line) => String(JSON.parse(line).serviceCredential ?? JSON.parse(line).servicecredential)),
    );
    expect(credentials).toEqual(new Set(['undefined', 'kinesis-reader']));
  });

  it('has its answers as views over states, which the stream keeps up to date', async () => {
    const check = async () => {
      const { silver } = await cleanLanding(await streams.landed(), datasets);
      const answers = await session.answers(
        ...queries.map(({ name }) => `SELECT * FROM spark_catalog.live.${name}`),
      );
      for (const [at, { query, table }] of answer(queries, silver).entries()) {
        const given = answers[at] ?? expect.fail(query.name);
        expect(given.schema).toEqual(query.schema);
        const columns = Object.keys(table.schema);
        const rows = rowsOf(table).map((row) => columns.map((name) => row[name] ?? null));
        expect(given.rows.map((row) => JSON.stringify(row))).toEqual(rows.map((row) => JSON.stringify(row)));
      }
    };
    await run({}, notebook);
    const { shown } = await runNotebook(session, views, { lake, schema: 'live' });
    expect(shown).toEqual(queries.map(({ schema }) => Object.keys(schema)));
    await check();
    streams.sendLanding(2);
    await run({}, notebook);
    await check();

    // The states of a stream that was started by a release with other questions.
    const [first = expect.fail(), ...others] = queries;
    const older = notebookSources(datasets, others).pinterest_streaming_data;
    streams.sendLanding(3);
    await run({}, older);
    await expect(session.answers(`SELECT * FROM spark_catalog.live.${first.name}`)).rejects.toThrow(
      'The states are those of other questions',
    );
    await runNotebook(session, views, { lake, schema: 'live' });
    await check();
  });
});
