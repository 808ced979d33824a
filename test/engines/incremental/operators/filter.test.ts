import { describe, expect, it } from 'vitest';
import { Filter } from '../../../../pipeline/engines/incremental/operators/filter.ts';
import {
  and,
  atLeast,
  atMost,
  between,
  column,
  type Expression,
  equals,
  isNotNull,
  literal,
  not,
  or,
} from '../../../../pipeline/plan/expression.ts';
import type { Value } from '../../../../pipeline/plan/types.ts';
import { emittedBy, input } from '../deltas.ts';

const schema = { ind: 'bigint', word: 'text', place: 'array<double>' } as const;
const ind = column('ind', 'bigint');
const word = column('word', 'text');
const place = column('place', 'array<double>');
const limit = (value: number) => literal('bigint', value);

/** The inds that a filter emits, delta after delta. */
function kept(condition: Expression<'boolean'>, ...deltas: readonly (readonly (readonly Value[])[])[]) {
  const { source, insert } = input(schema);
  const emitted = emittedBy(new Filter(source, condition.node));
  for (const rows of deltas) {
    insert(rows.map(([a = null, b = null, c = null]) => ({ ind: a, word: b, place: c })));
  }
  return emitted().map((rows) => rows.map((row) => row.ind));
}

it('a filter emits the rows for which the condition is true: neither false nor null', () => {
  expect(kept(atLeast(ind, limit(2)), [[1], [2], [null], [3]], [[2], [2]])).toEqual([
    [2, 3],
    [2, 2],
  ]);
});

it('a filter emits nothing where no row passes, and the whole delta where all do', () => {
  expect(kept(atLeast(ind, limit(2)), [[1], [null]], [], [[5], [6]])).toEqual([[5, 6]]);
});

describe('a filter with conjuncts', () => {
  it('keeps the rows between two bounds, inclusive', () => {
    expect(kept(between(ind, 1, 3), [[0], [1], [2], [3], [4]])).toEqual([[1, 2, 3]]);
  });

  it('emits nothing when bounds contradict each other', () => {
    expect(kept(and(atLeast(ind, limit(3)), atMost(ind, limit(2))), [[1], [2], [3]])).toEqual([]);
    expect(kept(and(equals(ind, limit(3)), equals(ind, limit(2))), [[2], [3]])).toEqual([]);
  });

  it('keeps rows that are not null in strings, numbers and arrays', () => {
    const rows = [
      [1, 'a', [0, 1]],
      [2, null, [0, 1]],
      [3, '', null],
      [null, 'a', []],
      [5, '', []],
    ];
    expect(kept(and(isNotNull(word), isNotNull(place), isNotNull(ind)), rows)).toEqual([[1, 5]]);
  });
});

it('a filter follows three-valued logic under "not" and "or"', () => {
  const isOne = equals(ind, limit(1));
  expect(kept(not(isOne), [[1], [2], [null]])).toEqual([[2]]);
  expect(
    kept(or(isOne, equals(word, literal('text', 'a'))), [
      [1, null],
      [null, 'a'],
      [2, null],
    ]),
  ).toEqual([[1, null]]);
});

it('a filter requires the columns of its condition, also when no reader requires them', () => {
  const { source } = input(schema);
  new Filter(source, isNotNull(word).node).require(['ind']);
  expect([...source.requiredColumns]).toEqual(['word', 'ind']);
});
