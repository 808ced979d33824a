import { expect, it } from 'vitest';
import { Distinct } from '../../../../pipeline/engines/incremental/operators/distinct.ts';
import { Union } from '../../../../pipeline/engines/incremental/operators/union.ts';
import { emittedBy, input } from '../deltas.ts';

const schema = { ind: 'bigint', word: 'text' } as const;

it('a union emits the rows of both sides as they arrive, and two of a row that both have', () => {
  const [left, right] = [input(schema), input({ word: 'text', ind: 'bigint' })];
  const emitted = emittedBy(new Union(left.source, right.source));
  left.insert([{ ind: 1, word: 'a' }]);
  right.insert([
    { ind: 1, word: 'a' },
    { ind: null, word: null },
  ]);
  expect(emitted()).toEqual([
    [{ ind: 1, word: 'a' }],
    [
      { ind: 1, word: 'a' },
      { ind: null, word: null },
    ],
  ]);
});

it('strings of both sides are equal where they look equal', () => {
  const [left, right] = [input(schema), input(schema)];
  const union = new Union(left.source, right.source);
  const emitted = emittedBy(new Distinct(union));
  const stored = union.store(['word']);
  left.insert([
    { ind: 1, word: 'a' },
    { ind: 2, word: 'b' },
  ]);
  right.insert([
    { ind: 2, word: 'b' },
    { ind: 1, word: 'b' },
  ]);
  expect(emitted().flat()).toEqual([
    { ind: 1, word: 'a' },
    { ind: 2, word: 'b' },
    { ind: 1, word: 'b' },
  ]);
  expect(Array.from({ length: 4 }, (_, row) => stored.column('word').at(row))).toEqual(['a', 'b', 'b', 'b']);
});
