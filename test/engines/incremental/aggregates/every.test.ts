import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AggregateFunction,
  type AggregateName,
  aggregates,
} from '../../../../pipeline/plan/aggregates.ts';
import type { ColumnType, NonNullValue, Value } from '../../../../pipeline/plan/types.ts';
import { grid, signaturesOf } from '../../../real/spark/grid.ts';
import { type GroupedRow, stateOfNode } from './state.ts';

const names = Object.keys(aggregates).filter((name): name is AggregateName => name in aggregates);
const groups = 3;

/** Deltas of rows of a few groups, each with a value for each type. */
const deltasOf = (types: readonly ColumnType[]) => {
  const cells = types.map((type) => fc.constantFrom(...grid[type].map((value) => (value === 0 ? 0 : value))));
  const row = fc.tuple(fc.nat({ max: groups - 1 }), ...cells);
  return fc.array(fc.array(row, { maxLength: 6 }), { maxLength: 8 });
};

const nodeOf = (name: AggregateName, fraction: number | undefined) =>
  fraction === undefined ? { function: name } : { function: name, fraction };

function meaningOf(
  { accumulator }: AggregateFunction,
  fraction: number | undefined,
  rows: readonly (readonly Value[])[],
): Value {
  const { add, value } = accumulator(fraction);
  for (const row of rows) {
    const notNull = row.filter((cell): cell is NonNullValue => cell !== null);
    if (notNull.length === row.length) {
      add(...notNull);
    }
  }
  return value();
}

describe.each(names)('%s of columns', (name) => {
  const aggregate: AggregateFunction = aggregates[name];
  const signatures = signaturesOf(aggregate.type, 2);

  it('is what the plan says, after each delta and whatever the order of rows', () => {
    const cases = fc
      .constantFrom(...signatures)
      .chain((types) =>
        fc.tuple(fc.constant(types), deltasOf(types), fc.double({ min: 0, max: 1, noNaN: true })),
      );
    fc.assert(
      fc.property(cases, ([types, deltas, anyFraction]) => {
        const fraction = aggregate.takesFraction ? anyFraction : undefined;
        const state = stateOfNode(nodeOf(name, fraction), types);
        const rows: (readonly [number, ...Value[]])[] = [];
        for (const delta of deltas) {
          state.add(...delta);
          rows.push(...delta);
          for (const [group, value] of state.values().entries()) {
            const own = rows.filter(([of]) => of === group).map(([, ...cells]) => cells);
            expect(value).toBe(meaningOf(aggregate, fraction, own));
            expect(value).toBe(meaningOf(aggregate, fraction, own.reverse()));
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('is what the plan says over the rows that are left, whatever came, left and returned', () => {
    const cases = fc
      .constantFrom(...signatures)
      .chain((types) =>
        fc.tuple(
          fc.constant(types),
          deltasOf(types),
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.infiniteStream(fc.nat(2)),
        ),
      );
    fc.assert(
      fc.property(cases, ([types, deltas, anyFraction, choices]) => {
        const fraction = aggregate.takesFraction ? anyFraction : undefined;
        const state = stateOfNode(nodeOf(name, fraction), types, true);
        let left: readonly GroupedRow[] = [];
        for (const delta of [...deltas, ...deltas]) {
          const leaving = new Set(left.filter(() => choices.next().value === 0));
          state.remove(...leaving);
          state.add(...delta);
          left = [...left.filter((row) => !leaving.has(row)), ...delta.map((row): GroupedRow => [...row])];
          for (const [group, value] of state.values().entries()) {
            const own = left.filter(([of]) => of === group).map(([, ...cells]) => cells);
            // A group without a row is not asked.
            expect(own.length === 0 ? null : value).toBe(
              own.length === 0 ? null : meaningOf(aggregate, fraction, own),
            );
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
