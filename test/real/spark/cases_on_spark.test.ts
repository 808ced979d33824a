/** The cases of the project on real Spark, as `npm run cases` runs them: printed SQL and the batch notebook. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { casesOf } from '../../../pipeline/cases/project.ts';
import { failuresText } from '../../../pipeline/cases/report.ts';
import { runCases } from '../../../pipeline/cases/run_cases.ts';
import { caseSettings, engineOf } from '../../../pipeline/cases/spark_engine.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { sparkForms } from '../../../pipeline/engines/spark/expression.ts';
import { queries } from '../../../queries/index.ts';
import type { SparkSession } from '../systems/spark.ts';
import { describeReal, spark } from '../systems.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const cases = casesOf({ root, datasets, queries }).files.flatMap((file) => file.cases);
const schemas = new Map(datasets.map(({ name, cleaning }) => [name, cleaning.schema]));

describeReal('cases on Spark', [spark], () => {
  let session: SparkSession;
  beforeAll(async () => {
    session = await spark.share(caseSettings);
  });
  afterAll(() => session?.stop());

  it('pass by the printed SQL and by the notebook', async () => {
    expect(failuresText(await runCases(cases, [engineOf(session, datasets)]), schemas)).toBe('');
  });

  it('notice a fault that is in the Spark form alone', async () => {
    const forms = {
      ...sparkForms,
      functions: { ...sparkForms.functions, at_most: { spark: (a = '', b = '') => `(${a} < ${b})` } },
    };
    const ofYears = cases.filter(({ name }) => name.startsWith('keeps the years 2018'));
    const failures = await runCases(ofYears, [engineOf(session, datasets, forms)]);
    expect(failures.map(({ engines }) => engines)).toEqual([['Spark SQL']]);
    expect(failuresText(failures, schemas)).toContain('- 2022      | c        | 1');
  });
});
