import fc from 'fast-check';
import { snappyUncompress } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, it } from 'vitest';
import { snappy } from '../../pipeline/parquet/snappy.ts';

/** The same bytes decompressed by two independent Snappy readers. */
function expectReadBack(bytes: Uint8Array): number {
  const compressed = snappy(bytes).slice();
  const plainly = new Uint8Array(bytes.length);
  snappyUncompress(compressed, plainly);
  expect(Buffer.compare(plainly, bytes)).toBe(0);
  if (bytes.length > 0) {
    const fast = compressors.SNAPPY?.(compressed, bytes.length) ?? expect.fail('no reader of Snappy');
    expect(Buffer.compare(fast, bytes)).toBe(0);
  }
  return compressed.length;
}

/** Pieces of few or all bytes, some of them again. */
const bytes = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ max: 2, maxLength: 100 }),
        fc.string().map((text) => new TextEncoder().encode(text)),
      ),
      fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 400 })),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => {
    const parts = pieces.flatMap(([piece, times]) => Array<Uint8Array>(times).fill(piece));
    return Uint8Array.from(Buffer.concat([...parts, ...parts.slice(0, 50)]));
  });

describe('Snappy', () => {
  it('round-trips any bytes', () =>
    fc.assert(
      fc.property(bytes, (input) => {
        expectReadBack(input);
      }),
      { numRuns: 500 },
    ));

  it('round-trips every length, of equal and of different bytes', () => {
    const random = fc.sample(fc.uint8Array({ minLength: 400, maxLength: 400 }), { numRuns: 1, seed: 7 })[0];
    for (let length = 0; length <= 400; length += 1) {
      expectReadBack(new Uint8Array(length));
      expectReadBack(random?.subarray(0, length) ?? new Uint8Array(0));
    }
  });

  it('copies from no further back than a block, and continues after it', () => {
    const piece = new TextEncoder().encode('once and again; ');
    for (const gap of [65_515, 65_519, 65_520, 65_535, 65_536, 65_537, 200_000]) {
      const far = new Uint8Array(gap + 2 * piece.length).map((_, i) => (i * i * 31 + (i >> 8)) & 255);
      far.set(piece);
      far.set(piece, gap);
      expectReadBack(far);
    }
  });

  it('encodes the distance of a copy in two bytes and in three', () => {
    for (let distance = 2030; distance < 2060; distance += 1) {
      for (let length = 6; length < 16; length += 1) {
        const piece = Uint8Array.from({ length }, (_, i) => 100 + i);
        const twice = new Uint8Array(distance + 60);
        twice.set(piece, 1);
        twice.set(piece, 1 + distance);
        // No more is the same.
        twice[1 + length] = 1;
        twice[1 + distance + length] = 2;
        expect(expectReadBack(twice)).toBeLessThan(200);
      }
    }
  });

  it('shrinks repeated bytes to a tenth, and grows random bytes only a little', () => {
    const again = Buffer.from('Find out what you need, and where to get it. '.repeat(100_000));
    expect(expectReadBack(Uint8Array.from(again))).toBeLessThan(again.length / 10);
    const random = new Uint8Array(3_000_000);
    let state = 1;
    for (let i = 0; i < random.length; i += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      random[i] = state >>> 24;
    }
    expect(expectReadBack(random)).toBeLessThan(random.length * 1.001);
  });
});
