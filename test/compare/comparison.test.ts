import { describe, expect, it } from 'vitest';
import { emptyTable, type Row, tableOfRows } from '../../pipeline/columns/table.ts';
import { comparePaths, type PathResult } from '../../pipeline/compare/comparison.ts';
import { datasets, geo, pin, user } from '../../pipeline/datasets/index.ts';
import type { Dataset } from '../../pipeline/plan/dataset.ts';
import { printedComparison } from '../../pipeline/ui/batch_outputs.ts';
import { usersJoinedByYear } from '../../queries/users_joined_by_year.ts';

const queries = [usersJoinedByYear];
const users: readonly Row[] = [
  { ind: 1, user_name: 'Ada', age: 36, date_joined: Date.UTC(2015, 0, 1) },
  { ind: 2, user_name: null, age: null, date_joined: null },
];
const joined: readonly Row[] = [
  { join_year: 2015, number_users_joined: 1 },
  { join_year: 2016, number_users_joined: 2 },
];

/** A way that has come to these rows. */
function way({
  silver = users,
  bad = 3,
  answer = joined,
}: {
  silver?: readonly Row[];
  bad?: number;
  answer?: readonly Row[];
} = {}): PathResult {
  const { schema } = user.cleaning;
  return {
    silver: (dataset: Dataset) =>
      dataset === user ? tableOfRows(schema, silver) : emptyTable(dataset.cleaning.schema),
    quarantined: (dataset) => (dataset === pin ? bad : 0),
    answer: (query) => tableOfRows(query.schema, answer),
  };
}

function compared(batch: PathResult, stream: PathResult, settled = true) {
  const { verdict, parts } = comparePaths(batch, stream, { datasets, queries }, { settled, now: 7 });
  return { verdict, different: parts.filter(({ same }) => !same) };
}

describe('batch and stream', () => {
  it('are the same when they hold the same rows, in whatever order', () => {
    expect(compared(way(), way({ silver: users.toReversed() }))).toEqual({ verdict: 'same', different: [] });
  });

  it('differ by one row more, or by one value', () => {
    expect(compared(way(), way({ silver: users.slice(1) }))).toEqual({
      verdict: 'different',
      different: [{ what: 'user in silver', batch: 2, stream: 1, same: false }],
    });
    const older = users.map((row) => ({ ...row, age: row.age === null ? null : 37 }));
    expect(compared(way(), way({ silver: older })).different).toEqual([
      { what: 'user in silver', batch: 2, stream: 2, same: false },
    ]);
  });

  it('differ by an event in quarantine', () => {
    expect(compared(way(), way({ bad: 4 })).different).toEqual([
      { what: 'pin in quarantine', batch: 3, stream: 4, same: false },
    ]);
  });

  it('differ by an answer, also by the order of its rows', () => {
    expect(compared(way(), way({ answer: joined.toReversed() })).different).toEqual([
      { what: 'users_joined_by_year', batch: 2, stream: 2, same: false },
    ]);
  });

  it('are under way while posts are', () => {
    expect(compared(way(), way({ bad: 4 }), false).verdict).toBe('under way');
    expect(compared(way(), way(), false).verdict).toBe('under way');
  });

  it('are printed as a table', () => {
    const comparison = comparePaths(
      way(),
      way({ bad: 4 }),
      { datasets: [pin, geo], queries },
      { settled: true, now: 7 },
    );
    expect(printedComparison(comparison)).toBe(`Batch and stream: different
what                  batch  stream  same
────────────────────  ─────  ──────  ────
pin in silver             0       0  yes
geo in silver             0       0  yes
pin in quarantine         3       4  NO
geo in quarantine         0       0  yes
users_joined_by_year      2       2  yes
`);
  });
});
