/**
 * The questions on Arquero and on the incremental engine, against what DuckDB gave over the same rows.
 * test/real/questions.test.ts asks DuckDB and writes these answers.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tableOfRows } from '../../pipeline/columns/table.ts';
import { runPlan } from '../../pipeline/engines/arquero/run_plan.ts';
import { LiveAnswers } from '../../pipeline/engines/incremental/live_answers.ts';
import type { Query } from '../../pipeline/plan/query.ts';
import type { Value } from '../../pipeline/plan/types.ts';
import { comparable } from '../support/random_plans.ts';
import { questions } from './index.ts';
import { silver } from './silver.ts';

/** DuckDB's answer. */
function expected({ name, schema, plan }: Query) {
  const file = new URL(`golden/${name}.jsonl`, import.meta.url);
  const rows = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): Value[] => JSON.parse(line));
  expect(rows.length).toBeGreaterThan(0);
  const names = Object.keys(schema);
  const named = rows.map((row) => Object.fromEntries(names.map((column, i) => [column, row[i] ?? null])));
  return comparable(plan, tableOfRows(schema, named));
}

describe('a question', () => {
  const tables = Object.fromEntries(
    silver.map(({ name, schema, rows }) => [name, tableOfRows(schema, rows)]),
  );

  it.each(questions)('$query.name has the answer that DuckDB gives', ({ query }) => {
    expect(comparable(query.plan, runPlan(query.plan, tables))).toEqual(expected(query));
  });
});

describe('all questions', () => {
  const events = silver.flatMap(({ name, schema, rows }) => rows.map((row) => ({ name, schema, row })));
  const queries = questions.map(({ query }) => query);

  it('have the same answers when rows come in any order, in any parts', () => {
    const cuts = fc.array(fc.nat(events.length), { maxLength: 8 });
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), cuts, (keys, at) => {
        const shuffled = events
          .map((event) => ({ event, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ event }) => event);
        const live = new LiveAnswers(queries, runPlan);
        const places = [0, ...at.sort((a, b) => a - b), events.length];
        for (const [i, from] of places.slice(0, -1).entries()) {
          const part = shuffled.slice(from, places[i + 1]);
          for (const { name, schema } of silver) {
            const rows = part.filter((event) => event.name === name).map(({ row }) => row);
            live.add(name, tableOfRows(schema, rows));
          }
          // Answers in between must leave no trace.
          live.answer(queries[i % queries.length] ?? expect.fail());
        }
        for (const query of queries) {
          expect(comparable(query.plan, live.answer(query)), query.name).toEqual(expected(query));
        }
      }),
      { numRuns: 10 },
    );
  });
});
