import { expect, it } from 'vitest';
import { Join, JoinKey } from '../../../../pipeline/engines/incremental/operators/join.ts';
import { emittedBy, input } from '../deltas.ts';

function joined() {
  const posts = input({ ind: 'bigint', word: 'text' });
  const places = input({ ind: 'bigint', place: 'text' });
  const schema = { ind: 'bigint', word: 'text', place: 'text' } as const;
  const join = new Join(schema, posts.source, places.source, new JoinKey(['ind']));
  return { posts, places, emitted: emittedBy(join) };
}

it('a join emits a pair when its later row arrives, from whichever side', () => {
  const { posts, places, emitted } = joined();
  posts.insert([{ ind: 1, word: 'a' }]);
  expect(emitted()).toEqual([]);
  places.insert([{ ind: 1, place: 'x' }]);
  expect(emitted()).toEqual([[{ ind: 1, word: 'a', place: 'x' }]]);
  posts.insert([{ ind: 1, word: 'b' }]);
  expect(emitted()).toEqual([[{ ind: 1, word: 'b', place: 'x' }]]);
});

it('a join emits every pair of rows with one key, each once', () => {
  const { posts, places, emitted } = joined();
  posts.insert([
    { ind: 1, word: 'a' },
    { ind: 1, word: 'a' },
    { ind: 2, word: 'b' },
  ]);
  places.insert([
    { ind: 1, place: 'x' },
    { ind: 1, place: 'y' },
    { ind: 3, place: 'z' },
  ]);
  const pairs = emitted().flatMap((rows) => rows.map((row) => `${row.word}${row.place}`));
  expect(pairs.sort()).toEqual(['ax', 'ax', 'ay', 'ay']);
});

it('a null key equals nothing, not even another null', () => {
  const { posts, places, emitted } = joined();
  posts.insert([{ ind: null, word: 'a' }]);
  places.insert([{ ind: null, place: 'x' }]);
  expect(emitted()).toEqual([]);
});

it('a join on several columns needs all of them to be equal and not null', () => {
  const left = input({ word: 'text', likes: 'int', size: 'double' });
  const right = input({ word: 'text', likes: 'int', place: 'text' });
  const schema = { word: 'text', likes: 'int', size: 'double', place: 'text' } as const;
  const emitted = emittedBy(new Join(schema, left.source, right.source, new JoinKey(['word', 'likes'])));
  left.insert([
    { word: 'a', likes: 1, size: 0.5 },
    { word: 'a', likes: 2, size: 1 },
    { word: 'a', likes: null, size: 1.5 },
    { word: null, likes: 1, size: 2 },
  ]);
  right.insert([
    { word: 'a', likes: 1, place: 'x' },
    { word: 'b', likes: 2, place: 'y' },
    { word: 'a', likes: null, place: 'z' },
    { word: null, likes: 1, place: 'z' },
  ]);
  expect(emitted()).toEqual([[{ word: 'a', likes: 1, size: 0.5, place: 'x' }]]);
});

it('a relation joined to itself emits each pair once, within one delta and across deltas', () => {
  const posts = input({ ind: 'bigint', word: 'text' });
  const emitted = emittedBy(
    new Join({ ind: 'bigint', word: 'text' }, posts.source, posts.source, new JoinKey(['ind'])),
  );
  posts.insert([
    { ind: 1, word: 'a' },
    { ind: 1, word: 'b' },
  ]);
  expect(emitted().flat()).toHaveLength(4);
  posts.insert([{ ind: 1, word: 'c' }]);
  expect(emitted().flat()).toHaveLength(5);
});
