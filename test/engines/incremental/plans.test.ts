import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Row, tableOfRows } from '../../../pipeline/columns/table.ts';
import { runPlan } from '../../../pipeline/engines/arquero/run_plan.ts';
import { LiveAnswers } from '../../../pipeline/engines/incremental/live_answers.ts';
import { max, sum } from '../../../pipeline/plan/expressions/aggregates.ts';
import type { Query } from '../../../pipeline/plan/query.ts';
import { descending, Table } from '../../../pipeline/plan/table.ts';
import type { Schema } from '../../../pipeline/plan/types.ts';
import { OverwrittenArena } from '../../support/overwritten_arena.ts';
import { comparable, plansOver } from '../../support/random_plans.ts';
import { histories, sourceRow, sources } from '../../support/random_rows.ts';

const runs = Number(process.env.LIVE_PLANS ?? 1000);

const plans = plansOver(
  Table.source<Schema>('left', sources.left),
  Table.source<Schema>('right', sources.right),
);

const asQuery = ({ node, schema }: Pick<Table<Schema>, 'node' | 'schema'>, name: string): Query => ({
  name,
  title: name,
  plan: node,
  schema,
  chart: { kind: 'bars', category: '', value: '' },
});

describe('plans that are kept up to date', () => {
  it('give the answer over the rows that are left, whatever the plan and the history of rows', () => {
    fc.assert(
      fc.property(fc.array(plans, { minLength: 1, maxLength: 3 }), histories, (plans, steps) => {
        const queries = plans.map((each, i) => asQuery(each, `random_${i}`));
        const live = new LiveAnswers(queries, runPlan, new OverwrittenArena());
        const left: Record<'left' | 'right', Row[]> = { left: [], right: [] };
        const whole = () => ({
          left: tableOfRows(sources.left, left.left),
          right: tableOfRows(sources.right, left.right),
        });
        for (const { source, come, choices, leave } of steps) {
          const leaving = leave ? left[source].filter((_, i) => choices[i % choices.length] === 0) : [];
          left[source] = left[source].filter((row) => !leaving.includes(row));
          live.remove(source, tableOfRows(sources[source], leaving), () => Object.entries(whole()));
          live.add(source, tableOfRows(sources[source], come));
          left[source].push(...come.map((row) => ({ ...row })));
          for (const query of queries) {
            expect(comparable(query.plan, live.answer(query))).toEqual(
              comparable(query.plan, runPlan(query.plan, whole())),
            );
          }
        }
      }),
      { numRuns: runs },
    );
  });

  it('find the top of each group by its largest value, with ties and nulls, without making the groups', () => {
    const left = Table.source('left', sources.left);
    const tops = [
      left
        .groupBy('word', 'key')
        .aggregate((row) => ({ most: max(row.likes) }))
        .topOfEach(['word'], descending('most'), 'key'),
      left
        .groupBy('word', 'seen', 'made')
        .aggregate((row) => ({ most: max(row.size) }))
        .topOfEach([], descending('most'), descending('word'), 'seen', descending('made')),
      left
        .groupBy('key', 'word')
        .aggregate((row) => ({ most: max(row.made) }))
        .topOfEach(['key', 'word'], descending('most')),
    ];
    const queries = tops.map(({ node, schema }, i) => asQuery({ node, schema }, `top_${i}`));
    fc.assert(
      fc.property(
        fc.array(fc.array(sourceRow(sources.left), { maxLength: 12 }), { maxLength: 6 }),
        (deltas) => {
          const live = new LiveAnswers(queries, runPlan, new OverwrittenArena());
          const rows: Row[] = [];
          for (const [step, delta] of deltas.entries()) {
            live.add('left', tableOfRows(sources.left, delta));
            rows.push(...delta);
            // Every third step, the oldest half of the rows leave.
            const leaving = step % 3 === 2 ? rows.splice(0, Math.ceil(rows.length / 2)) : [];
            const whole = { left: tableOfRows(sources.left, rows) };
            live.remove('left', tableOfRows(sources.left, leaving), () => Object.entries(whole));
            for (const query of queries) {
              expect(comparable(query.plan, live.answer(query))).toEqual(
                comparable(query.plan, runPlan(query.plan, whole)),
              );
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('add integers exactly, even when a large sum becomes small again', () => {
    const left = Table.source('left', { word: 'text', size: 'bigint' });
    const { node, schema } = left.groupBy('word').aggregate((row) => ({ total: sum(row.size) }));
    const query = asQuery({ node, schema }, 'sums');
    const size = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(30, 2 ** 53 - 1, 1 - 2 ** 53, -1, null));
    const rowOf = fc.record({ word: fc.constantFrom('a', 'b'), size });
    fc.assert(
      fc.property(fc.array(rowOf, { maxLength: 12 }), (rows) => {
        const live = new LiveAnswers([query], runPlan);
        const whole = tableOfRows({ word: 'text', size: 'bigint' }, rows);
        live.add('left', whole);
        expect(comparable(query.plan, live.answer(query))).toEqual(
          comparable(query.plan, runPlan(query.plan, { left: whole })),
        );
      }),
      { numRuns: 2000 },
    );
  });
});
