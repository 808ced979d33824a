import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeLanding } from '../../../emulator/landing.ts';
import { answer, cleanLanding } from '../../../pipeline/batch/run.ts';
import { rowsOf, tableOfRows } from '../../../pipeline/columns/table.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { maintainTable } from '../../../pipeline/delta/maintain/maintain.ts';
import { DeltaTable, overwriteDeltaTable, readDeltaTable } from '../../../pipeline/delta/table.ts';
import { queries } from '../../../queries/index.ts';
import { runInto } from '../../batch/run_into.ts';
import { suiteFolder } from '../../support/folder.ts';
import { land } from '../../support/landing.ts';
import type { SparkSession } from '../systems/spark.ts';
import { describeReal, spark } from '../systems.ts';

const schema = { key: 'bigint', name: 'text' } as const;

describeReal('a table that a warehouse has given deletion vectors', [spark], () => {
  const folder = suiteFolder('deletion-vectors');
  let session: SparkSession;
  beforeAll(async () => {
    session = await spark.share();
  });
  afterAll(async () => session?.stop());

  /** Makes a table of so many rows with deletion vectors, and runs statements on it. */
  async function touched(name: string, rows: number, statements: readonly string[]): Promise<string> {
    const table = join(folder, name);
    await session.run(
      `
at = f"delta.\`{input['table']}\`"
spark.sql(f"CREATE TABLE {at} (key BIGINT, name STRING) USING DELTA TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
spark.range(input["rows"]).selectExpr("id AS key", "concat('n', id) AS name").coalesce(1).write.format("delta").mode("append").save(input["table"])
for statement in input["statements"]:
    spark.sql(statement.replace("TABLE", at))
output = None
`,
      { table, rows, statements },
    );
    return table;
  }

  const keysBySpark = async (table: string) =>
    session.run(
      'output = [row.key for row in spark.read.format("delta").load(input).orderBy("key").collect()]',
      table,
    );
  const keysByNode = async (table: string) =>
    rowsOf(await readDeltaTable(table, { columns: ['key'] }))
      .map(({ key }) => Number(key))
      .sort((a, b) => a - b);
  const logOf = (table: string) =>
    readdirSync(join(table, '_delta_log'))
      .filter((name) => name.endsWith('.json'))
      .map((name) => readFileSync(join(table, '_delta_log', name), 'utf8'))
      .join('');

  it.each<[string, number, readonly string[]]>([
    ['a few rows', 1000, ['DELETE FROM TABLE WHERE key IN (0, 7, 999)']],
    ['one run', 5000, ['DELETE FROM TABLE WHERE key BETWEEN 100 AND 4200']],
    ['many scattered rows', 200_000, ['DELETE FROM TABLE WHERE key % 3 = 0']],
    [
      'more rows in a second statement',
      1000,
      ['DELETE FROM TABLE WHERE key < 10', 'DELETE FROM TABLE WHERE key > 990'],
    ],
    ['rows that are updated', 1000, ["UPDATE TABLE SET name = 'x' WHERE key % 10 = 1"]],
  ])('is read without the rows that are deleted: %s', async (name, rows, statements) => {
    const table = await touched(name.replaceAll(' ', '-'), rows, statements);
    expect(logOf(table)).toContain('"deletionVector":{');
    expect(await keysByNode(table)).toEqual(await keysBySpark(table));
  });

  it('is added to, maintained and overwritten, and Spark reads the same', async () => {
    const table = await touched('written', 1000, ['DELETE FROM TABLE WHERE key % 2 = 0']);
    const opened = await DeltaTable.open(table);
    for (const key of [5000n, 5001n, 5002n]) {
      await opened.append([tableOfRows(schema, [{ key: Number(key), name: 'new' }])]);
    }
    await maintainTable(table, { isDryRun: false });
    expect(await keysByNode(table)).toEqual(await keysBySpark(table));
    expect(await keysByNode(table)).toHaveLength(503);
    await overwriteDeltaTable(table, tableOfRows(schema, [{ key: 1, name: 'one' }]));
    expect(await keysBySpark(table)).toEqual([1]);
    expect(await keysByNode(table)).toEqual([1]);
  });

  it('gives a lake’s batch the answers over the rows that are left', async () => {
    const [landing, lake] = [join(folder, 'landing'), join(folder, 'lake')];
    await writeLanding(landing, { posts: 300, seed: 1 });
    await runInto(lake, landing);
    for (const dataset of ['pin', 'geo', 'user']) {
      await session.run(
        `
at = f"delta.\`{input}\`"
spark.sql(f"ALTER TABLE {at} SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
spark.sql(f"DELETE FROM {at} WHERE ind % 3 = 1")
output = None
`,
        join(lake, 'silver', dataset),
      );
      expect(logOf(join(lake, 'silver', dataset))).toContain('"deletionVector":{');
    }
    await land(landing, 'topics/pin/partition=9/pin+9+0000000000.json', ['{"index":3000,"category":"art"}']);
    const { answers } = await runInto(lake, landing);
    const { silver } = await cleanLanding(landing, datasets);
    const left = Object.entries(silver).map(([name, table]) => [
      name,
      tableOfRows(
        table.schema,
        rowsOf(table).filter(({ ind }) => Number(ind) % 3 !== 1),
      ),
    ]);
    expect(answers.map(({ table }) => rowsOf(table))).toEqual(
      answer(queries, Object.fromEntries(left)).map(({ table }) => rowsOf(table)),
    );
  });
});
