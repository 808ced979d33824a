import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../../../pipeline/columns/table.ts';
import type { AggregateRelation } from '../../../../pipeline/engines/incremental/operators/aggregate.ts';
import { largestFirst, TopRows } from '../../../../pipeline/engines/incremental/top/top_rows.ts';
import type { AggregateName } from '../../../../pipeline/plan/aggregates.ts';
import type { SortKey } from '../../../../pipeline/plan/relation.ts';
import { input } from '../deltas.ts';

const schema = { country: 'text', poster: 'text', followers: 'bigint' } as const;

const relation = (name: AggregateName, column = 'followers'): AggregateRelation => ({
  kind: 'aggregate',
  schema: { country: 'text', poster: 'text', most: 'bigint' },
  input: { kind: 'source', schema, name: 'posts' },
  by: ['country', 'poster'],
  aggregates: { most: { function: name, arguments: [column] } },
});

const order: SortKey[] = [
  { column: 'most', descending: true },
  { column: 'poster', descending: false },
];
const topOf = (by: readonly string[], keys: readonly SortKey[]) => ({
  kind: 'top' as const,
  count: 1,
  schema: { country: 'text', poster: 'text', most: 'bigint' } as const,
  input: relation('max'),
  by,
  order: keys,
});

/** The poster with the most followers of each country; rows are [country, poster, followers]. */
function mostFollowed(by: readonly string[], keys = order) {
  const { source, insert } = input(schema);
  const top = new TopRows(source, topOf(by, keys), relation('max'), 'followers');
  return {
    insert: (...rows: readonly (readonly [string | null, string | null, number | null])[]) =>
      insert(rows.map(([country, poster, followers]) => ({ country, poster, followers }))),
    rows: () => rowsOf(top.table).map((row) => Object.values(row)),
  };
}

describe('the row with the largest number of each group', () => {
  it('is replaced by a larger one, of the same delta or a later one', () => {
    const { insert, rows } = mostFollowed(['country']);
    expect(rows()).toEqual([]);
    insert(['fr', 'a', 1], ['fr', 'b', 3], ['de', 'c', 2], ['fr', 'd', 2]);
    expect(rows()).toEqual([
      ['fr', 'b', 3],
      ['de', 'c', 2],
    ]);
    insert();
    insert(['de', 'd', 1], ['fr', 'e', 4]);
    expect(rows()).toEqual([
      ['fr', 'e', 4],
      ['de', 'c', 2],
    ]);
  });

  it('is decided by the other keys when numbers tie, within a delta and across deltas', () => {
    const { insert, rows } = mostFollowed(['country']);
    insert(['fr', 'b', 3], ['fr', 'c', 3]);
    expect(rows()).toEqual([['fr', 'b', 3]]);
    insert(['fr', 'c', 3], ['fr', 'a', 3], ['fr', 'b', 3]);
    expect(rows()).toEqual([['fr', 'a', 3]]);
  });

  it('has a null number only as long as there is no other', () => {
    const { insert, rows } = mostFollowed(['country']);
    insert(['fr', 'b', null], ['fr', 'a', null]);
    expect(rows()).toEqual([['fr', 'a', null]]);
    insert(['fr', 'c', -1]);
    insert(['fr', 'a', null]);
    expect(rows()).toEqual([['fr', 'c', -1]]);
  });

  it('puts nulls first in an ascending key, and makes them a group of their own', () => {
    const { insert, rows } = mostFollowed(['country']);
    insert(['fr', 'a', 1], ['fr', null, 1], [null, 'b', 0]);
    expect(rows()).toEqual([
      ['fr', null, 1],
      [null, 'b', 0],
    ]);
  });

  it('is one row in all when there are no columns to group by', () => {
    const { insert, rows } = mostFollowed([], [...order, { column: 'country', descending: true }]);
    insert(['de', 'a', 1], ['fr', 'a', 1]);
    expect(rows()).toEqual([['fr', 'a', 1]]);
  });
});

describe('the top of groups is the top of rows', () => {
  it('when the largest number decides first and is the only aggregate', () => {
    expect(largestFirst(topOf(['country'], order), relation('max'))).toBe('followers');
  });

  it('but not by another aggregate, type, order or partition', () => {
    const top = topOf(['country'], order);
    expect(largestFirst(top, relation('min'))).toBeUndefined();
    expect(largestFirst(top, relation('max', 'poster'))).toBeUndefined();
    expect(largestFirst(topOf(['country'], order.toReversed()), relation('max'))).toBeUndefined();
    expect(
      largestFirst(topOf(['country'], [{ column: 'most', descending: false }]), relation('max')),
    ).toBeUndefined();
    expect(largestFirst(topOf(['most'], order), relation('max'))).toBeUndefined();
  });
});
