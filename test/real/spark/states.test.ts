/** States on real Spark: after each run of a history they hold what all rows give, whatever has happened to them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeLanding } from '../../../emulator/landing.ts';
import { cleanLanding } from '../../../pipeline/batch/run.ts';
import { rowsOf } from '../../../pipeline/columns/table.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { handedIn } from '../../../pipeline/engines/spark/local/notebook.ts';
import { type SparkSession, startSession } from '../../../pipeline/engines/spark/local/tables.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import { planSql } from '../../../pipeline/engines/spark/plan_sql.ts';
import { queries } from '../../../queries/index.ts';
import { describeReal, smallTables, spark } from '../systems.ts';
import { land } from './cases.ts';
import { landingsOf } from './landings.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const histories = Number(process.env.HISTORIES ?? 1);

describeReal(`states (SEED=${seed} HISTORIES=${histories})`, [spark], () => {
  let session: SparkSession;
  const notebook = notebookSources(datasets, queries).pinterest_batch_data;
  const definitions = notebook.slice(0, notebook.lastIndexOf('# MAGIC %md\n# MAGIC ## The run'));
  const run = (source: string) =>
    session.run(source.replaceAll('LAKE', JSON.stringify(join(session.folder, 'lake'))));

  beforeAll(async () => {
    session = await startSession({
      settings: { ...smallTables, 'spark.databricks.delta.retentionDurationCheck.enabled': 'false' },
    });
    const landing = join(session.folder, 'landing');
    await writeLanding(landing, { posts: 120, seed: 1 });
    for (const [at, files] of landingsOf(seed, 12).entries()) {
      const renamed = Object.entries(files).map(([path, lines]) => [
        path.replace('+0000000000.', `+000000001${at}.`),
        lines,
      ]);
      await land(landing, Object.fromEntries(renamed));
    }
    const { silver } = await cleanLanding(landing, datasets);
    for (const { name, table } of datasets) {
      const rows = rowsOf(silver[name] ?? expect.fail(name)).map((row) =>
        Object.keys(table.schema).map((of) => row[of] ?? null),
      );
      await session.makeViews({ name: `all_${name}`, schema: table.schema, rows });
    }
    await session.run(handedIn);
    await session.run(readFileSync(new URL('./states.py', import.meta.url), 'utf8'));
    await session.run('DEFINITIONS, PLANS = input', [
      definitions,
      Object.fromEntries(queries.map(({ name, plan }) => [name, planSql(plan)])),
    ]);
  });
  afterAll(() => session?.stop());

  it('hold what all rows give after each run of histories cut at random, with one commit a run', {
    timeout: histories * 600_000,
  }, async () => {
    for (let history = 0; history < histories; history += 1) {
      const outcome = await run(`
book = opened(LAKE + " ${history}")
output = []
for rows in pieces(${seed + history}, 4):
    append(book, rows)
    keep(book)
    output.append([wrong(book), commits(book)])
keep(book)
output += [commits(book), wrong_answers(book)]
`);
      expect(outcome).toEqual([[[], 1], [[], 2], [[], 3], [[], 4], 4, []]);
    }
  });

  it('catch up when they are behind, are made anew when lost, and see a table of silver that is another', async () => {
    const outcome = await run(`
import shutil
book = opened(LAKE)
states, silver_of = book["STATES_TABLE"], book["silver_of"]
first, second, third, fourth = pieces(${seed}, 4)
anew = []
states_of = book["states_of"]
def watched(parts, text, followed, now):
    anew.append(len(book["STATES"]) - len(followed))
    return states_of(parts, text, followed, now)
def kept():
    anew.clear()
    book["states_of"] = watched
    keep(book)
    book["states_of"] = states_of
    return [wrong(book), [count > 0 for count in anew]]

append(book, first)
keep(book)
append(book, second)
keep(book)
append(book, third)
spark.sql(f"RESTORE delta.\`{states}\` TO VERSION AS OF 0")
spark.sql(f"OPTIMIZE delta.\`{silver_of('pin')}\`")
output = {"behind, and compacted": kept()}

append(book, {"geo": fourth["geo"]})
spark.sql(f"OPTIMIZE delta.\`{silver_of('geo')}\`")
spark.sql(f"VACUUM delta.\`{silver_of('geo')}\` RETAIN 0 HOURS")
output["vacuumed"] = kept()

spark.sql(f"RESTORE delta.\`{silver_of('user')}\` TO VERSION AS OF 1")
output["restored"] = kept()

# With as many versions as there were.
count = spark.sql(f"DESCRIBE HISTORY delta.\`{silver_of('user')}\`").count()
shutil.rmtree(silver_of("user"))
for part in range(count):
    append(book, {"user": spark.table("all_user").where(f"pmod(ind, {count}) = {part}")})
output["another table"] = kept()

shutil.rmtree(states)
output["lost"] = [*kept(), wrong_answers(book)]
`);
    expect(outcome).toEqual({
      'behind, and compacted': [[], [false]],
      vacuumed: [[], [true]],
      restored: [[], [true]],
      'another table': [[], [true]],
      lost: [[], [true], []],
    });
  });

  it('count nothing twice when two runs add at once', async () => {
    const outcome = await run(`
import threading
book = opened(LAKE + " of two")
first, second, *_ = pieces(${seed}, 4)
append(book, first)
keep(book)
append(book, second)
books = [opened(LAKE + " of two") for _ in range(2)]
barrier, failed = threading.Barrier(2), []
def meeting(one):
    written = one["write"]
    def write(rows, path, *mode, **options):
        # Both have read what the states have seen. The one that is late must not add to what the other has written.
        barrier.wait(60)
        if one is books[1]:
            threads[0].join()
        written(rows, path, *mode, **options)
    one["write"] = write
def add(one):
    try:
        one["keep_states"](one["commits_of_silver"]())
    except Exception as error:
        failed.append(str(error))
for one in books: meeting(one)
threads = [threading.Thread(target=add, args=[one]) for one in books]
for thread in threads: thread.start()
for thread in threads: thread.join()
keep(book)
output = [failed, wrong(book), wrong_answers(book)]
`);
    expect(outcome).toEqual([[expect.stringContaining('Another run has written to')], [], []]);
  });
});
