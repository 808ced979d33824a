import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SortedBag } from '../../pipeline/live/sorted_bag.ts';
import { aggregates } from '../../pipeline/plan/aggregates.ts';

const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.integer({ min: -3000, max: 3000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
);

/** Numbers that come, null being a look at the median. */
const steps = fc.array(fc.oneof({ weight: 8, arbitrary: number }, fc.constant(null)), {
  maxLength: 400,
  size: 'max',
});

function check(bag: SortedBag, values: readonly (number | null)[]): void {
  const reference = aggregates.median.accumulator();
  for (const value of [...values, null, null]) {
    if (value === null) {
      expect(bag.median()).toBe(reference.value());
    } else {
      bag.add(value);
      reference.add(value);
    }
  }
}

describe('a bag of numbers', () => {
  it('has the median of all of them, however often it is asked and whenever', () => {
    fc.assert(fc.property(steps, (values) => check(new SortedBag(), values)));
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
        expect(bag.median()).toBe(((sorted[2999] ?? 0) + (sorted[3000] ?? 0)) / 2);
      }),
      { numRuns: 20 },
    );
  });

  it('has none when it is empty', () => {
    expect(new SortedBag().median()).toBeNull();
  });
});
