import { NumberColumn, StringColumn } from '../../pipeline/columns/column.ts';
import { type ColumnarTable, columnarTable } from '../../pipeline/columns/table.ts';
import { runPlan } from '../../pipeline/engines/arquero/run_plan.ts';
import { LiveAnswers } from '../../pipeline/engines/incremental/live_answers.ts';
import {
  type Aggregate,
  count,
  countDistinct,
  max,
  median,
} from '../../pipeline/plan/expressions/aggregates.ts';
import { type Query, query } from '../../pipeline/plan/query.ts';
import { descending, Table } from '../../pipeline/plan/table.ts';
import { type Contestant, type OperatorName, valueAt } from './workload.ts';

const events = Table.source('events', { ind: 'bigint', kind: 'text', value: 'bigint' });
const places = Table.source('places', { ind: 'bigint' });
const { value } = events.columns;

const aggregated = (of: typeof events, aggregate: Aggregate<'bigint' | 'double'>) =>
  of.groupBy('kind').aggregate(() => ({ answer: aggregate }));

/** The smallest plan of each operator. */
const plans = {
  count: () => aggregated(events, count()),
  max: () => aggregated(events, max(value)),
  median: () => aggregated(events, median(value)),
  distinct: () => aggregated(events, countDistinct(value)),
  top: () =>
    events
      .groupBy('kind', 'value')
      .aggregate(() => ({ posts: count() }))
      .topOfEach(['kind'], descending('posts'), 'value')
      .select((row) => ({ kind: row.kind, answer: row.value })),
  join: () => aggregated(events.join(places, 'ind'), count()),
};

function queryOf(operator: OperatorName): Query {
  return query({
    name: `${operator}_of_kind`,
    title: `The ${operator} of each kind`,
    plan: plans[operator],
    chart: { kind: 'bars', category: 'kind', value: 'answer' },
  });
}

/** The live engine. */
export const ours: Contestant<ColumnarTable> = {
  name: 'ours',
  mostEvents: () => Number.POSITIVE_INFINITY,
  open(operator, size, numberOfPlaces) {
    const kept = queryOf(operator);
    const live = new LiveAnswers([kept], runPlan);
    /** @param without an event to leave out */
    function* initial(without = -1): Iterable<readonly [string, ColumnarTable]> {
      for (const [from, to] of ranges(numberOfPlaces)) {
        yield ['places', columnarTable(places.schema, { ind: numbers(from, to, (ind) => ind) })];
      }
      for (const [from, to] of ranges(size)) {
        const end = without >= from && without < to ? without : to;
        yield ['events', eventsOf(from, end)];
        yield ['events', eventsOf(Math.min(end + 1, to), to)];
      }
    }
    for (const [source, rows] of initial()) {
      live.add(source, rows);
    }
    /** Events that came one by one before the first left. */
    const since: ColumnarTable[] = [];
    let anyLeft = false;
    return {
      eventOf: (ind) => eventsOf(ind, ind + 1),
      add: (event) => {
        live.add('events', event);
        if (!anyLeft) {
          since.push(event);
        }
      },
      remove: (event) => {
        anyLeft = true;
        live.remove('events', event, () => [
          ...initial(Number(event.columns.ind?.at(0))),
          ...since.map((rows) => ['events', rows] as const),
        ]);
      },
      answer: () => {
        const { answer } = live.answer(kept).columns;
        return Number(answer?.at(0));
      },
    };
  },
};

const rowsPerDelta = 32_768;

function* ranges(length: number): Iterable<readonly [from: number, to: number]> {
  for (let from = 0; from < length; from += rowsPerDelta) {
    yield [from, Math.min(from + rowsPerDelta, length)];
  }
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
