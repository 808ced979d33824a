import { expect, it } from 'vitest';
import { Join } from '../../../../pipeline/engines/incremental/operators/join.ts';
import { JoinKey } from '../../../../pipeline/engines/incremental/operators/join_key.ts';
import { changesOf, emittedBy, input } from '../deltas.ts';

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

it('a row that leaves takes each of its pairs back once, and finds its partners again when it returns', () => {
  const posts = input({ ind: 'bigint', word: 'text' }, true);
  const places = input({ ind: 'bigint', place: 'text' }, true);
  const schema = { ind: 'bigint', word: 'text', place: 'text' } as const;
  const changes = changesOf(new Join(schema, posts.source, places.source, new JoinKey(['ind'])));
  const pairs = () =>
    changes().map(({ by, rows }) => [by, rows.map(({ word, place }) => `${word}${place}`).sort()]);
  posts.insert(['a', 'b', 'b', 'c'].map((word) => ({ ind: 1, word })));
  places.insert(['x', 'y'].map((place) => ({ ind: 1, place })));
  expect(pairs()).toEqual([[1, ['ax', 'ay', 'bx', 'bx', 'by', 'by', 'cx', 'cy']]]);
  // From the middle, the end and the beginning of the key's rows.
  posts.remove([{ ind: 1, word: 'b' }]);
  posts.remove([{ ind: 1, word: 'b' }]);
  posts.remove([{ ind: 1, word: 'c' }]);
  expect(pairs()).toEqual([
    [-1, ['bx', 'by']],
    [-1, ['bx', 'by']],
    [-1, ['cx', 'cy']],
  ]);
  places.remove([{ ind: 1, place: 'x' }]);
  posts.insert([{ ind: 1, word: 'b' }]);
  posts.remove([{ ind: 1, word: 'a' }]);
  places.insert([{ ind: 1, place: 'x' }]);
  expect(pairs()).toEqual([
    [-1, ['ax']],
    [1, ['by']],
    [-1, ['ay']],
    [1, ['bx']],
  ]);
  posts.insert([{ ind: null, word: 'n' }]);
  posts.remove([{ ind: null, word: 'n' }]);
  expect(pairs()).toEqual([]);
});
