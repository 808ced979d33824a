/** The work of the operators' bench: all events are of one kind, which is one group, the hardest case. */

/** The aggregate or relation that a query keeps of the group: `ours.ts` has the queries. */
export const operatorNames = ['count', 'max', 'median', 'distinct', 'top', 'join'] as const;
export type OperatorName = (typeof operatorNames)[number];

/** The value of an event: distinct and unordered, since 16,777,213 is prime. */
export function valueAt(ind: number): number {
  return (ind * 7_919_317) % 16_777_213;
}

/** The answer over events of these values, in ascending order. */
export const expected: Readonly<Record<OperatorName, (sorted: Float64Array) => number>> = {
  count: ({ length }) => length,
  max: (sorted) => sorted.at(-1) ?? Number.NaN,
  median: (sorted) =>
    ((sorted[(sorted.length - 1) >> 1] ?? Number.NaN) + (sorted[sorted.length >> 1] ?? Number.NaN)) / 2,
  distinct: ({ length }) => length,
  /** Each value is a group of its own, of one event: the least of them is first. */
  top: ([least = Number.NaN]) => least,
  join: ({ length }) => length,
};

/** A query that is kept up to date over events, each of which is known by its number. */
export interface KeptAnswer<Event> {
  /** An event in the form in which it is taken. */
  eventOf(ind: number): Event;
  add(event: Event): void;
  remove(event: Event): void;
  answer(): number;
}

/** One of those who keep answers. */
export interface Contestant<Event> {
  readonly name: string;
  /** The largest number of events that it is given, where it needs too much memory or time for more, or errs. */
  mostEvents(operator: OperatorName): number;
  /**
   * Keeps the answer over so many events, the first ones.
   * @param places the number of rows to join with, `ind` from 0
   */
  open(operator: OperatorName, events: number, places: number): KeptAnswer<Event>;
}
