/**
 * Real Spark against the engine in Node: silver, quarantine and the nine answers of hundreds of generated landings, row for
 * row and type for type. All landings go through the same few Spark jobs, kept apart by a column.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answer, cleanLanding, type LandingInMemory } from '../../../pipeline/batch/run.ts';
import { caseColumn, ofEveryCase } from '../../../pipeline/cases/every_case.ts';
import { type ColumnarTable, rowsOf } from '../../../pipeline/columns/table.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { decodeSql } from '../../../pipeline/engines/spark/decode_sql.ts';
import { type SparkForms, sparkForms } from '../../../pipeline/engines/spark/expression.ts';
import type { SparkAnswer } from '../../../pipeline/engines/spark/local/tables.ts';
import { planSql } from '../../../pipeline/engines/spark/plan_sql.ts';
import { stringLiteral } from '../../../pipeline/engines/spark/quoting.ts';
import type { Dataset } from '../../../pipeline/plan/dataset.ts';
import type { RelationNode } from '../../../pipeline/plan/relation.ts';
import type { Schema, Value } from '../../../pipeline/plan/types.ts';
import { queries } from '../../../queries/index.ts';
import type { SparkSession } from '../systems/spark.ts';
import { describeReal, spark } from '../systems.ts';
import { type Landing, land } from './cases.ts';
import { landingsOf } from './landings.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const caseCount = Number(process.env.CASES ?? 240);

describeReal(`parity of Node and real Spark (SEED=${seed} CASES=${caseCount})`, [spark], () => {
  let session: SparkSession;
  let root: string;
  let landings: readonly Landing[];
  let byNode: readonly LandingInMemory[];

  beforeAll(async () => {
    session = await spark.share({ 'spark.sql.variant.allowDuplicateKeys': 'true' });
    root = join(session.folder, 'cases');
    landings = landingsOf(seed, caseCount);
    const cleaned: LandingInMemory[] = [];
    for (const [number, files] of landings.entries()) {
      await land(join(root, String(number)), files);
      cleaned.push(await cleanLanding(join(root, String(number)), datasets));
    }
    byNode = cleaned;
  });
  afterAll(() => session?.stop());

  it.each(datasets)('reads and cleans $name', async (dataset) => {
    const [cleaned, bad] = await clean(session, root, dataset);
    const silver = byNode.map((landing) => landing.silver[dataset.name]);
    expect(outcomesOf(cleaned, caseCount)).toEqual(silver.map((table) => expectedOf(table)));
    const quarantine = byNode.map((landing) => landing.quarantine[dataset.name]);
    expect(outcomesOf(bad, caseCount)).toEqual(quarantine.map((table) => expectedOf(table)));
  });

  it.each(queries)('answers $name', async ({ name, plan }) => {
    const [given] = await session.answers(planSql(ofEveryCase(plan)));
    const expected = byNode.map(({ silver }) => {
      const table = answer(queries, silver).find(({ query }) => query.name === name)?.table;
      return expectedOf(table, 'in order');
    });
    expect(outcomesOf(given, caseCount, 'in order')).toEqual(expected);
  });

  it('has landings that answer every query and fill every quarantine', () => {
    for (const { name } of queries) {
      const answered = byNode.filter(({ silver }) => {
        const table = answer(queries, silver).find(({ query }) => query.name === name)?.table;
        return (table?.length ?? 0) > 0;
      });
      expect(answered.length, name).toBeGreaterThan(caseCount / 4);
    }
    for (const { name } of datasets) {
      const reasons = ['malformed_json', 'missing_key'] as const;
      for (const reason of reasons) {
        const counted = byNode.filter(({ totals }) => (totals[name]?.quarantined[reason] ?? 0) > 0);
        expect(counted.length, `${name} ${reason}`).toBeGreaterThan(caseCount / 4);
      }
    }
  });

  it('has landings of every kind on which engines could differ', () => {
    const silverOf = (dataset: string) =>
      byNode.map(({ silver }) => rowsOf(silver[dataset] ?? expect.fail(dataset)));
    for (const { name, table } of datasets) {
      const rows = silverOf(name).flat();
      for (const column of Object.keys(table.schema).filter((of) => of !== 'ind')) {
        const known = rows.filter((row) => row[column] !== null).length;
        expect({ column, known: known > 0, null: known < rows.length }).toEqual({
          column,
          known: true,
          null: true,
        });
      }
      expect(byNode.filter(({ totals }) => (totals[name]?.repeated ?? 0) > 0).length).toBeGreaterThan(
        caseCount / 4,
      );
    }
    const ages = new Set(silverOf('user').flatMap((rows) => rows.map(({ age }) => age)));
    expect([17, 18, 24, 25, 35, 36, 50, 51].filter((age) => !ages.has(age))).toEqual([]);
    const followers = new Set(silverOf('pin').flatMap((rows) => rows.map((row) => row.follower_count)));
    const written = [12_000, 1_500_000, 1150, 999, 1, 1_000_000_000, 9_007_199_254_740_991];
    expect(written.filter((count) => !followers.has(count))).toEqual([]);
    const text = landings
      .flatMap((files) => Object.values(files).map((file) => file.toString('latin1')))
      .join('');
    const odd = [
      '-02-29',
      '-02-30',
      ':-0',
      '1e999',
      'NaN',
      '9007199254740993',
      '1e+308',
      '0000-',
      '9999-',
      '\\ud83c',
    ];
    expect(odd.filter((part) => !text.includes(part))).toEqual([]);
    for (const bytes of ['🂡', 'ﬀ', '\ufeff']
      .map((of) => Buffer.from(of).toString('latin1'))
      .concat('\xff', '\r')) {
      expect(text.includes(bytes), JSON.stringify(bytes)).toBe(true);
    }
    expect(byNode.filter(({ silver }) => hasTie(silver)).length).toBeGreaterThan(caseCount / 10);
  });

  it('agrees one landing at a time, by exactly the SQL that is deployed', async () => {
    for (const number of [0, 1, 2].filter((wanted) => wanted < caseCount)) {
      const rowsOfCase = datasets.map(({ name, table }) => {
        const columns = Object.keys(table.schema)
          .map((column) => `\`${column}\``)
          .join(', ');
        return `SELECT ${columns} FROM every_${name} WHERE ${caseColumn} = ${number}`;
      });
      await session.run(
        'for name, statement in input: spark.sql(statement).createOrReplaceTempView(name)',
        datasets.map(({ name }, at) => [`one_${name}`, rowsOfCase[at] ?? '']),
      );
      const relationOf = (source: string) => `\`one_${source}\``;
      const given = await session.answers(...queries.map(({ plan }) => planSql(plan, { relationOf })));
      const expected = answer(queries, byNode[number]?.silver ?? {});
      expect(given.map((answered) => outcomeOf(answered.schema, answered.rows))).toEqual(
        expected.map(({ table }) => expectedOf(table, 'in order')),
      );
    }
  });

  it('fails when one function has a wrong form in Spark', async () => {
    const broken: SparkForms = {
      ...sparkForms,
      functions: {
        ...sparkForms.functions,
        at_most: { spark: (a, b) => `(${a} < ${b})` },
      },
    };
    const name = 'median_followers_by_age_group';
    const plan = queries.find((query) => query.name === name)?.plan ?? expect.fail(name);
    const [given] = await session.answers(planSql(ofEveryCase(plan), { forms: broken }));
    const expected = byNode.map(({ silver }) =>
      expectedOf(answer(queries, silver).find(({ query }) => query.name === name)?.table, 'in order'),
    );
    expect(outcomesOf(given, caseCount, 'in order')).not.toEqual(expected);
  });
});

/** True when two categories are posted most in one country, equally often. */
function hasTie(silver: LandingInMemory['silver']): boolean {
  const [pin, geo] = [silver.pin ?? expect.fail('pin'), silver.geo ?? expect.fail('geo')];
  const counts = new Map<Value, Map<Value, number>>();
  for (const { ind, country = null } of rowsOf(geo)) {
    for (const { category = null } of rowsOf(pin).filter((row) => row.ind === ind)) {
      const ofCountry = counts.get(country) ?? new Map<Value, number>();
      counts.set(country, ofCountry.set(category, (ofCountry.get(category) ?? 0) + 1));
    }
  }
  counts.delete(null);
  return [...counts.values()].some((ofCountry) => {
    ofCountry.delete(null);
    const most = Math.max(...ofCountry.values());
    return [...ofCountry.values()].filter((count) => count === most).length > 1;
  });
}

