/**
 * The cost of one more event to the live engine by the number of existing events: a group's count, maximum, median and
 * distinct values, and a join. All events are of one group, which is the hardest case, and each is a delta of its own.
 */
import { performance } from 'node:perf_hooks';
import { NumberColumn, StringColumn } from '../pipeline/columns/column.ts';
import { type ColumnarTable, columnarTable, rowsOf } from '../pipeline/columns/table.ts';
import { runPlan } from '../pipeline/engines/arquero/run_plan.ts';
import { LiveAnswers } from '../pipeline/engines/incremental/live_answers.ts';
import {
  type Aggregate,
  count,
  countDistinct,
  max,
  median,
} from '../pipeline/plan/expressions/aggregates.ts';
import { type Query, query } from '../pipeline/plan/query.ts';
import { Table } from '../pipeline/plan/table.ts';
import { now, type OperatorMeasure } from './results.ts';

const events = Table.source('events', { ind: 'bigint', kind: 'text', value: 'bigint' });
const places = Table.source('places', { ind: 'bigint' });

function queryOf(name: string, of: typeof events, aggregate: Aggregate<'bigint' | 'double'>): Query {
  return query({
    name: `${name}_of_kind`,
    title: `The ${name} of each kind`,
    plan: () => of.groupBy('kind').aggregate(() => ({ answer: aggregate })),
    chart: { kind: 'bars', category: 'kind', value: 'answer' },
  });
}

const { value } = events.columns;

/** The smallest query of each operator, and the answer that it must give over the values of all events. */
const operators: Readonly<Record<string, { query: Query; expected: (sorted: Float64Array) => number }>> = {
  count: { query: queryOf('count', events, count()), expected: ({ length }) => length },
  max: { query: queryOf('maximum', events, max(value)), expected: (sorted) => sorted.at(-1) ?? Number.NaN },
  median: {
    query: queryOf('median', events, median(value)),
    expected: middleOf,
  },
  distinct: { query: queryOf('distinct', events, countDistinct(value)), expected: ({ length }) => length },
  join: { query: queryOf('join', events.join(places, 'ind'), count()), expected: ({ length }) => length },
};

/** Single events in one run; the time of one is too short to be measured by itself. */
const eventsPerRun = 2000;
const rowsPerDelta = 32_768;

/**
 * Measures every operator at a size.
 * @throws Error when an operator's answer is wrong
 */
export function measureOperators(size: number, runs: number): OperatorMeasure[] {
  return Object.entries(operators).map(([name, operator]) => {
    const live = new LiveAnswers([operator.query], runPlan);
    const total = size + eventsPerRun * (runs + 1);
    for (let first = 0; first < total; first += rowsPerDelta) {
      const last = Math.min(first + rowsPerDelta, total);
      live.add('places', columnarTable(places.schema, { ind: numbers(first, last, (ind) => ind) }));
      if (first < size) {
        live.add('events', eventsOf(first, Math.min(last, size)));
      }
    }
    const microseconds: number[] = [];
    // The first run warms the compiler up.
    for (let run = 0, first = size; run <= runs; run += 1, first += eventsPerRun) {
      const single = Array.from({ length: eventsPerRun }, (_, at) => eventsOf(first + at, first + at + 1));
      const start = performance.now();
      for (const event of single) {
        live.add('events', event);
      }
      if (run > 0) {
        microseconds.push(((performance.now() - start) / eventsPerRun) * 1000);
      }
    }
    check(name, rowsOf(live.answer(operator.query)), operator.expected(sortedValues(total)));
    return { ...now(), operator: name, events: size, microseconds };
  });
}

function check(name: string, rows: readonly object[], expected: number): void {
  const expectedRows = JSON.stringify([{ kind: 'post', answer: expected }]);
  if (JSON.stringify(rows) !== expectedRows) {
    throw new Error(`The live engine's ${name} is ${JSON.stringify(rows)}; it must be ${expectedRows}.`);
  }
}

/** The value of an event: distinct and unordered, since 16,777,213 is prime. */
function valueAt(ind: number): number {
  return (ind * 7_919_317) % 16_777_213;
}

/** The median of sorted values. */
function middleOf(sorted: Float64Array): number {
  const { length } = sorted;
  return ((sorted[(length - 1) >> 1] ?? Number.NaN) + (sorted[length >> 1] ?? Number.NaN)) / 2;
}

function sortedValues(length: number): Float64Array {
  return Float64Array.from({ length }, (_, ind) => valueAt(ind)).sort();
}

const kinds = new StringColumn();
for (let row = 0; row < rowsPerDelta; row += 1) {
  kinds.add('post');
}

function eventsOf(first: number, last: number): ColumnarTable {
  return columnarTable(events.schema, {
    ind: numbers(first, last, (ind) => ind),
    kind: kinds.slice(0, last - first),
    value: numbers(first, last, valueAt),
  });
}

function numbers(first: number, last: number, of: (ind: number) => number): NumberColumn {
  return new NumberColumn(
    'bigint',
    Float64Array.from({ length: last - first }, (_, at) => of(first + at)),
  );
}
