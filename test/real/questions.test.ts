/** The questions on DuckDB, whose answers are kept for tests without it, and on real Spark. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ColumnarTable, tableOfRows } from '../../pipeline/columns/table.ts';
import { planSql } from '../../pipeline/engines/spark/plan_sql.ts';
import type { Schema, Value } from '../../pipeline/plan/types.ts';
import { questions } from '../questions/index.ts';
import { silver } from '../questions/silver.ts';
import { comparable } from '../support/random_plans.ts';
import type { SparkSession } from './systems/spark.ts';
import { describeReal, duckdb, spark } from './systems.ts';

const tables = silver.map(({ name, schema, rows }) => ({
  name,
  schema,
  rows: rows.map((row) => Object.keys(schema).map((column) => row[column] ?? null)),
}));

describeReal('the questions on DuckDB', [duckdb], () => {
  it('have the answers that are kept (written with -u)', async () => {
    const statements = questions.map((question) => question.duckdb);
    const answers = await duckdb.ask(tables, statements);
    for (const [i, { query }] of questions.entries()) {
      const lines = (answers[i] ?? []).map((row) => `${JSON.stringify(row)}\n`);
      await expect(lines.join('')).toMatchFileSnapshot(`../questions/golden/${query.name}.jsonl`);
    }
  });
});

describeReal('the questions on DuckDB and on real Spark', [duckdb, spark], () => {
  let session: SparkSession;
  beforeAll(async () => {
    session = await spark.share();
    await session.makeViews(...tables);
  });
  afterAll(() => session?.stop());

  it('have the same answers', async () => {
    const expected = await duckdb.ask(
      tables,
      questions.map((question) => question.duckdb),
    );
    const answers = await session.answers(...questions.map(({ query }) => planSql(query.plan)));
    for (const [i, { query }] of questions.entries()) {
      const { name, plan, schema } = query;
      expect(answers[i]?.schema, name).toEqual(schema);
      expect(comparable(plan, tableOf(schema, answers[i]?.rows ?? [])), name).toEqual(
        comparable(plan, tableOf(schema, expected[i] ?? [])),
      );
    }
  });
});

function tableOf(schema: Schema, rows: readonly (readonly Value[])[]): ColumnarTable {
  const names = Object.keys(schema);
  return tableOfRows(
    schema,
    rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? null]))),
  );
}
