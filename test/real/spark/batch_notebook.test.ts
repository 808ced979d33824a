/** The batch notebook, as deployed, on real Spark with Delta: its lake equals Node's from the same landing files. */
import { cpSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeLanding } from '../../../emulator/landing.ts';
import { coordinates } from '../../../pipeline/datasets/coordinates.ts';
import { datasets, geo, pin, user } from '../../../pipeline/datasets/index.ts';
import { runNotebook } from '../../../pipeline/engines/spark/local/notebook.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import { dataset } from '../../../pipeline/plan/dataset.ts';
import { parseTimestamp } from '../../../pipeline/plan/expression.ts';
import { queries } from '../../../queries/index.ts';
import { runInto } from '../../batch/run_into.ts';
import type { DeltaReader } from '../systems/deltalake.ts';
import type { SparkWorker } from '../systems/spark.ts';
import { deltalake, describeReal, smallTables, spark } from '../systems.ts';
import { type Landing, land, landingFile } from './cases.ts';
import { lakeByDelta, lakeByNode, tableByDelta } from './lake.ts';
import { landingsOf } from './landings.ts';
import { oddLines } from './odd_lines.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Geo by another rule, with the same columns. */
const otherGeo = dataset({
  name: 'geo',
  description: geo.description,
  sourceTable: geo.sourceTable,
  raw: { ind: 'bigint', timestamp: 'text', latitude: 'double', longitude: 'double', country: 'text' },
  key: 'ind',
  clean: (raw) => ({
    ind: raw.ind,
    country: raw.timestamp,
    coordinates: coordinates(raw.latitude, raw.longitude),
    timestamp: parseTimestamp(raw.timestamp),
  }),
});

/** The files with content: Spark lists no others, and Node reads none. */
function filesWithContent(landing: Landing): string[] {
  return Object.keys(landing).filter((path) => (landing[path]?.length ?? 0) > 0);
}

