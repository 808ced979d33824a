import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnOf, NumberColumn, StringColumn } from '../../pipeline/columns/column.ts';
import { KeyGroupIds } from '../../pipeline/columns/group_ids/keys.ts';
import { NumberGroupIds } from '../../pipeline/columns/group_ids/numbers.ts';
import { RowGroupIds } from '../../pipeline/columns/group_ids/rows.ts';
import type { Value } from '../../pipeline/plan/types.ts';

/** Ids in the order of first use. */
function idsByMap(keys: readonly string[], seen = new Map<string, number>()): number[] {
  return keys.map((key) => {
    const id = seen.get(key) ?? seen.size;
    seen.set(key, id);
    return id;
  });
}

describe('group ids of numbers', () => {
  const number = fc.oneof(
    fc.integer({ min: -3, max: 300 }),
    fc.integer({ min: 4_194_300, max: 4_194_310 }),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    fc.constant(null),
  );

  it('are given in the order of first use, to integers, fractions and nulls', () => {
    fc.assert(
      fc.property(fc.array(fc.array(number, { maxLength: 60 }), { maxLength: 6 }), (columns) => {
        const groupIds = new NumberGroupIds();
        const seen = new Map<string, number>();
        for (const values of columns) {
          const ids = groupIds.intern(columnOf('double', values));
          expect([...ids]).toEqual(idsByMap(values.map(String), seen));
        }
        expect(groupIds.size).toBe(seen.size);
      }),
    );
  });

  it('stay the same when a number that was found by hash gets an element of the array', () => {
    const groupIds = new NumberGroupIds();
    expect([...groupIds.intern(columnOf('bigint', [5_000_000, 9_000_000]))]).toEqual([0, 1]);
    const many = Float64Array.from({ length: 700_000 }, (_, i) => 5_000_000 - i);
    const ids = groupIds.intern(new NumberColumn('bigint', many));
    expect([ids[0], ids[1], ids[699_999], groupIds.size]).toEqual([0, 2, 700_000, 700_001]);
    expect([...groupIds.intern(columnOf('bigint', [9_000_000, 5_000_000]))]).toEqual([1, 0]);
  });
});

describe('group ids of tuples', () => {
  it('differ where tuples do, even if these have one hash', () => {
    // Among so many, several pairs have the same 32 bits.
    const length = 300_000;
    let state = 1;
    const random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      return state;
    };
    const columns = [0, 1].map(() => Int32Array.from({ length }, random));
    const keys = Array.from({ length }, (_, row) => `${columns[0]?.[row]},${columns[1]?.[row]}`);
    const ids = new RowGroupIds().intern(columns);
    expect(ids.findIndex((id, row) => id !== row)).toBe(idsByMap(keys).findIndex((id, row) => id !== row));
  });

  it('are given in the order of first use, while strings are added and numbers outgrow their domain', () => {
    const row = fc.tuple(
      fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constant(null), fc.integer({ min: -1, max: 5000 })),
      fc.oneof(fc.constantFrom('a', 'b', null), fc.string({ maxLength: 2 })),
    );
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 30 }), { maxLength: 8 }), (deltas) => {
        const groupIds = new KeyGroupIds();
        const seen = new Map<string, number>();
        const { dictionary } = new StringColumn();
        for (const rows of deltas) {
          const words = new StringColumn(dictionary);
          for (const [, word] of rows) {
            words.add(word);
          }
          const numbers = columnOf(
            'int',
            rows.map(([value]): Value => value),
          );
          const keys = rows.map((each) => JSON.stringify(each));
          expect([...groupIds.intern([numbers, words])]).toEqual(idsByMap(keys, seen));
        }
        expect(groupIds.size).toBe(seen.size);
      }),
    );
  });
});
