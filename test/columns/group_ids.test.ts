import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnOf, NumberColumn, StringColumn } from '../../pipeline/columns/column.ts';
import { KeyGroupIds } from '../../pipeline/columns/group_ids/keys.ts';
import { NumberGroupIds } from '../../pipeline/columns/group_ids/numbers.ts';
import { RowGroupIds } from '../../pipeline/columns/group_ids/rows.ts';
import type { Value } from '../../pipeline/plan/types.ts';

/** Codes in the order of first use. */
function codesByMap(keys: readonly string[], known = new Map<string, number>()): number[] {
  return keys.map((key) => {
    const code = known.get(key) ?? known.size;
    known.set(key, code);
    return code;
  });
}

describe('codes of numbers', () => {
  const number = fc.oneof(
    fc.integer({ min: -3, max: 300 }),
    fc.integer({ min: 4_194_300, max: 4_194_310 }),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    fc.constant(null),
  );

  it('are given in the order of first use, to whole numbers, fractions and nulls', () => {
    fc.assert(
      fc.property(fc.array(fc.array(number, { maxLength: 60 }), { maxLength: 6 }), (columns) => {
        const coder = new NumberGroupIds();
        const known = new Map<string, number>();
        for (const values of columns) {
          const codes = coder.intern(columnOf('double', values));
          expect([...codes]).toEqual(codesByMap(values.map(String), known));
        }
        expect(coder.size).toBe(known.size);
      }),
    );
  });

  it('stay the same when a number gets a place that was found by hash before', () => {
    const coder = new NumberGroupIds();
    expect([...coder.intern(columnOf('bigint', [5_000_000, 9_000_000]))]).toEqual([0, 1]);
    const many = Float64Array.from({ length: 700_000 }, (_, i) => 5_000_000 - i);
    const codes = coder.intern(new NumberColumn('bigint', many));
    expect([codes[0], codes[1], codes[699_999], coder.size]).toEqual([0, 2, 700_000, 700_001]);
    expect([...coder.intern(columnOf('bigint', [9_000_000, 5_000_000]))]).toEqual([1, 0]);
  });
});

describe('codes of tuples', () => {
  it('differ where the tuples do, those too that have one hash', () => {
    // Of so many, several pairs have the same 32 bits.
    const length = 300_000;
    let state = 1;
    const random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      return state;
    };
    const columns = [0, 1].map(() => Int32Array.from({ length }, random));
    const keys = Array.from({ length }, (_, row) => `${columns[0]?.[row]},${columns[1]?.[row]}`);
    const codes = new RowGroupIds().intern(columns);
    expect(codes.findIndex((code, row) => code !== row)).toBe(
      codesByMap(keys).findIndex((c, row) => c !== row),
    );
  });

  it('are given in the order of first use, while texts come and numbers outgrow their places', () => {
    const row = fc.tuple(
      fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constant(null), fc.integer({ min: -1, max: 5000 })),
      fc.oneof(fc.constantFrom('a', 'b', null), fc.string({ maxLength: 2 })),
    );
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 30 }), { maxLength: 8 }), (deltas) => {
        const coder = new KeyGroupIds();
        const known = new Map<string, number>();
        const texts = new StringColumn();
        for (const rows of deltas) {
          const words = new StringColumn(texts.dictionary);
          for (const [, word] of rows) words.add(word);
          const numbers = columnOf(
            'int',
            rows.map(([value]): Value => value),
          );
          const keys = rows.map((each) => JSON.stringify(each));
          expect([...coder.intern([numbers, words])]).toEqual(codesByMap(keys, known));
        }
        expect(coder.size).toBe(known.size);
      }),
    );
  });
});
