import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SortedBag } from '../../../../pipeline/engines/incremental/aggregates/sorted_bag.ts';
import { aggregates, percentileOfSorted } from '../../../../pipeline/plan/aggregates.ts';

const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.integer({ min: -3000, max: 3000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
);

/** Numbers that come, null being a look at a percentile. */
const steps = fc.array(fc.oneof({ weight: 8, arbitrary: number }, fc.constant(null)), {
  maxLength: 400,
  size: 'max',
});

const fractions = fc.oneof(fc.constantFrom(0, 0.1, 0.5, 0.9, 1), fc.double({ min: 0, max: 1, noNaN: true }));

function check(bag: SortedBag, values: readonly (number | null)[], fraction = 0.5): void {
  const reference = aggregates.percentile.accumulator(fraction);
  for (const value of [...values, null, null]) {
    if (value === null) {
      expect(bag.percentile(fraction)).toBe(reference.value());
    } else {
      bag.change(value, 1);
      reference.add(value);
    }
  }
}

describe('a bag of numbers', () => {
  it('has any percentile of all of them, however often it is asked and whenever', () => {
    fc.assert(fc.property(steps, fractions, (values, fraction) => check(new SortedBag(), values, fraction)));
  });

  it('has it beyond the size of a chunk, when values come one by one and when they come at once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.boolean(), (factor, alternately) => {
        const bag = new SortedBag();
        const values = Array.from({ length: 6000 }, (_, i) => (i * factor * 7919) % 100_003);
        const sorted: number[] = [];
        check(
          bag,
          values.flatMap((value, i) =>
            alternately || i > 5900 ? [value, ...(i % 97 === 0 ? [null] : [])] : [value],
          ),
        );
        sorted.push(...values);
        sorted.sort((a, b) => a - b);
        expect(bag.percentile(0.5)).toBe(((sorted[2999] ?? 0) + (sorted[3000] ?? 0)) / 2);
      }),
      { numRuns: 20 },
    );
  });

  it('has it of many values of any kind, at the first look', () => {
    const kinds = fc.array(
      fc.record({
        times: fc.integer({ min: 0, max: 9000 }),
        from: fc.oneof(number, fc.constantFrom(Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, 0)),
        step: fc.oneof(
          fc.constant(0),
          fc.integer({ min: -9, max: 9 }),
          fc.double({ min: -1, max: 1, noNaN: true }),
        ),
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(kinds, fc.boolean(), fractions, (kindsOfRuns, inHalves, fraction) => {
        // Two halves, so that the two middle values are far from each other.
        const runs = inHalves ? kindsOfRuns.slice(0, 2).map((run) => ({ ...run, times: 5000 })) : kindsOfRuns;
        const values = runs.flatMap(({ times, from, step }) =>
          Array.from({ length: times }, (_, i) => from + i * step + 0),
        );
        const bag = new SortedBag();
        for (const value of values) {
          bag.change(value, 1);
        }
        const sorted = Float64Array.from(values).sort();
        expect(bag.percentile(fraction)).toBe(percentileOfSorted(sorted, fraction));
      }),
      { numRuns: 60 },
    );
  });

  it('has it of what is left, whatever came and left, and whenever it is asked', () => {
    const step = fc.record({
      come: fc.array(number, { maxLength: 60, size: 'max' }),
      leave: fc.double({ min: 0, max: 1, noNaN: true }),
      ask: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fractions, (steps, fraction) => {
        const bag = new SortedBag();
        let left: number[] = [];
        for (const { come, leave, ask } of steps) {
          for (const value of come) {
            bag.change(value, 1);
          }
          left.push(...come);
          const leaving = Math.floor(left.length * leave);
          for (const value of left.slice(0, leaving)) {
            bag.change(value, -1);
          }
          left = left.slice(leaving);
          if (ask) {
            expect(bag.percentile(fraction)).toBe(
              percentileOfSorted(Float64Array.from(left).sort(), fraction),
            );
          }
        }
      }),
    );
  });

  it('has it when nearly all of many values leave, from either end or all over', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, -1, 7919), fractions, (factor, fraction) => {
        const bag = new SortedBag();
        const values = Array.from({ length: 20_011 }, (_, i) => (((i * factor) % 20_011) + 20_011) % 20_011);
        for (const value of values) {
          bag.change(value, 1);
        }
        for (const [i, value] of values.entries()) {
          bag.change(value, -1);
          if (i % 611 === 0 && i + 1 < values.length) {
            const left = Float64Array.from(values.slice(i + 1)).sort();
            expect(bag.percentile(fraction)).toBe(percentileOfSorted(left, fraction));
          }
        }
        expect(bag.percentile(fraction)).toBeNull();
        bag.change(3, 1);
        expect(bag.percentile(fraction)).toBe(3);
      }),
      { numRuns: 6 },
    );
  });

  it('refuses to let a value go that is not there', () => {
    const bag = new SortedBag();
    bag.change(1, 1);
    bag.change(2, 1);
    bag.change(3, -1);
    expect(() => bag.percentile(0.5)).toThrow('The number 3 leaves and is not there');
  });

  it('has none when it is empty', () => {
    expect(new SortedBag().percentile(0.5)).toBeNull();
  });
});
