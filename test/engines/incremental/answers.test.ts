import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DistinctRows } from '../../../pipeline/columns/distinct_rows.ts';
import { type ColumnarTable, rowsOf, tableOfRows } from '../../../pipeline/columns/table.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { runPlan } from '../../../pipeline/engines/arquero/run_plan.ts';
import { LiveAnswers } from '../../../pipeline/engines/incremental/live_answers.ts';
import { queries } from '../../../queries/index.ts';
import { cleanLines } from '../../oracle/oracle.ts';
import { landedLines } from '../../support/adversarial_events.ts';

/** Lines of all datasets in some order of arrival. */
const arrivals = landedLines.chain((lines) =>
  fc.shuffledSubarray(
    datasets.flatMap(({ name }) =>
      (lines[name === 'pin' || name === 'geo' ? name : 'user'] ?? []).map((line) => ({ name, line })),
    ),
    {
      minLength: datasets.flatMap(({ name }) => lines[name === 'pin' || name === 'geo' ? name : 'user'])
        .length,
    },
  ),
);

describe('the nine answers', () => {
  it('equal after every event those over the whole tables: duplicates, malformed lines, any order', () => {
    fc.assert(
      fc.property(arrivals, (events) => {
        const live = new LiveAnswers(queries, runPlan);
        const silver = new Map(
          datasets.map(({ name, cleaning }) => [name, new DistinctRows(cleaning.schema)]),
        );
        for (const { name, line } of events) {
          const rows = silver.get(name) ?? expect.fail(name);
          const before = rows.length;
          rows.add(tableOfRows(rows.schema, cleanLines({ [name]: [line] }).silver[name] ?? []));
          live.add(name, rows.rowsFrom(before));
          const tables: Record<string, ColumnarTable> = {};
          for (const [each, { table }] of silver) {
            tables[each] = table;
          }
          for (const query of queries) {
            expect(rowsOf(live.answer(query)), query.name).toEqual(rowsOf(runPlan(query.plan, tables)));
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it('are refused for a query that was not compiled', () => {
    const [first, second] = queries;
    const live = new LiveAnswers(first ? [first] : [], runPlan);
    expect(() => live.answer(second ?? expect.fail())).toThrow('is not kept up to date');
  });
});
