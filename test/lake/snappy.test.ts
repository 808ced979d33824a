import fc from 'fast-check';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, it } from 'vitest';
import { compressSnappy, snappyBound } from '../../pipeline/lake/snappy.ts';

function compressed(input: Uint8Array): Uint8Array {
  const output = new Uint8Array(snappyBound(input.length));
  return output.slice(0, compressSnappy(input, output));
}

function decompressed(input: Uint8Array, length: number): Uint8Array | undefined {
  return compressors.SNAPPY?.(input, length);
}

const repeating = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 90 }), fc.integer({ min: 0, max: 3000 }), fc.uint8Array())
  .map(([part, times, end]) => Buffer.concat([...Array.from({ length: times }, () => part), end]));

describe('Snappy', () => {
  it('gives back what was compressed', () =>
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 3000 }), repeating), (input) => {
        const output = compressed(input);
        expect(output.length).toBeLessThanOrEqual(snappyBound(input.length));
        expect(Buffer.compare(decompressed(output, input.length) ?? new Uint8Array(), input)).toBe(0);
      }),
      { numRuns: 300 },
    ));

  it.each([0, 1, 7, 8, 60, 61, 256, 257, 65_535, 65_536, 65_537, 200_000])(
    'takes %i bytes, alike and random ones',
    (length) => {
      let state = 1;
      const random = Uint8Array.from({ length }, () => {
        state = Math.imul(state, 1_103_515_245) + 12_345;
        return state >>> 16;
      });
      for (const input of [new Uint8Array(length), random]) {
        expect(Buffer.compare(decompressed(compressed(input), length) ?? new Uint8Array(), input)).toBe(0);
      }
    },
  );

  it('makes text smaller', () => {
    const text = Buffer.from('Sneakers Ideas,Haircut Simple,Street Style Trending,'.repeat(100));
    expect(compressed(text).length).toBeLessThan(text.length / 10);
  });
});
