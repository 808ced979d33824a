import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ColumnarTable, type Row, rowsOf, tableOfRows } from '../../../pipeline/columns/table.ts';
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

/** The cleaned rows of a dataset that are left. */
class Silver {
  private readonly rows = new Map<string, Row>();

  constructor(private readonly schema: ColumnarTable['schema']) {}

  get table(): ColumnarTable {
    return tableOfRows(this.schema, [...this.rows.values()]);
  }

  /** @returns those that are new */
  add(rows: readonly Row[]): ColumnarTable {
    const fresh = rows.filter((row) => {
      const key = JSON.stringify(row);
      const isNew = !this.rows.has(key);
      this.rows.set(key, row);
      return isNew;
    });
    return tableOfRows(this.schema, fresh);
  }

  /** @returns the rows of a key, which are left no more */
  erase(ind: unknown): ColumnarTable {
    const erased = [...this.rows].filter(([, row]) => row.ind === ind);
    for (const [key] of erased) {
      this.rows.delete(key);
    }
    return tableOfRows(
      this.schema,
      erased.map(([, row]) => row),
    );
  }
}

describe('the nine answers', () => {
  it('equal after every event those over the rows that are left: duplicates, malformed lines, erasures, returns', () => {
    fc.assert(
      fc.property(arrivals, fc.infiniteStream(fc.nat({ max: 5 })), (events, choices) => {
        const live = new LiveAnswers(queries, runPlan);
        const silver = new Map(datasets.map(({ name, cleaning }) => [name, new Silver(cleaning.schema)]));
        const tables = () => [...silver].map(([name, { table }]): [string, ColumnarTable] => [name, table]);
        const check = () => {
          const whole = Object.fromEntries(tables());
          for (const query of queries) {
            expect(rowsOf(live.answer(query)), query.name).toEqual(rowsOf(runPlan(query.plan, whole)));
          }
        };
        for (const { name, line } of events) {
          const cleaned = cleanLines({ [name]: [line] }).silver[name] ?? [];
          live.add(name, silver.get(name)?.add(cleaned) ?? expect.fail(name));
          check();
          if (choices.next().value === 0 && cleaned[0] !== undefined) {
            for (const [each, rows] of silver) {
              live.remove(each, rows.erase(cleaned[0].ind), tables);
            }
            check();
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
