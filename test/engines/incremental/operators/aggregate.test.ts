import { expect, it } from 'vitest';
import { rowsOf } from '../../../../pipeline/columns/table.ts';
import { Aggregate } from '../../../../pipeline/engines/incremental/operators/aggregate.ts';
import type { Schema } from '../../../../pipeline/plan/types.ts';
import { input } from '../deltas.ts';

const schema = { word: 'text', likes: 'int' } as const;

function aggregated(by: readonly string[], keys: Schema) {
  const { source, insert } = input(schema);
  const aggregate = new Aggregate(source, {
    kind: 'aggregate',
    schema: { ...keys, rows: 'bigint', most: 'int' },
    input: { kind: 'source', schema, name: 'posts' },
    by,
    aggregates: {
      rows: { function: 'count', arguments: [] },
      most: { function: 'max', arguments: ['likes'] },
    },
  });
  return { aggregate, insert };
}

it('groups have a row each in the order of first use, and grow with each delta', () => {
  const { aggregate, insert } = aggregated(['word'], { word: 'text' });
  expect(rowsOf(aggregate.table)).toEqual([]);
  insert([
    { word: 'b', likes: 1 },
    { word: 'a', likes: null },
  ]);
  expect(rowsOf(aggregate.table)).toEqual([
    { word: 'b', rows: 1, most: 1 },
    { word: 'a', rows: 1, most: null },
  ]);
  insert([]);
  insert([
    { word: 'a', likes: 2 },
    { word: 'c', likes: 0 },
    { word: 'b', likes: 1 },
  ]);
  expect(rowsOf(aggregate.table)).toEqual([
    { word: 'b', rows: 2, most: 1 },
    { word: 'a', rows: 2, most: 2 },
    { word: 'c', rows: 1, most: 0 },
  ]);
});

it('nulls are one group, apart from the empty string', () => {
  const { aggregate, insert } = aggregated(['word'], { word: 'text' });
  insert([
    { word: null, likes: 1 },
    { word: '', likes: 2 },
  ]);
  insert([{ word: null, likes: 3 }]);
  expect(rowsOf(aggregate.table)).toEqual([
    { word: null, rows: 2, most: 3 },
    { word: '', rows: 1, most: 2 },
  ]);
});

it('groups by several columns differ where any of them does', () => {
  const { aggregate, insert } = aggregated(['word', 'likes'], schema);
  insert([
    { word: 'a', likes: 1 },
    { word: 'a', likes: 2 },
    { word: 'b', likes: 1 },
    { word: 'a', likes: null },
    { word: 'a', likes: 1 },
  ]);
  expect(rowsOf(aggregate.table)).toEqual([
    { word: 'a', likes: 1, rows: 2, most: 1 },
    { word: 'a', likes: 2, rows: 1, most: 2 },
    { word: 'b', likes: 1, rows: 1, most: 1 },
    { word: 'a', likes: null, rows: 1, most: null },
  ]);
});

it('readers are told the groups that rows were added to, delta after delta', () => {
  const { aggregate, insert } = aggregated(['word'], { word: 'text' });
  const changes: number[][] = [];
  aggregate.onChange((groups) => changes.push([...groups]));
  insert([
    { word: 'a', likes: 1 },
    { word: 'b', likes: 1 },
    { word: 'a', likes: 1 },
  ]);
  insert([{ word: 'b', likes: 1 }]);
  expect(changes).toEqual([[0, 1, 0], [1]]);
});
