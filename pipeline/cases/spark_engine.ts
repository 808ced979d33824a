/** Real Spark: the printed SQL over all rows of each step, and the batch notebook as it is deployed, step after step. */
import type { Row } from '../columns/table.ts';
import { decodeSql } from '../engines/spark/decode_sql.ts';
import { type SparkForms, sparkForms } from '../engines/spark/expression.ts';
import { runNotebook } from '../engines/spark/local/notebook.ts';
import { smallTables } from '../engines/spark/local/session.ts';
import { type SparkAnswer, type SparkSession, startSession } from '../engines/spark/local/tables.ts';
import { notebookSources } from '../engines/spark/notebooks/index.ts';
import { planSql } from '../engines/spark/plan_sql.ts';
import { stringLiteral } from '../engines/spark/quoting.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Case, CaseEngine, Given, Variant } from './case.ts';
import { tablesIn, throughLanding } from './landed_engine.ts';

/** A session of its own for all cases. `missingSpark` says whether there can be one. */
export function sparkEngine(datasets: readonly Dataset[]): CaseEngine {
  return {
    name: 'spark',
    run: async (cases) => {
      const session = await startSession({ settings: caseSettings });
      try {
        return await engineOf(session, datasets).run(cases);
      } finally {
        await session.stop();
      }
    },
  };
}

/** The settings of a session for `engineOf`. */
export const caseSettings = { ...smallTables, 'spark.sql.variant.allowDuplicateKeys': 'true' };

/** @param forms the SQL forms of functions; tests pass a broken one to see that it is noticed */
export function engineOf(
  session: SparkSession,
  datasets: readonly Dataset[],
  forms: SparkForms = sparkForms,
): CaseEngine {
  return {
    name: 'spark',
    run: async (cases) => [
      { name: 'Spark SQL', outcomes: await bySql(session, cases, datasets, forms) },
      { name: 'the Spark notebook', outcomes: await byNotebook(session, cases, datasets) },
    ],
  };
}

/** The SQL that is deployed: each step is a case of its own, over all rows so far. */
async function bySql(
  session: SparkSession,
  cases: readonly Case[],
  datasets: readonly Dataset[],
  forms: SparkForms,
): Promise<Variant['outcomes']> {
  const whole = cases.flatMap((of) =>
    of.steps.map((step, at): Case => ({ ...of, steps: [{ ...step, given: givenUpTo(of, at) }] })),
  );
  const outcomes = await throughLanding(whole, datasets, async (world, landing) => {
    for (const dataset of world.datasets) {
      await clean(session, landing, dataset, forms);
    }
    return async (layer, name) => {
      const query = world.queries.find((each) => layer === 'gold' && each.name === name);
      const rest = layer === 'silver' ? `SELECT * FROM \`${name}\`` : badLines(name);
      const [answer] = await session.answers(query === undefined ? rest : planSql(query.plan, { forms }));
      return rowsOfAnswer(answer);
    };
  });
  const flat = outcomes.flat();
  return cases.map((of) => flat.splice(0, of.steps.length));
}

function givenUpTo({ steps, form }: Case, last: number): ReadonlyMap<string, Given> {
  const all = new Map<string, Given>();
  for (const { given } of steps.slice(0, last + 1)) {
    for (const [name, more] of given) {
      all.set(
        name,
        together(all.get(name) ?? (form === 'rows' ? { form, rows: [] } : { form, lines: [] }), more),
      );
    }
  }
  return all;
}

function together(before: Given, more: Given): Given {
  if (before.form === 'rows') {
    return { form: 'rows', rows: [...before.rows, ...(more.form === 'rows' ? more.rows : [])] };
  }
  return { form: 'lines', lines: [...before.lines, ...(more.form === 'lines' ? more.lines : [])] };
}

/** Decodes and cleans the landing files of a dataset; leaves silver under its name, and all lines under another. */
async function clean(
  session: SparkSession,
  landing: string,
  dataset: Dataset,
  forms: SparkForms,
): Promise<void> {
  const { name, cleaning } = dataset;
  const file = `substring_index(url_decode(replace(_metadata.file_path, '+', '%2B')), ${stringLiteral(`${landing}/`)}, -1)`;
  await session.run(readLines, {
    files: `${landing}/topics/${name}/*/*.json`,
    columns: [`${file} AS file`, 'value AS text'],
    name,
    decode: decodeSql(dataset, { lines: `\`${name}_lines\``, origin: ['file'] }),
    clean: planSql(cleaning.node, { forms }),
  });
}

const readLines = `
name = input["name"]
lines = spark.read.option("lineSep", "\\n").text(input["files"]).selectExpr(*input["columns"])
lines.createOrReplaceTempView(name + "_lines")
decoded = spark.sql(input["decode"]).persist()
decoded.createOrReplaceTempView(name + "_decoded")
decoded.where("reason IS NULL").select("raw.*").createOrReplaceTempView(name + "_raw")
spark.sql(input["clean"]).persist().createOrReplaceTempView(name)
`;

function badLines(name: string): string {
  return `SELECT file, reason, text FROM \`${name}_decoded\` WHERE reason IS NOT NULL`;
}

function rowsOfAnswer(answer: SparkAnswer | undefined): readonly Row[] {
  const names = Object.keys(answer?.schema ?? {});
  return (answer?.rows ?? []).map((row) =>
    Object.fromEntries(names.map((name, at) => [name, row[at] ?? null])),
  );
}

function byNotebook(
  session: SparkSession,
  cases: readonly Case[],
  datasets: readonly Dataset[],
): Promise<Variant['outcomes']> {
  return throughLanding(cases, datasets, async (world, landing, lake) => {
    const { pinterest_batch_data: notebook } = notebookSources(world.datasets, world.queries);
    await runNotebook(session, notebook, { landing, lake, tables: '' });
    return tablesIn(lake);
  });
}
