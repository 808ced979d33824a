/** The batch notebook, run again and again over small landings: what a run writes, counts and refuses. */
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeLanding } from '../../../emulator/landing.ts';
import { filesReadSchema } from '../../../pipeline/batch/files_read.ts';
import { rowsOf, tableOfRows } from '../../../pipeline/columns/table.ts';
import { datasets, geo, pin, user } from '../../../pipeline/datasets/index.ts';
import { overwriteDeltaTable, readDeltaTable, tablePath } from '../../../pipeline/delta/table.ts';
import { handedIn, runNotebook } from '../../../pipeline/engines/spark/local/notebook.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import { queries } from '../../../queries/index.ts';
import { changedGeo, landFirst } from '../../batch/lakes.ts';
import { runInto } from '../../batch/run_into.ts';
import { Choices } from '../../support/random.ts';
import type { DeltaReader } from '../systems/deltalake.ts';
import type { SparkWorker } from '../systems/spark.ts';
import { deltalake, describeReal, smallTables, spark } from '../systems.ts';
import { land } from './cases.ts';
import { eraseInTurn } from './erasing.ts';
import { historyOf, killed, killedAt } from './histories.ts';
import { lakeByDelta, lakeByNode, tableByDelta } from './lake.ts';
import { commitsOf, copyIn, killedAtEnd, meeting, twoAtOnce } from './notebook_runs.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const histories = Number(process.env.HISTORIES ?? 1);

/** The commits of a first run: the rules, silver, quarantine, states, answers and `files_read`. */
const commitsOfRun = 1 + 2 * datasets.length + 1 + queries.length + 1;

