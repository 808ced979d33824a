import { expect, it } from 'vitest';
import { JoinKey } from '../../../../pipeline/engines/incremental/operators/join.ts';
import { SemiJoin } from '../../../../pipeline/engines/incremental/operators/semi_join.ts';
import { emittedBy, input } from '../deltas.ts';

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
