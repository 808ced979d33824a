import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../../../pipeline/columns/table.ts';
import {
  Aggregate,
  type AggregateRelation,
} from '../../../../pipeline/engines/incremental/operators/aggregate.ts';
import { RankedGroups } from '../../../../pipeline/engines/incremental/top/ranked_groups.ts';
import { canKeepTop, TopGroups } from '../../../../pipeline/engines/incremental/top/top_groups.ts';
import type { AggregateName } from '../../../../pipeline/plan/aggregates.ts';
import type { SortKey } from '../../../../pipeline/plan/relation.ts';
import { input } from '../deltas.ts';

const schema = { country: 'text', category: 'text', likes: 'int' } as const;

function relation(name: AggregateName, ...columns: readonly string[]): AggregateRelation {
  return {
    kind: 'aggregate',
    schema: { country: 'text', category: 'text', number: 'bigint' },
    input: { kind: 'source', schema, name: 'posts' },
    by: ['country', 'category'],
    aggregates: { number: { function: name, arguments: columns } },
  };
}

const mostRows: SortKey[] = [
  { column: 'number', descending: true },
  { column: 'category', descending: false },
];

/** Posts of the most popular categories; rows are [country, category]. */
function popular(by: readonly string[], order: readonly SortKey[], rowsLeave = false) {
  const { source, insert, remove } = input(schema, rowsLeave);
  const Top = rowsLeave ? RankedGroups : TopGroups;
  const top = new Top(new Aggregate(source, relation('count')), by, order);
  const postsOf = (rows: readonly (readonly [string | null, string | null])[]) =>
    rows.map(([country, category]) => ({ country, category, likes: 0 }));
  return {
    insert: (...rows: Parameters<typeof postsOf>[0]) => insert(postsOf(rows)),
    remove: (...rows: Parameters<typeof postsOf>[0]) => remove(postsOf(rows)),
    rows: () => rowsOf(top.table).map((row) => Object.values(row)),
  };
}

describe('the top group of each partition', () => {
  it('changes when another group overtakes it', () => {
    const { insert, rows } = popular(['country'], mostRows);
    expect(rows()).toEqual([]);
    insert(['fr', 'art'], ['fr', 'diy'], ['fr', 'diy'], ['de', 'art']);
    expect(rows()).toEqual([
      ['fr', 'diy', 2],
      ['de', 'art', 1],
    ]);
    insert();
    insert(['fr', 'art'], ['fr', 'art'], ['de', 'art']);
    expect(rows()).toEqual([
      ['fr', 'art', 3],
      ['de', 'art', 2],
    ]);
  });

  it('is decided by the next key when groups tie', () => {
    const { insert, rows } = popular(['country'], mostRows);
    insert(['fr', 'diy'], ['fr', 'art']);
    expect(rows()).toEqual([['fr', 'art', 1]]);
    insert(['fr', 'diy']);
    insert(['fr', 'art']);
    expect(rows()).toEqual([['fr', 'art', 2]]);
  });

  it('puts nulls first in an ascending key, and makes them a partition of their own', () => {
    const { insert, rows } = popular(['country'], mostRows);
    insert(['fr', 'art'], ['fr', null], [null, 'art']);
    expect(rows()).toEqual([
      ['fr', null, 1],
      [null, 'art', 1],
    ]);
  });

  it('is one group in all when there are no columns to partition by', () => {
    const { insert, rows } = popular([], [...mostRows, { column: 'country', descending: false }]);
    insert(['fr', 'art'], ['de', 'art']);
    expect(rows()).toEqual([['de', 'art', 1]]);
    insert(['fr', 'art']);
    expect(rows()).toEqual([['fr', 'art', 2]]);
  });
});

describe('the top group of each partition that rows leave', () => {
  it('falls back to the next one, and is gone with the last row of its partition', () => {
    const { insert, remove, rows } = popular(['country'], mostRows, true);
    insert(['fr', 'art'], ['fr', 'diy'], ['fr', 'diy'], ['fr', 'tea'], ['fr', 'tea'], ['de', 'art']);
    remove(['fr', 'diy']);
    expect(rows()).toEqual([
      ['fr', 'tea', 2],
      ['de', 'art', 1],
    ]);
    // Two groups move at once.
    remove(['fr', 'tea'], ['fr', 'art'], ['de', 'art']);
    expect(rows()).toEqual([['fr', 'diy', 1]]);
    remove(['fr', 'tea'], ['fr', 'diy']);
    expect(rows()).toEqual([]);
    insert(['de', 'art']);
    expect(rows()).toEqual([['de', 'art', 1]]);
  });
});

describe('a top can be kept by deltas', () => {
  const top = (order: readonly SortKey[], by = ['country']) => ({
    kind: 'top' as const,
    count: 1,
    schema,
    input: relation('count'),
    by,
    order,
  });

  it('when groups only move forward in its order', () => {
    expect(canKeepTop(top(mostRows), relation('count'))).toBe(true);
    expect(canKeepTop(top(mostRows), relation('count_distinct', 'likes'))).toBe(true);
    expect(canKeepTop(top(mostRows), relation('max', 'likes'))).toBe(true);
  });

  it('but not when they can move back: ascending, or by an aggregate that can become smaller', () => {
    const ascending = top([{ column: 'number', descending: false }]);
    expect(canKeepTop(ascending, relation('count'))).toBe(false);
    expect(canKeepTop(top(mostRows), relation('sum', 'likes'))).toBe(false);
    expect(canKeepTop(top(mostRows), relation('median', 'likes'))).toBe(false);
  });

  it('nor when groups can move to another partition', () => {
    expect(canKeepTop(top([{ column: 'category', descending: false }], ['number']), relation('count'))).toBe(
      false,
    );
  });
});