describeReal(`runs of the batch notebook (SEED=${seed} HISTORIES=${histories})`, [spark, deltalake], () => {
  let worker: SparkWorker;
  let reader: DeltaReader;
  let landing: string;
  let lake: string;
  const notebook = notebookSources(datasets, queries).pinterest_batch_data;
  const run = (source = notebook, at = lake) => runNotebook(worker, source, { landing, lake: at });

  beforeAll(async () => {
    worker = await spark.share(smallTables);
    reader = deltalake.start();
    landing = join(worker.folder, 'landing');
    lake = join(worker.folder, 'lake');
    await writeLanding(landing, { posts: 300, seed: 1, recordsPerFile: 100 });
  });
  afterAll(async () => {
    await worker?.stop();
    await reader?.stop();
  });

  /** Expects the lake to be what Node makes of the landing files. */
  async function expectAsNode(): Promise<void> {
    expect(await lakeByDelta(reader, lake)).toEqual(await lakeByNode(landing));
  }

  it('commits each table once in the first run, and nothing when nothing is new', async () => {
    await run();
    await expectAsNode();
    const first = commitsOf(lake);
    // With the states and `files_read`, which also announces the rules.
    const tables = 3 + 3 + queries.length + 2;
    expect(Object.values(first).reduce((sum, commits) => sum + commits, 0)).toBe(tables + 1);
    // Each run writes a file, by which the alarm sees it.
    const ended = () => readdirSync(join(lake, 'last_batch')).filter((name) => name.startsWith('part-'));
    const [before] = ended();
    const { printed, shown } = await run();
    expect(printed).toMatch(/^pin: 0 of 3 landing files read now$/m);
    expect(shown).toHaveLength(queries.length);
    expect(commitsOf(lake)).toEqual(first);
    expect(ended()).toEqual([expect.not.stringMatching(String(before))]);
  });

  it('writes no answer whose silver is as it was', async () => {
    await land(landing, {
      'topics/user/partition=0/user+0+0000009000.json': Buffer.from('{"ind":900001,"age":30}\n'),
    });
    const before = commitsOf(lake);
    await run();
    const after = commitsOf(lake);
    const written = Object.keys(after).filter((table) => after[table] !== before[table]);
    const ofUser = queries.filter(({ plan }) => JSON.stringify(plan).includes('"name":"user"'));
    expect(written.sort()).toEqual(
      ['files_read', 'states', 'silver/user', ...ofUser.map(({ name }) => `gold/${name}`)].sort(),
    );
    await expectAsNode();
  });

  it('computes an answer again when its question has changed or it is lost, and keeps it', async () => {
    const [first = expect.fail(), second = expect.fail(), ...rest] = queries;
    const changed = { ...first, plan: second.plan, schema: second.schema };
    const other = notebookSources(datasets, [changed, second, ...rest]).pinterest_batch_data;
    await run(other);
    const table = (name: string) => tableByDelta(reader, join(lake, 'gold', name));
    expect(await table(first.name)).toEqual(await table(second.name));
    const before = commitsOf(lake);
    await run(other);
    expect(commitsOf(lake)).toEqual(before);
    // Node's run does not say by which statements it has answered.
    await runInto(lake, landing);
    await run();
    await expectAsNode();
  });

  it('reads all files of a dataset again when its silver or quarantine is gone', async () => {
    for (const table of ['silver/geo', 'quarantine/user']) {
      rmSync(join(lake, table), { recursive: true });
      const { printed } = await run();
      expect(printed).toContain(`(The table ${table} of the lake is gone)`);
      await expectAsNode();
    }
    expect((await run()).printed).toMatch(/^geo: 0 of 3 landing files read now$/m);
  });

  it('adds rows of keys that came again where another column differs, nulls too', async () => {
    const again = [
      '{"ind":900002,"first_name":"Ann"}',
      '{"ind":900002,"first_name":"Ann","age":20}',
      '{"ind":900001,"age":30}',
      '{"ind":900001,"age":31}',
      '{"ind":900001}',
      '{"ind":-5,"age":31}',
    ];
    const path = (offset: number) => `topics/user/partition=0/user+0+000000${offset}.json`;
    await land(landing, { [path(9001)]: Buffer.from(`${again.slice(2).join('\n')}\n`) });
    await run();
    await expectAsNode();
    await land(landing, { [path(9002)]: Buffer.from(`${again.join('\n')}\n`) });
    await run();
    await expectAsNode();
    // As if more came again than keys are compared by.
    await land(landing, { [path(9003)]: Buffer.from(`${again.join('\n')}\n{"ind":900001,"age":99}\n`) });
    await run(notebook.replace('KEYS_COMPARED = 10_000', 'KEYS_COMPARED = 1'));
    await expectAsNode();
  });

  it('counts the values that cleaning has made null', async () => {
    await land(landing, {
      'topics/user/partition=0/user+0+0000009100.json': Buffer.from(
        '{"ind":900010,"first_name":" ","date_joined":"yesterday"}\n{"ind":900011,"date_joined":""}\n{"ind":900012}\n',
      ),
    });
    const { printed, last } = await run();
    expect(printed).toContain('Values of the lines read now that cleaning has made null:');
    expect(last).toEqual([
      ['user', 'user_name', 1],
      ['user', 'date_joined', 2],
    ]);
  });

  it('reads compressed files and other endings, and names what it does not read', async () => {
    const at = 'topics/user/partition=1/user+1+00000000';
    const line = (ind: number) => Buffer.from(`{"ind":${ind},"age":40}\n`);
    await land(landing, {
      [`${at}01.json.gz`]: gzipSync(Buffer.concat([line(910_001), line(910_002)])),
      [`${at}02.JSONL`]: line(910_003),
      [`${at}03.ndjson`]: line(910_004),
      [`${at}04.keys.json`]: line(920_001),
      [`${at}05.headers.json.gz`]: gzipSync(line(920_002)),
      [`${at}06.csv`]: line(920_003),
      [`${at}07.jsonx`]: line(920_004),
      'topics/user/_notes.json': line(920_005),
    });
    const { printed } = await run();
    expect(printed).toMatch(/^user: 3 of \d+ landing files read now$/m);
    expect(printed).toContain(
      `user: 4 other files not read: ${['04.keys.json', '05.headers.json.gz', '06.csv', '07.jsonx']
        .map((name) => at + name)
        .join(', ')}\n`,
    );
    const { rows } = await tableByDelta(reader, join(lake, 'silver/user'));
    const added = rows.filter((row) => /^\[9[12]0/.test(row)).map((row) => JSON.parse(row)[0]);
    expect(added).toEqual([910_001, 910_002, 910_003, 910_004]);
    const read = await tableByDelta(reader, join(lake, 'files_read'));
    expect(read.rows.filter((row) => row.includes(`${at}01.json.gz`))).toHaveLength(1);
    expect((await run()).printed).toMatch(/^user: 0 of \d+ landing files read now$/m);
  });

  it('gives after each run of a history what one run gives, though each is killed at some commit first', {
    timeout: histories * 600_000,
  }, async () => {
    for (let history = 0; history < histories; history += 1) {
      const choices = new Choices(seed + history);
      const [files, at] = [join(worker.folder, `history${history}`), join(worker.folder, `lake${history}`)];
      for (const landed of historyOf(seed + history, 3, 2)) {
        await land(files, landed);
        // A run that comes to its end in fewer commits has not been killed.
        const commit = choices.below(commitsOfRun);
        const died = runNotebook(worker, killedAt(notebook, commit), { landing: files, lake: at });
        await died.catch((error) => expect(String(error)).toContain(killed));
        await runNotebook(worker, notebook, { landing: files, lake: at });
        expect(await lakeByDelta(reader, at), `history ${history}, commit ${commit}`).toEqual(
          await lakeByNode(files),
        );
      }
    }
  });

  it('keeps the raw copy that Node has begun, and reads gone files from it, as Node does from its own', async () => {
    const [first, own, all, other] = ['raw/first', 'raw/own', 'raw/all', 'raw/other'].map((name) =>
      join(worker.folder, name),
    ) as [string, string, string, string];
    const rules = [pin, changedGeo, user];
    const [sameRules, otherRules] = [datasets, rules].map(
      (of) => notebookSources(of, []).pinterest_batch_data,
    );
    const at = (source = '') => runNotebook(worker, source, { landing: first, lake: own });
    const line = Buffer.from('{"ind":7,"country":"Peru","timestamp":"a"}\r\n\n');
    const invalid = Buffer.from([0x22, 0xff, 0xc3, 0x0a]);
    await landFirst(first);
    await runInto(own, first, { bronze: true });
    await land(first, {
      'topics/geo/partition=1/geo+1+0000000000.json': Buffer.concat([
        line,
        invalid,
        line,
        Buffer.from('{"ind":8}'),
      ]),
      'topics/geo/partition=1/geo+1+0000000010.json.gz': gzipSync(Buffer.concat([invalid, line, line])),
      'topics/geo/partition=1/geo+1+0000000020.json.gz': gzipSync(''),
    });
    // Read by the same rules in other words.
    const record = tablePath(own, 'files_read');
    const read = rowsOf(await readDeltaTable(record));
    const [present = '', former = ''] = geo.sameRules;
    const formerly = read.map((row) => ({
      ...row,
      rules: row.rules === present ? former : (row.rules ?? null),
    }));
    expect(formerly).not.toEqual(read);
    await overwriteDeltaTable(record, tableOfRows(filesReadSchema, formerly));
    await expect(at(killedAtEnd(sameRules))).rejects.toThrow('killed');
    expect((await at(sameRules)).printed).toContain('geo: 3 of 4 landing files read now\n');
    await runInto(all, first, { bronze: true });
    for (const { name } of datasets) {
      expect(await copyIn(own, name)).toEqual(await copyIn(all, name));
    }
    await runInto(other, first, { datasets: rules });
    const expected = await lakeByDelta(reader, other, ['silver', 'quarantine']);
    rmSync(join(first, 'topics'), { recursive: true });
    await expect(at(killedAtEnd(otherRules))).rejects.toThrow('killed');
    expect((await at(otherRules)).printed).toContain(
      'geo: 0 of 0 landing files read now, and 4 that are gone from bronze (A rule of geo has changed)',
    );
    expect(await lakeByDelta(reader, own, ['silver', 'quarantine'])).toEqual(expected);
    // Node reads what Spark has copied.
    await runInto(own, first);
    expect(await lakeByDelta(reader, own, ['silver', 'quarantine'])).toEqual(
      await lakeByDelta(reader, all, ['silver', 'quarantine']),
    );
  });

  it('keeps a lake free of what was erased, and lets count what is posted anew, in turn with Node', async () => {
    await eraseInTurn(
      join(worker.folder, 'erased'),
      notebookSources(datasets, queries),
      seed,
      (source, widgets) => runNotebook(worker, source, widgets),
    );
  });

  it.each(['new tables', 'tables with rows'])(
    'adds no row or line twice when two run at once into %s',
    async (kind) => {
      const at = join(worker.folder, kind);
      if (kind === 'tables with rows') {
        cpSync(lake, at, { recursive: true });
      }
      const name = `topics/pin/partition=8/pin+8+00000000${kind.length}.json`;
      await land(landing, { [name]: Buffer.from('{"index":930001}\n{"index":930002}\nrubbish\n') });
      const places = ['silver/pin', 'quarantine/pin'];
      const widgets = { landing, lake: at };
      const failed = await worker.run(twoAtOnce, { source: meeting(notebook), widgets, places, handedIn });
      // Delta refuses at least one of them, wherever their commits meet.
      expect(failed).toEqual(expect.arrayContaining([expect.stringMatching(/Another run|concurrent/i)]));
      await run(notebook, at);
      const [pin, lines] = [
        await tableByDelta(reader, join(at, 'silver/pin')),
        await tableByDelta(reader, join(at, 'quarantine/pin')),
      ];
      expect(pin.rows).toEqual([...new Set(pin.rows)]);
      expect(pin.rows.filter((row) => row.startsWith('[93000'))).toHaveLength(2);
      expect(lines.rows.filter((row) => row.includes(name))).toHaveLength(1);
    },
  );

  it('copies no line twice when two runs begin a raw copy at once', async () => {
    const [from, to] = [join(worker.folder, 'copied'), join(worker.folder, 'copies')];
    const source = notebookSources([pin], []).pinterest_batch_data;
    await land(from, {
      'topics/pin/partition=0/pin+0+0000000000.json': Buffer.from('{"index":1}\nrubbish\n'),
    });
    const widgets = { landing: from, lake: to, bronze: 'begin' };
    const places = ['bronze/pin'];
    const failed = await worker.run(twoAtOnce, { source: meeting(source), widgets, places, handedIn });
    expect(failed).toHaveLength(1);
    await runNotebook(worker, source, widgets);
    expect(await copyIn(to, 'pin')).toHaveLength(1 + 2);
  });
});