/** Decodes and cleans the landing files of every case; leaves the rows as the view that queries read. */
async function clean(session: SparkSession, root: string, dataset: Dataset): Promise<SparkAnswer[]> {
  const { name } = dataset;
  const below = stringLiteral(`${root}/`);
  const file = `substring_index(url_decode(replace(_metadata.file_path, '+', '%2B')), ${below}, -1)`;
  await session.run(
    `lines = spark.read.option("lineSep", "\\n").text([input["root"] + "/*/topics/" + topic + "/*/*.json" for topic in input["topics"]])
lines.selectExpr(input["file"] + " AS path", "value AS text").createOrReplaceTempView("case_lines")`,
    { root, topics: [name, `0a60b9a8a831.${name}`], file },
  );
  const decoded = decodeSql(dataset, { lines: 'case_lines', origin: ['path'] });
  const number = `CAST(substring_index(path, '/', 1) AS BIGINT) AS ${caseColumn}`;
  await session.run(
    `decoded = spark.sql(input["decoded"]).persist()
decoded.createOrReplaceTempView("case_decoded")
decoded.where("reason IS NULL").selectExpr(input["number"], "raw.*").createOrReplaceTempView(input["raw"])
cleaned = spark.sql(input["cleaning"]).persist()
cleaned.createOrReplaceTempView(input["name"])
cleaned.createOrReplaceTempView("every_" + input["name"])`,
    { decoded, number, raw: `${name}_raw`, cleaning: planSql(everyCaseOf(dataset)), name },
  );
  return session.answers(
    `SELECT * FROM every_${name}`,
    `SELECT ${number}, substring(path, instr(path, '/') + 1) AS file, text, reason FROM case_decoded WHERE reason IS NOT NULL`,
  );
}

