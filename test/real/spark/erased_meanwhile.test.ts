/** Erasures in the moments in which Spark adds rows: Delta refuses what does not know of them, whoever takes the rows out. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf, tableOfRows } from '../../../pipeline/columns/table.ts';
import { datasets, pin } from '../../../pipeline/datasets/index.ts';
import { DeltaTable, overwriteDeltaTable, readDeltaTable } from '../../../pipeline/delta/table.ts';
import { handedIn, runNotebook } from '../../../pipeline/engines/spark/local/notebook.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import { takeOutOfSilver } from '../../../pipeline/erasures/take_out.ts';
import { appendErasures } from '../../../pipeline/erasures.ts';
import type { SparkWorker } from '../systems/spark.ts';
import { describeReal, smallTables, spark } from '../systems.ts';
import { land } from './cases.ts';
import { definitionsOf } from './notebook_runs.ts';

const { pinterest_batch_data: notebook } = notebookSources(datasets, []);
const definitions = definitionsOf(notebook);

/** Appends a row, and reads its table, in a transaction that waits for `go`; then its error, or nothing. */
const heldAppend = `
import os, threading, time
from pyspark.sql import functions as F
path, folder = input
def held(key):
    open(f"{folder}/begun", "w").close()
    while not os.path.exists(f"{folder}/go"):
        time.sleep(0.02)
    return key
failed = []
def append():
    kept = spark.read.format("delta").load(path)
    rows = spark.range(7, 8).select(F.udf(held, "bigint")("id").alias("ind")).join(kept, "ind", "left_anti")
    try:
        rows.write.format("delta").mode("append").save(path)
    except Exception as error:
        failed.append(str(error))
appending = threading.Thread(target=append)
appending.start()
while not os.path.exists(f"{folder}/begun"):
    time.sleep(0.02)
`;

describeReal('posts that are erased while Spark writes', [spark], () => {
  let worker: SparkWorker;

  beforeAll(async () => {
    worker = await spark.share(smallTables);
    await worker.run(handedIn);
  });
  afterAll(() => worker?.stop());

  const definedIn = (lake: string) => `
book = {"__name__": "__main__", "spark": spark, "dbutils": Utilities({"landing": "/none", "lake": ${JSON.stringify(lake)}}), "display": print}
exec(compile(input, "<notebook>", "exec"), book)
`;

  it.each(['Node', 'a notebook'])(
    'an append that began before %s has freed its table is refused, though no row was there to take out',
    async (who) => {
      const lake = join(worker.folder, who);
      const path = join(lake, 'silver/pin');
      await overwriteDeltaTable(path, tableOfRows({ ind: 'bigint' }, [{ ind: 1 }]));
      await worker.run(heldAppend, [path, lake]);
      const erasures = await appendErasures(lake, [7], { reason: null, returns: true });
      if (who === 'Node') {
        await takeOutOfSilver(path, pin, erasures);
      } else {
        await worker.run(definedIn(lake), definitions);
        await worker.run(
          'book["take_out_erased"](spark, input, book["read_erasures"](spark), -1, book["has_key"](book["KEY"]["pin"]))',
          path,
        );
      }
      writeFileSync(join(lake, 'go'), '');
      const failed = await worker.run('appending.join()\noutput = failed');
      expect(failed).toEqual([expect.stringMatching(/metadata.*changed/is)]);
      expect(rowsOf(await readDeltaTable(path))).toEqual([{ ind: 1 }]);
      // The table says that it is free.
      expect(await (await DeltaTable.open(path)).txnVersion('erasures')).toBe(erasures.upTo);
    },
  );

  describe('a run that has looked for erasures before one comes', () => {
    const lake = () => join(worker.folder, 'lake');
    const landing = () => join(worker.folder, 'landing');
    const run = (source = notebook) =>
      runNotebook(worker, source, { lake: lake(), landing: landing() }).catch(String);
    const keysIn = async (table: string) =>
      rowsOf(await readDeltaTable(join(lake(), table)))
        .map(({ ind, text }) => ind ?? text)
        .sort();
    const landed = (name: string, lines: string) =>
      land(landing(), { [`topics/pin/partition=0/pin+0+000000000${name}.json`]: Buffer.from(lines) });

    /** Runs the notebook, and erases a key when it has looked. */
    async function runErasing(key: number, source: string): Promise<unknown> {
      const [looked, erased] = [join(lake(), `looked ${key}`), join(lake(), `erased ${key}`)];
      const begin = 'announce_rules(found)\n';
      expect(source).toContain(begin);
      const running = run(
        source.replace(
          begin,
          () => `${begin}
import os, time
open(${JSON.stringify(looked)}, "w").close()
while not os.path.exists(${JSON.stringify(erased)}):
    time.sleep(0.02)
`,
        ),
      );
      while (!existsSync(looked)) {
        await pause(20);
      }
      const erasures = await appendErasures(lake(), [key], { reason: null, returns: true });
      await takeOutOfSilver(join(lake(), 'silver/pin'), pin, erasures);
      writeFileSync(erased, '');
      return running;
    }

    it('takes out what it has added, where it is the first of the lake', async () => {
      await landed('0', '{"index":1}\n{"index":2}\n');
      await run();
      await landed('1', '{"index":3}\n{"index":3,"ti\n{"index":4}\n');
      expect(await runErasing(3, notebook)).toContain('Posts were erased while this ran');
      expect(await keysIn('silver/pin')).toEqual([1, 2, 4]);
      await run();
      expect(await keysIn('silver/pin')).toEqual([1, 2, 4]);
      expect(await keysIn('quarantine/pin')).toEqual([]);
    });

    it('adds nothing where it knows earlier ones, even if it is killed before its end', async () => {
      const end = 'if take_out_newer(';
      expect(notebook).toContain(end);
      await landed('2', '{"index":5}\n{"index":5,"ti\n{"index":6}\n');
      const killed = notebook.replace(end, () => `raise RuntimeError("killed")\n${end}`);
      expect(await runErasing(5, killed)).toContain('Posts were erased meanwhile');
      expect(await keysIn('silver/pin')).toEqual([1, 2, 4]);
      await run();
      expect(await keysIn('silver/pin')).toEqual([1, 2, 4, 6]);
      expect(await keysIn('quarantine/pin')).toEqual([]);
    });

    it('does not record a file that an erasure has removed after it was read, and for which a changed rule would ask', async () => {
      const end = 'if take_out_newer(';
      const file = 'topics/pin/partition=0/pin+0+0000000003.json';
      await landed('3', '{"index":7}\n');
      const removed = `import os\nos.remove(${JSON.stringify(join(landing(), file))})\n`;
      expect(await run(notebook.replace(end, () => `${removed}${end}`))).toContain(
        'Landing files were removed while they were read',
      );
      await run();
      const recorded = rowsOf(await readDeltaTable(join(lake(), 'files_read'))).map((row) => row.file);
      expect(recorded).toContain('topics/pin/partition=0/pin+0+0000000002.json');
      expect(recorded).not.toContain(file);
    });
  });
});
