import { expect, it } from 'vitest';
import { Distinct } from '../../../../pipeline/engines/incremental/operators/distinct.ts';
import { Explode } from '../../../../pipeline/engines/incremental/operators/explode.ts';
import { JoinKey } from '../../../../pipeline/engines/incremental/operators/join_key.ts';
import { Project } from '../../../../pipeline/engines/incremental/operators/project.ts';
import { SemiJoin } from '../../../../pipeline/engines/incremental/operators/semi_join.ts';
import { Union } from '../../../../pipeline/engines/incremental/operators/union.ts';
import { column } from '../../../../pipeline/plan/expression.ts';
import { split } from '../../../../pipeline/plan/expressions/arrays.ts';
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
  expect(Array.from({ length: 4 }, (_, row) => stored.table.columns.word?.at(row))).toEqual([
    'a',
    'b',
    'b',
    'b',
  ]);
});

it('strings in arrays of both sides are equal where they look equal', () => {
  const schema = { words: 'text' } as const;
  const [left, right] = [input(schema), input(schema)];
  const arrays = ({ source }: typeof left) =>
    new Project({ words: 'array<text>' }, source, { words: split(column('words', 'text'), ',').node });
  const words = new Explode(new Union(arrays(left), arrays(right)), {
    kind: 'explode',
    schema: { word: 'text' },
    input: { kind: 'source', name: 'texts', schema: { words: 'array<text>' } },
    column: 'words',
    as: 'word',
  });
  const emitted = emittedBy(new SemiJoin(words, words, new JoinKey(['word'])));
  left.insert([{ words: 'a,b' }, { words: null }]);
  right.insert([{ words: 'b,c' }]);
  expect(emitted().flat()).toEqual([{ word: 'a' }, { word: 'b' }, { word: 'b' }, { word: 'c' }]);
});