describeReal(`the batch notebook (SEED=${seed})`, [spark, deltalake], () => {
  let worker: SparkWorker;
  let reader: DeltaReader;
  let landing: string;
  let lake: string;
  const notebook = notebookSources(datasets, queries).pinterest_batch_data;
  const run = (source = notebook, at = lake) => runNotebook(worker, source, { landing, lake: `${at}/` });

  beforeAll(async () => {
    worker = await spark.share(smallTables);
    reader = deltalake.start();
    // A name that needs care in URLs, in Spark's globs and in text.
    landing = join(worker.folder, "land ing+it's", 'topics', 'x');
    lake = join(worker.folder, 'lake');
    const [first = {}] = landingsOf(seed, 1);
    await land(landing, first);
    await land(landing, workedExample);
    // The fixture over which a preview shows what a change does.
    await writeLanding(landing, { posts: 2000, seed: 1, userPrefix: 'fixture', recordsPerFile: 300 });
    await land(landing, { [changing]: Buffer.from('{"ind":1}\nrubbish\n') });
    await land(landing, {
      'topics/pin/partition=7/pin+7+0000000000.json': landingFile(
        oddLines({ key: 'index', text: 'title', number: 'downloaded' }),
      ),
      'topics/a.geo/partition=7/a.geo+7+0000000000.json': landingFile(
        oddLines({ key: 'ind', text: 'country', number: 'latitude' }),
      ),
      // Times that nanoseconds cannot hold.
      'topics/user/partition=6/user+6+0000000000.json': Buffer.from(
        '{"ind":5,"date_joined":"0001-01-01 00:00:00"}\n{"ind":6,"date_joined":"9999-12-31 23:59:59"}\n',
      ),
      'topics/other/partition=0/other+0+0000000000.json': Buffer.from('{}\n'),
      'topics/pin/partition=7/notes.txt': Buffer.from('no landing file'),
      // Names that Spark ignores as hidden or unfinished.
      'topics/pin/partition=7/.pin+7+0000000009.json': Buffer.from('{"index":99}\n'),
      'topics/pin/partition=7/_pin+7+0000000009.json': Buffer.from('{"index":99}\n'),
      'topics/pin/_partition/pin+7+0000000009.json': Buffer.from('{"index":99}\n'),
      'topics/_a.pin/partition=7/_a.pin+7+0000000009.json': Buffer.from('{"index":99}\n'),
      'topics/pin/_partition=7/pin+7+0000000009.json': Buffer.from('{"index":98}\n'),
    });
  });
  afterAll(async () => {
    await worker?.stop();
    await reader?.stop();
  });

  /** Expects a lake to be what Node makes of the landing files. */
  async function expectAsNode(at = lake): Promise<void> {
    expect(await lakeByDelta(reader, at)).toEqual(await lakeByNode(landing));
  }

  it('writes silver, quarantine and gold as Node does, and deltalake reads them', async () => {
    const { shown } = await run();
    expect(shown.slice(0, -1)).toEqual(queries.map(({ schema }) => Object.keys(schema)));
    expect(shown.at(-1)).toEqual(['dataset', 'column', 'values']);
    const written = await lakeByDelta(reader, lake);
    expect(written).toEqual(await lakeByNode(landing));
    for (const [path, row] of Object.entries(workedExampleCleaned)) {
      expect(written[path]?.rows).toContain(JSON.stringify(row));
    }
  });

  it('changes nothing when run again, and reads no file again', async () => {
    const before = await lakeByDelta(reader, lake);
    // If it were read again, all lines of this file would go to quarantine.
    const file = join(landing, 'topics/pin/partition=7/pin+7+0000000000.json');
    const { size, mtimeMs } = statSync(file);
    // Dates round to milliseconds, and a time a little below one would be another one.
    const modified = (Math.floor(mtimeMs) + 0.5) / 1000;
    writeFileSync(file, Buffer.alloc(size, '\n'));
    utimesSync(file, modified, modified);
    const { printed } = await run();
    expect(printed).toMatch(/^pin: 0 of \d+ landing files read now$/m);
    expect(await lakeByDelta(reader, lake)).toEqual(before);
    await land(landing, {
      'topics/pin/partition=7/pin+7+0000000000.json': landingFile(
        oddLines({ key: 'index', text: 'title', number: 'downloaded' }),
      ),
    });
    utimesSync(file, modified, modified);
  });

  it('adds files that have landed or changed since, even after a run that ended before its last commit', async () => {
    const [more = {}] = landingsOf(seed + 1, 1);
    const landed = renamed(more, '0000000099');
    await land(landing, landed);
    await land(landing, { [changing]: Buffer.from('{"ind":1}\nrubbish\n{"ind":77}\nmore\n') });
    await run();
    // As it is when the run is killed right before it says that it is done.
    const log = join(lake, 'files_read', '_delta_log');
    const commits = readdirSync(log)
      .filter((name) => name.endsWith('.json'))
      .sort();
    rmSync(join(log, commits.at(-1) ?? expect.fail('no commit')));
    rmSync(join(log, `.${commits.at(-1)}.crc`), { force: true });
    for (const sum of readdirSync(log)
      .filter((name) => name.endsWith('.crc') && !name.startsWith('.'))
      .sort()
      .slice(-1)) {
      rmSync(join(log, sum));
    }
    await worker.run(
      'from py4j.protocol import Py4JJavaError\nspark._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()',
    );
    const { printed } = await run();
    expect(printed).toMatch(
      new RegExp(
        `^pin: ${filesWithContent(landed).filter((path) => /[.\\/]pin\//.test(path)).length} of`,
        'm',
      ),
    );
    await expectAsNode();
  });

  it('and Node continue each other’s lake, and neither reads files that the other has read', async () => {
    const again = await runInto(lake, landing);
    expect(again.landing.files).toBe(0);
    expect(again.landing.filesBefore).toBeGreaterThan(10);
    await expectAsNode();

    // New files, and one that has grown, with other lines in quarantine.
    const [more = {}] = landingsOf(seed + 2, 1);
    await land(landing, renamed(more, '0000000777'));
    await land(landing, { [changing]: Buffer.from('{"ind":1}\nother\n{"ind":77}\n{"ind":78}\n') });
    const byNode = await runInto(lake, landing);
    expect(byNode.landing.files).toBe(filesWithContent(more).length + 1);
    await expectAsNode();

    await land(landing, { [changing]: Buffer.from('{"ind":1}\nlast\n{"ind":77}\n{"ind":78}\n{"ind":79}\n') });
    const { printed } = await run();
    expect(printed).toMatch(/^pin: 0 of \d+ landing files read now$/m);
    expect(printed).toMatch(/^geo: 0 of \d+ landing files read now$/m);
    expect(printed).toMatch(/^user: 1 of \d+ landing files read now$/m);
    expect((await runInto(lake, landing)).landing.files).toBe(0);
    await expectAsNode();
  });

  it('and Node each continue a killed run of the other', async () => {
    const [more = {}, other = {}] = landingsOf(seed + 3, 2);
    await land(landing, renamed(more, '0000000888'));
    const stop = (step: number) => (written: number) => {
      if (written === step) {
        throw new Error('stopped');
      }
    };
    await expect(runInto(lake, landing, { onTable: stop(5) })).rejects.toThrow('stopped');
    await run();
    await expectAsNode();

    await land(landing, renamed(other, '0000000999'));
    const beforeLast = notebook.indexOf('# Last: what says');
    expect(beforeLast).toBeGreaterThan(0);
    await expect(run(`${notebook.slice(0, beforeLast)}\nraise RuntimeError("stopped")\n`)).rejects.toThrow(
      'stopped',
    );
    expect((await runInto(lake, landing)).landing.files).toBe(filesWithContent(other).length);
    await expectAsNode();
  });

  it('leaves no row of old rules when a first run was killed and a rule changed, whichever engine continues', async () => {
    const changed = notebookSources([pin, otherGeo, user], queries).pinterest_batch_data;
    const beforeLast = changed.indexOf('# Last: what says');
    const stopped = `${changed.slice(0, beforeLast)}\nraise RuntimeError("stopped")\n`;
    const left = join(worker.folder, 'for Node');
    const right = join(worker.folder, 'for Spark');
    await expect(run(stopped, left)).rejects.toThrow('stopped');
    cpSync(left, right, { recursive: true });
    expect(await lakeByDelta(reader, left, ['silver'])).not.toMatchObject({
      'silver/geo': (await lakeByNode(landing))['silver/geo'],
    });
    await runInto(left, landing);
    await run(notebook, right);
    for (const at of [left, right]) {
      await expectAsNode(at);
      const { rows } = await tableByDelta(reader, join(at, 'files_read'));
      expect(rows.filter((row) => JSON.parse(row)[1] === null)).toEqual([]);
    }
  });

  it('reads all files again when a rule has changed, and refuses when files are missing', async () => {
    const changed = notebookSources([pin, otherGeo, user], queries).pinterest_batch_data;
    const { printed } = await run(changed);
    expect(printed).toMatch(/^geo: (\d+) of \1 landing files read now \(A rule of geo has changed\)$/m);
    const rows = (await tableByDelta(reader, join(lake, 'silver/geo'))).rows;
    expect(rows.filter((row) => JSON.parse(row)[1] === '2020-08-28 03:52:47')).toHaveLength(1);
    rmSync(join(landing, 'topics/a.geo'), { recursive: true });
    await expect(run()).rejects.toThrow(
      /A rule of geo has changed, and 1 of the files that were read are no longer/,
    );
  });

  it('refuses a folder without landing files, and an empty widget', async () => {
    await land(worker.folder, { 'empty/topics/pin/nothing.txt': Buffer.from('') });
    const elsewhere = { landing: join(worker.folder, 'empty'), lake: join(worker.folder, 'other lake') };
    await expect(runNotebook(worker, notebook, elsewhere)).rejects.toThrow('There are no landing files in');
    await expect(runNotebook(worker, notebook, { ...elsewhere, lake: ' ' })).rejects.toThrow(
      "The widget 'lake' must be filled",
    );
  });
});

