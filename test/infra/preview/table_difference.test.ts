import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Row, tableDifference } from '../../../infra/tools/preview/table_difference.ts';

const popular = (country: string, category: string, category_count: number) => ({
  country,
  category,
  category_count,
});

describe('rows of two versions', () => {
  it('come, go or change, by the columns that tell them apart', () => {
    const before = [popular('Albania', 'art', 3), popular('Chile', 'art', 1), popular('Spain', 'diy', 2)];
    const after = [popular('Albania', 'beauty', 4), popular('Spain', 'diy', 2), popular('Togo', 'diy', 1)];
    expect(tableDifference('popular', before, after)).toEqual({
      table: 'popular',
      before: 3,
      after: 3,
      come: [popular('Togo', 'diy', 1)],
      gone: [popular('Chile', 'art', 1)],
      changed: [{ before: popular('Albania', 'art', 3), after: popular('Albania', 'beauty', 4) }],
    });
  });

  it('are told apart by more columns where the first is not enough', () => {
    const row = (year: number, group: string, median: number) => ({ year, group, median });
    const { changed, come, gone } = tableDifference(
      'medians',
      [row(2015, '18-24', 5), row(2015, '25-35', 7)],
      [row(2015, '18-24', 6), row(2015, '25-35', 7)],
    );
    expect({ changed, come, gone }).toEqual({
      changed: [{ before: row(2015, '18-24', 5), after: row(2015, '18-24', 6) }],
      come: [],
      gone: [],
    });
  });

  it('are counted as often as they stand there', () => {
    const row = { a: 1 };
    expect(tableDifference('t', [row, row], [row]).gone).toEqual([row]);
    expect(tableDifference('t', [], [row, row]).come).toEqual([row, row]);
  });

  it('add up: what was there, less what went, plus what came, is what is there', () => {
    const rows = fc.array(
      fc.record({ key: fc.integer({ min: 0, max: 5 }), value: fc.integer({ min: 0, max: 3 }) }),
    );
    fc.assert(
      fc.property(rows, rows, (before, after) => {
        const { come, gone, changed } = tableDifference('t', before, after);
        expect(before.length - gone.length + come.length).toBe(after.length);
        const left = [...before, ...come, ...changed.map((one) => one.after)];
        const expected = [...after, ...gone, ...changed.map((one) => one.before)];
        expect(sorted(left)).toEqual(sorted(expected));
      }),
    );
  });

  const sorted = (rows: readonly Row[]) => rows.map((row) => JSON.stringify(row)).sort();
});
