/** The cases beside the project's queries and datasets, and the faults that they notice. */

import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planOf } from '../../pipeline/cases/case.ts';
import { arqueroEngine, incrementalEngine } from '../../pipeline/cases/engines.ts';
import { batchEngine } from '../../pipeline/cases/landed_engine.ts';
import { scoreOf } from '../../pipeline/cases/mutation/score.ts';
import { casesOf } from '../../pipeline/cases/project.ts';
import { failuresText } from '../../pipeline/cases/report.ts';
import { runCases } from '../../pipeline/cases/run_cases.ts';
import { type Row, rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { runPlan } from '../../pipeline/engines/arquero/run_plan.ts';
import type { Value } from '../../pipeline/plan/types.ts';
import { queries } from '../../queries/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { files, without } = casesOf({ root, datasets, queries });
const cases = files.flatMap((file) => file.cases);
const schemas = new Map(datasets.map(({ name, cleaning }) => [name, cleaning.schema]));

describe('the cases of the project', () => {
  it('are there for every dataset and query', () => {
    expect(without).toEqual([]);
  });

  it('are refused where they belong to nothing', () => {
    const others = queries.filter(({ name }) => name !== 'users_joined_by_year');
    expect(() => casesOf({ root, datasets, queries: others })).toThrow(
      'queries/users_joined_by_year.cases.yaml: nothing there has this name.',
    );
  });

  it.each([arqueroEngine(datasets), incrementalEngine(datasets), batchEngine(datasets)])(
    'pass on $name',
    async (engine) => {
      expect(failuresText(await runCases(cases, [engine]), schemas)).toBe('');
    },
  );

  const scores = files.map((file) => scoreOf(file, datasets));

  it('notice 95 of 100 planted faults or more, and name the others', () => {
    const planted = scores.reduce((sum, score) => sum + score.planted, 0);
    const unnoticed = scores.flatMap((score) => score.unnoticed);
    expect(1 - unnoticed.length / planted).toBeGreaterThanOrEqual(0.95);
    expect(unnoticed.filter(({ because }) => because === undefined).map(({ text }) => text)).toEqual([]);
    expect(scores.flatMap(({ outdated }) => outdated)).toEqual([]);
  });

  it.each(
    scores.flatMap(({ file, unnoticed }) =>
      unnoticed.map(({ plan, text }) => ({ file: file.file, text, plan, right: planOf(file.subject) })),
    ),
  )('do not notice in $file, because it changes no answer: $text', ({ plan, right }) => {
    const silver = fc.record(
      Object.fromEntries(
        datasets.map(({ name }) => [
          name,
          fc.uniqueArray(rowOf(name), { maxLength: 12, selector: (row) => JSON.stringify(row) }),
        ]),
      ),
    );
    fc.assert(
      fc.property(silver, (rows) => {
        const tables = Object.fromEntries(
          datasets.map(({ name, cleaning }) => [name, tableOfRows(cleaning.schema, rows[name] ?? [])]),
        );
        expect(rowsOf(runPlan(plan, tables))).toEqual(rowsOf(runPlan(right, tables)));
      }),
      { numRuns: 500 },
    );
  });
});

/** Rows of few values, so that they meet in joins and ties. */
function rowOf(dataset: string) {
  const one = <T>(...values: readonly T[]) => fc.constantFrom(null, ...values);
  const at = (time: string) => Date.parse(`${time}Z`);
  const columns: Readonly<Record<string, Readonly<Record<string, fc.Arbitrary<Value>>>>> = {
    pin: {
      category: one('art', 'travel'),
      poster_name: one('Ana', 'Ben', 'Cy'),
      follower_count: one(1, 2, 3),
    },
    geo: {
      country: one('Mali', 'Peru'),
      timestamp: one(at('2018-01-01T00:00:00'), at('2022-12-31T23:59:59')),
    },
    user: {
      user_name: one('Ana', 'Ben'),
      age: one(17, 18, 24, 25, 50, 51),
      date_joined: one(at('2015-01-01T00:00:00'), at('2020-12-31T23:59:59')),
    },
  };
  return fc.record<Row>({ ind: fc.integer({ min: 1, max: 5 }), ...columns[dataset] });
}