/** Files of a landing under names of another first offset. */
function renamed(landing: Landing, offset: string): Landing {
  const files = Object.entries(landing).map(([path, content]) => [
    path.replace('+0000000000.', `+${offset}.`),
    content,
  ]);
  return Object.fromEntries(files);
}

/** A file that has grown by the time of the third run. */
const changing = 'topics/user/partition=9/user+9+0000000000.json';

/** The worked example of the cleaning rules, and what it must become. */
const workedExample = {
  'topics/pin/partition=8/pin+8+0000000000.json': Buffer.from(
    '{"index":7528,"unique_id":"fbe53c66-3442-4773-b19e-d3ec6f54dddf","title":"No Title Data Available","description":"No description available Story format","poster_name":"User Info Error","follower_count":"User Info Error","tag_list":"N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e","is_image_or_video":"multi-video(story page format)","image_src":"Image src error.","downloaded":0,"save_location":"Local save in /data/mens-fashion","category":"mens-fashion"}\n',
  ),
  'topics/geo/partition=8/geo+8+0000000000.json': Buffer.from(
    '{"ind":7528,"timestamp":"2020-08-28 03:52:47","latitude":-89.9787,"longitude":-173.293,"country":"Albania"}\n',
  ),
  'topics/user/partition=8/user+8+0000000000.json': Buffer.from(
    '{"ind":7528,"first_name":"Abigail","last_name":"Ali","age":20,"date_joined":"2015-10-24 11:23:51"}\n',
  ),
};

const workedExampleCleaned = {
  'silver/pin': [
    7528,
    'fbe53c66-3442-4773-b19e-d3ec6f54dddf',
    null,
    null,
    null,
    null,
    null,
    'multi-video(story page format)',
    null,
    '/data/mens-fashion',
    'mens-fashion',
  ],
  'silver/geo': [7528, 'Albania', [-89.9787, -173.293], Date.parse('2020-08-28T03:52:47Z')],
  'silver/user': [7528, 'Abigail Ali', 20, Date.parse('2015-10-24T11:23:51Z')],
};