const everyCaseOf = (dataset: Dataset): RelationNode => ofEveryCase(dataset.cleaning.node);

type Order = 'in order' | 'in any order';

interface Outcome {
  readonly schema: Readonly<Record<string, string>>;
  readonly rows: readonly string[];
}

/** Spark's results, case by case. */
function outcomesOf(
  given: SparkAnswer | undefined,
  count: number,
  order: Order = 'in any order',
): readonly Outcome[] {
  const { [caseColumn]: _, ...schema } = given?.schema ?? {};
  const rows = Array.from({ length: count }, (): (readonly Value[])[] => []);
  for (const [number, ...row] of given?.rows ?? []) {
    (rows[Number(number)] ?? expect.fail(`There is no case ${number}.`)).push(row);
  }
  return rows.map((ofCase) => outcomeOf(schema, ofCase, order));
}

function expectedOf(table: ColumnarTable | undefined, order: Order = 'in any order'): Outcome {
  const known = table ?? expect.fail('Node has no such table.');
  const { schema } = known;
  const rows = rowsOf(known).map((row) => Object.keys(schema).map((name) => row[name] ?? null));
  return outcomeOf(schema, rows, order);
}

function outcomeOf(
  schema: Schema | Readonly<Record<string, string>>,
  rows: readonly (readonly Value[])[],
  order: Order = 'in order',
): Outcome {
  const texts = rows.map((row) =>
    JSON.stringify(row, (_, value: unknown) => (Object.is(value, -0) ? '-0' : value)),
  );
  return { schema: { ...schema }, rows: order === 'in order' ? texts : texts.sort() };
}
