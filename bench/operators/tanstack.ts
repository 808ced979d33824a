/**
 * TanStack's incremental views in JavaScript. A group's aggregates are computed from all of its rows for each change. For what its
 * aggregates do not have, the rows that its output gains and loses are counted here, which costs it nothing.
 */
import {
  D2,
  distinct,
  groupBy,
  groupByOperators,
  type IStreamBuilder,
  join,
  MultiSet,
  map,
  output,
  topKWithFractionalIndex,
} from '@tanstack/db-ivm';
import { type Contestant, type OperatorName, valueAt } from './workload.ts';

interface Event {
  readonly ind: number;
  readonly kind: string;
  readonly value: number;
}

type Events = IStreamBuilder<Event>;
type Places = IStreamBuilder<[number, number]>;
/** Takes the answer as it is by now. */
type Report = (answer: (before: number) => number) => void;

const { count, max, median } = groupByOperators;
const value = (event: Event) => event.value;

/** Reports the answer of the only group. */
function reportGroup(
  stream: IStreamBuilder<[string, { readonly answer?: number | undefined }]>,
  report: Report,
) {
  stream.pipe(
    output((message) => {
      for (const [[, { answer = Number.NaN }], copies] of message.getInner()) {
        report((before) => (copies > 0 ? answer : before));
      }
    }),
  );
}

/** Reports the number of rows. */
function reportRows<T>(stream: IStreamBuilder<T>, report: Report) {
  stream.pipe(
    output((message) => {
      for (const [, copies] of message.getInner()) {
        report((before) => before + copies);
      }
    }),
  );
}

const byKind = ({ kind }: Event) => ({ kind });

const graphs: Readonly<Record<OperatorName, (events: Events, places: Places, report: Report) => void>> = {
  count: (events, _, report) => reportGroup(events.pipe(groupBy(byKind, { answer: count<Event>() })), report),
  max: (events, _, report) =>
    reportGroup(events.pipe(groupBy(byKind, { answer: max<Event, number>(value) })), report),
  median: (events, _, report) =>
    reportGroup(events.pipe(groupBy(byKind, { answer: median<Event>(value) })), report),
  distinct: (events, _, report) =>
    reportRows(
      events.pipe(
        map((event): [number, number] => [event.value, event.value]),
        distinct(([value]) => value),
      ),
      report,
    ),
  top: (events, _, report) =>
    events
      .pipe(
        map((event): [number, Event] => [event.value, event]),
        topKWithFractionalIndex<number, Event>((a, b) => a.value - b.value, { limit: 1 }),
      )
      .pipe(
        output((message) => {
          for (const [[value], copies] of message.getInner()) {
            report((before) => (copies > 0 ? value : before));
          }
        }),
      ),
  join: (events, places, report) =>
    reportRows(
      events.pipe(
        map((event): [number, Event] => [event.ind, event]),
        join<number, Event, number, [number, Event]>(places),
      ),
      report,
    ),
};

const eventOf = (ind: number): Event => ({ ind, kind: 'post', value: valueAt(ind) });

export const tanstack: Contestant<Event> = {
  name: '@tanstack/db-ivm',
  // Its distinct tells values apart by a hash of 32 bits: of 110,000 values it lost one, of a million 149.
  mostEvents: (operator) => (operator === 'distinct' ? 10_000 : 1_000_000),
  open(operator, size, numberOfPlaces) {
    const graph = new D2();
    const events = graph.newInput<Event>();
    const places = graph.newInput<[number, number]>();
    let answer = 0;
    graphs[operator](events, places, (change) => {
      answer = change(answer);
    });
    graph.finalize();
    if (operator === 'join') {
      places.sendData(new MultiSet(Array.from({ length: numberOfPlaces }, (_, ind) => [[ind, ind], 1])));
    }
    events.sendData(new MultiSet(Array.from({ length: size }, (_, ind) => [eventOf(ind), 1])));
    graph.run();
    const change = (event: Event, copies: number) => {
      events.sendData(new MultiSet([[event, copies]]));
      graph.run();
    };
    return {
      eventOf,
      add: (event) => change(event, 1),
      remove: (event) => change(event, -1),
      answer: () => answer,
    };
  },
};
