/** Rows that another run writes between a run's look at a table and its own commit, which Delta alone would let pass. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { caseSettings } from '../../../pipeline/cases/spark_engine.ts';
import { pin } from '../../../pipeline/datasets/index.ts';
import { handedIn } from '../../../pipeline/engines/spark/local/notebook.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import type { SparkSession } from '../systems/spark.ts';
import { describeReal, spark } from '../systems.ts';
import { definitionsOf } from './notebook_runs.ts';

const notebook = notebookSources([pin], []).pinterest_batch_data;
const definitions = definitionsOf(notebook);

/** `added` adds rows by their keys, when another run has written its rows meanwhile, and returns the error. */
const program = `
path, definitions = input
book = {"__name__": "__main__", "spark": spark, "dbutils": Utilities({"landing": "/none", "lake": path}), "display": print}
exec(compile(definitions, "<notebook>", "exec"), book)
write = book["write"]
book["CLEAN"]["pin"] = ["ind", "title"]
def rows_of(*rows):
    return spark.createDataFrame(list(rows), "ind BIGINT, title STRING")
def added(rows, others):
    def late(of, at, *mode, **options):
        write(rows_of(*others), at)
        write(of, at, *mode, **options)
    book["write"] = late
    keys = [key for key, _ in rows]
    new = rows_of(*rows)
    try:
        book["add_by_key"](spark, "pin", new, book["Counted"](0, min(keys), max(keys), []), path)
    except Exception as error:
        return str(error)
    finally:
        book["write"] = write
write(rows_of((1, "a"), (5, "a")), path)
`;

describeReal('a run of the batch notebook that another one overtakes', [spark], () => {
  let session: SparkSession;
  beforeAll(async () => {
    session = await spark.share(caseSettings);
    await session.run(handedIn);
    await session.run(program, [join(session.folder, 'pins'), definitions]);
  });
  afterAll(() => session?.stop());

  it.each([
    ['of a key that is new', [2, 'b']],
    ['of a key beside one that came again', [3, 'b'], [5, 'b']],
  ])('adds no row twice %s', async (_, ...rows) => {
    const failed = await session.run(
      'rows = [tuple(row) for row in input]\noutput = added(rows, rows[:1])',
      rows,
    );
    expect(failed).toContain('Another run has written to');
    const twice = await session.run(`
output = spark.read.format("delta").load(path).groupBy("ind", "title").count().where("count > 1").collect()`);
    expect(twice).toEqual([]);
  });
});
