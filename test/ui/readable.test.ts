import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readableNumber } from '../../pipeline/ui/readable.ts';

describe('readableNumber', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [999, '999'],
    [-999, '-999'],
    [1000, '1,000'],
    [-123456, '-123,456'],
    [1234567.5, '1,234,567.5'],
    [1234.25, '1,234.25'],
    [0.01, '0.01'],
    [1.005, '1.01'],
    [123456.789, '123,456.79'],
    [Number.MAX_SAFE_INTEGER, '9,007,199,254,740,991'],
  ])('writes %d as %s', (value, expected) => expect(readableNumber(value)).toBe(expected));

  it('writes every number as Intl.NumberFormat does', () => {
    const format = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 });
    const hundredths = fc.maxSafeInteger().map((whole) => whole / 100);
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), hundredths, fc.double()), (value) => {
        expect(readableNumber(value)).toBe(format.format(value));
      }),
      { numRuns: 2000 },
    );
  });
});
