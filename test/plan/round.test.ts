import fc from 'fast-check';
import { expect, it } from 'vitest';
import { roundHalfAwayFromZero } from '../../pipeline/plan/round.ts';

it.each([
  [2.5, 0, 3],
  [-2.5, 0, -3],
  [1.005, 2, 1.01],
  [0.49999999999999994, 0, 0],
  [150, -2, 200],
  [49, -2, 0],
  [5e-324, 400, 5e-324],
  [5e-324, 3, 0],
  [1.7976931348623157e308, -308, Number.POSITIVE_INFINITY],
])('%d rounded to %i digits is %d', (number, digits, rounded) => {
  expect(roundHalfAwayFromZero(number, digits) + 0).toBe(rounded);
});

it('is the number itself where the digits suffice, and never further than half a unit', () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
      fc.nat(6),
      (number, digits) => {
        const rounded = roundHalfAwayFromZero(number, digits);
        expect(Math.abs(rounded - number)).toBeLessThanOrEqual(
          0.5 * 10 ** -digits + Number.EPSILON * Math.abs(number),
        );
        expect(roundHalfAwayFromZero(rounded, digits)).toBe(rounded);
      },
    ),
  );
});
