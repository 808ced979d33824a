/** States on real Spark: after each run of a history they hold what all rows give, whatever has happened to them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { writeLanding } from '../../../emulator/landing.ts';
import { cleanLanding } from '../../../pipeline/batch/run.ts';
import { rowsOf } from '../../../pipeline/columns/table.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { handedIn } from '../../../pipeline/engines/spark/local/notebook.ts';
import type { SparkSession } from '../../../pipeline/engines/spark/local/tables.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import { planSql } from '../../../pipeline/engines/spark/plan_sql.ts';
import { takeOutOfSilver } from '../../../pipeline/erasures/take_out.ts';
import { appendErasures } from '../../../pipeline/erasures.ts';
import { queries } from '../../../queries/index.ts';
import { describeReal, smallTables, spark } from '../systems.ts';
import { land } from './cases.ts';
import { landingsOf } from './landings.ts';
import { definitionsOf } from './notebook_runs.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const histories = Number(process.env.HISTORIES ?? 1);

describeReal(`states (SEED=${seed} HISTORIES=${histories})`, [spark], () => {
  let session: SparkSession;
  const run = (source: string) =>
    session.run(source.replaceAll('LAKE', JSON.stringify(join(session.folder, 'lake'))));

  beforeAll(async () => {
    session = await spark.share({
      ...smallTables,
      'spark.databricks.delta.retentionDurationCheck.enabled': 'false',
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
      definitionsOf(notebookSources(datasets, queries).pinterest_batch_data),
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

  it('catch up when they lag, are computed again when lost, and notice a replaced table of silver', async () => {
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

  it('take back what was erased by notebooks and by Node, and are made anew where they keep first tuples alone', async () => {
    const lake = join(session.folder, 'lake of erased');
    const placed = await run(`
book = opened(LAKE + " of erased")
parts = pieces(${seed}, 4)
anew = []
states_of = book["states_of"]
def watched(parts, text, followed, now):
    anew.append(sorted(name for name in book["STATES"] if name not in followed))
    return states_of(parts, text, followed, now)
book["states_of"] = watched
def erase(condition, returns):
    keys = " UNION ".join(f"SELECT ind FROM all_{dataset} WHERE {condition}" for dataset in book["DECODE"])
    book["create_if_missing"](spark, book["ERASURES"], book["ERASURES_COLUMNS"])
    book["write"](spark.sql(f"SELECT ind, current_timestamp() AS erased_at, NULL AS reason, {returns} AS returns FROM ({keys})"), book["ERASURES"])
def take_out():
    for dataset, key in book["KEY"].items():
        book["take_out_erased"](spark, book["silver_of"](dataset), book["read_erasures"](spark), -1, book["has_key"](key))
def kept():
    anew.clear()
    keep(book)
    book["states_of"] = states_of
    found = [wrong(book), wrong_answers(book)]
    book["states_of"] = watched
    return [*found, *anew]
output = sorted(name for name, of in book["STATES"].items() if of["place"])
`);
    expect(placed).not.toEqual([]);
    const outcome = await run(`
output = {}
append(book, parts[0])
keep(book)
append(book, parts[1])
erase("pmod(ind, 5) = 0", "false")
erase("pmod(ind, 5) = 1", "true")
take_out()
left = lambda part: {dataset: rows.where("pmod(ind, 5) <> 0") for dataset, rows in part.items()}
append(book, left(parts[2]))
output["erased between rows that come"] = kept()
# Of one dataset alone, and with nothing new.
book["take_out"](spark, book["silver_of"]("geo"), "pmod(ind, 5) = 1", book["read_erasures"](spark))
output["of one dataset"] = kept()
append(book, left(parts[3]))
output["nothing erased"] = kept()
`);
    const rest = [[], [], placed];
    expect(outcome).toEqual({
      'erased between rows that come': rest,
      'of one dataset': rest,
      'nothing erased': [[], [], []],
    });
    const eraseByNode = async (condition: string) => {
      const keys = await session.run(`
output = [row[0] for row in spark.sql("SELECT ind FROM all_geo WHERE ${condition}").collect()]`);
      const erasures = await appendErasures(lake, z.array(z.number()).parse(keys), {
        reason: null,
        returns: false,
      });
      for (const dataset of datasets) {
        await takeOutOfSilver(join(lake, 'silver', dataset.name), dataset, erasures);
      }
    };
    await eraseByNode('pmod(ind, 5) = 2');
    expect(await run('output = kept()')).toEqual(rest);
    await eraseByNode('pmod(ind, 5) = 3');
    const late = await run(`
known = book["read_erasures"]
# A run that has looked before the last erasure does not know what it took out.
book["read_erasures"] = lambda session: [of for of in known(session) if of.at < max(each.at for each in known(session))]
output = [kept(), sorted(book["STATES"])]
book["read_erasures"] = known
`);
    const [found, names] = z.tuple([z.array(z.unknown()), z.unknown()]).parse(late);
    expect(found).toEqual([[], [], names]);
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
        keep(one)
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
