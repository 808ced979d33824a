import { expect, it } from 'vitest';
import type { Row } from '../../../../pipeline/columns/table.ts';
import { CountedSemiJoin } from '../../../../pipeline/engines/incremental/operators/counted_semi_join.ts';
import { JoinKey } from '../../../../pipeline/engines/incremental/operators/join_key.ts';
import { SemiJoin } from '../../../../pipeline/engines/incremental/operators/semi_join.ts';
import { changesOf, emittedBy, input } from '../deltas.ts';

function semiJoined() {
  const posts = input({ ind: 'bigint', word: 'text' });
  const places = input({ ind: 'bigint', place: 'text' });
  const join = new SemiJoin(posts.source, places.source, new JoinKey(['ind']));
  return { posts, places, emitted: emittedBy(join) };
}

it('a row waits until the first row with its key arrives on the other side, and is emitted once', () => {
  const { posts, places, emitted } = semiJoined();
  posts.insert([
    { ind: 1, word: 'a' },
    { ind: 1, word: 'a' },
    { ind: 2, word: 'b' },
  ]);
  expect(emitted()).toEqual([]);
  places.insert([
    { ind: 1, place: 'x' },
    { ind: 1, place: 'y' },
    { ind: 3, place: 'z' },
  ]);
  expect(emitted()).toEqual([
    [
      { ind: 1, word: 'a' },
      { ind: 1, word: 'a' },
    ],
  ]);
  places.insert([{ ind: 1, place: 'x' }]);
  expect(emitted()).toEqual([]);
  posts.insert([
    { ind: 3, word: 'c' },
    { ind: 4, word: 'd' },
    { ind: 1, word: 'e' },
  ]);
  expect(emitted()).toEqual([
    [
      { ind: 3, word: 'c' },
      { ind: 1, word: 'e' },
    ],
  ]);
});

it('a null key equals nothing, not even another null', () => {
  const { posts, places, emitted } = semiJoined();
  posts.insert([{ ind: null, word: 'a' }]);
  places.insert([{ ind: null, place: 'x' }]);
  posts.insert([{ ind: null, word: 'b' }]);
  expect(emitted()).toEqual([]);
});

it('every row without a null key is in a relation joined to itself', () => {
  const { source, insert } = input({ ind: 'bigint', word: 'text' });
  const emitted = emittedBy(new SemiJoin(source, source, new JoinKey(['ind', 'word'])));
  insert([
    { ind: 1, word: 'a' },
    { ind: 1, word: null },
  ]);
  expect(emitted()).toEqual([[{ ind: 1, word: 'a' }]]);
  insert([
    { ind: 1, word: 'a' },
    { ind: 2, word: 'b' },
  ]);
  expect(emitted().flat()).toEqual([
    { ind: 1, word: 'a' },
    { ind: 2, word: 'b' },
  ]);
});

it('rows come with the first partner and leave with the last, or by themselves', () => {
  const posts = input({ ind: 'bigint', word: 'text' }, true);
  const places = input({ ind: 'bigint', place: 'text' }, true);
  const changes = changesOf(new CountedSemiJoin(posts.source, places.source, new JoinKey(['ind'])));
  const [a, b]: readonly [Row, Row] = [
    { ind: 1, word: 'a' },
    { ind: 1, word: 'b' },
  ];
  posts.insert([a, a, b, { ind: 2, word: 'c' }]);
  places.insert(['x', 'y', 'y'].map((place) => ({ ind: 1, place })));
  posts.remove([a]);
  places.remove(['x', 'y'].map((place) => ({ ind: 1, place })));
  expect(changes()).toEqual([
    { by: 1, rows: [b, a, a] },
    { by: -1, rows: [a] },
  ]);
  places.remove([{ ind: 1, place: 'y' }]);
  posts.remove([b]);
  places.insert([{ ind: 1, place: 'y' }]);
  expect(changes()).toEqual([
    { by: -1, rows: [b, a] },
    { by: 1, rows: [a] },
  ]);
});
