import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactSum } from '../../pipeline/plan/exact_sum.ts';

const sumOf = (values: readonly number[]) => {
  const sum = new ExactSum();
  for (const value of values) {
    sum.add(value);
  }
  return sum.value();
};

/** A double as an integer number of the smallest one. */
function units(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const exponent = bits >> 52n;
  const mantissa = (bits & (2n ** 52n - 1n)) + (exponent > 0n ? 2n ** 52n : 0n);
  const magnitude = mantissa << (exponent > 0n ? exponent - 1n : 0n);
  return value < 0 ? -magnitude : magnitude;
}

const size = (number: bigint) => (number < 0n ? -number : number);
const nextAfter = (value: number, up: boolean) => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigInt64(0);
  view.setBigInt64(0, value === 0 ? (up ? 1n : -(2n ** 63n) + 1n) : bits + (up === value > 0 ? 1n : -1n));
  return view.getFloat64(0);
};

const double = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(
    1,
    1e16,
    -1e16,
    2 ** 53,
    2 ** -53,
    5e-324,
    -5e-324,
    1e308,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
  ),
  fc.integer({ min: -1074, max: 1023 }).map((exponent) => 2 ** exponent),
);

describe('an exact sum of doubles', () => {
  it('is the double nearest to the sum of the values, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(double, { maxLength: 12 }), (values) => {
        const exact = values.reduce((total, value) => total + units(value), 0n);
        const sum = sumOf(values);
        expect(sumOf([...values].reverse())).toBe(sum);
        if (sum === null) {
          // Half a unit of the last place beyond the largest double, or more.
          expect(size(exact) >= units(Number.MAX_VALUE) + 2n ** (970n + 1074n)).toBe(true);
          return;
        }
        const distance = size(units(sum) - exact);
        for (const neighbour of [nextAfter(sum, true), nextAfter(sum, false)].filter(Number.isFinite)) {
          const other = size(units(neighbour) - exact);
          const isEven =
            (size(units(sum)) >> BigInt(Math.max(0, size(units(sum)).toString(2).length - 53))) % 2n === 0n;
          expect(distance < other || (distance === other && isEven)).toBe(true);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['0.1 ten times', Array.from({ length: 10 }, () => 0.1), 1],
    ['what rounding would lose', [1e100, 1, -1e100], 1],
    ['beyond the largest double and back', [1e308, 1e308, -1e308], 1e308],
    ['a tie, which goes to the even one', [1, 2 ** -53], 1],
    ['a tie with something below', [1, 2 ** -53, 2 ** -1000], 1 + 2 ** -52],
    ['a tie with something below zero', [1 + 2 ** -52, 2 ** -53, -5e-324], 1 + 2 ** -52],
    ['the smallest doubles', [5e-324, 5e-324, -1e-323], 0],
    ['less than half a unit beyond the largest', [Number.MAX_VALUE, 2 ** 970, -5e-324], Number.MAX_VALUE],
    ['too much', [Number.MAX_VALUE, 2 ** 970], null],
    ['nothing', [], 0],
  ])('of %s', (_, values, sum) => {
    expect(sumOf(values)).toBe(sum);
    expect(sumOf(values.map((value) => -value))).toBe(sum === null ? null : 0 - sum);
  });

  it('stays exact over millions of values', () => {
    const sum = new ExactSum();
    for (let i = 0; i < 3_000_000; i += 1) {
      sum.add(Number.MAX_VALUE);
    }
    for (let i = 0; i < 3_000_000; i += 1) {
      sum.add(-Number.MAX_VALUE);
    }
    sum.add(0.1);
    expect(sum.value()).toBe(0.1);
  });
});
