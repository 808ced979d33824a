import { expect, it } from 'vitest';
import { Explode } from '../../../../pipeline/engines/incremental/operators/explode.ts';
import { Project } from '../../../../pipeline/engines/incremental/operators/project.ts';
import { split } from '../../../../pipeline/plan/expressions/arrays.ts';
import { Table } from '../../../../pipeline/plan/table.ts';
import { emittedBy, input } from '../deltas.ts';

const posts = Table.source('posts', { ind: 'bigint', tags: 'text', place: 'array<double>' });

it('an explosion emits a row for each element, and none for an empty array and for null', () => {
  const { node } = posts.explode('place', 'degrees');
  const { source, insert } = input(posts.schema);
  if (node.kind !== 'explode') {
    throw new TypeError(node.kind);
  }
  const emitted = emittedBy(new Explode(source, node));
  insert([
    { ind: 1, tags: 'a', place: [1.5, 2] },
    { ind: 2, tags: 'b', place: [] },
    { ind: 3, tags: null, place: null },
  ]);
  insert([{ ind: null, tags: null, place: [0] }]);
  expect(emitted()).toEqual([
    [
      { ind: 1, tags: 'a', degrees: 1.5 },
      { ind: 1, tags: 'a', degrees: 2 },
    ],
    [{ ind: null, tags: null, degrees: 0 }],
  ]);
});

it('an explosion of a text that is split knows the strings of earlier deltas', () => {
  const { node } = posts
    .select((row) => ({ ind: row.ind, tags: split(row.tags, ',') }))
    .explode('tags', 'tag');
  const { source, insert } = input(posts.schema);
  if (node.kind !== 'explode' || node.input.kind !== 'select') {
    throw new TypeError(node.kind);
  }
  const emitted = emittedBy(new Explode(new Project(node.input.schema, source, node.input.columns), node));
  insert([
    { ind: 1, tags: 'cat,🂡', place: null },
    { ind: 2, tags: '', place: null },
  ]);
  insert([
    { ind: 3, tags: '🂡,,cat', place: null },
    { ind: 4, tags: null, place: null },
  ]);
  expect(emitted()).toEqual([
    [
      { ind: 1, tag: 'cat' },
      { ind: 1, tag: '🂡' },
      { ind: 2, tag: '' },
    ],
    [
      { ind: 3, tag: '🂡' },
      { ind: 3, tag: '' },
      { ind: 3, tag: 'cat' },
    ],
  ]);
});
