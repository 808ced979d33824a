import { expect, it } from 'vitest';
import type { Row } from '../../../../pipeline/columns/table.ts';
import { Distinct } from '../../../../pipeline/engines/incremental/operators/distinct.ts';
import { changesOf, emittedBy, input } from '../deltas.ts';

it('distinct emits each row once: duplicates within a delta and across deltas are dropped', () => {
  const { source, insert } = input({ word: 'text', likes: 'int' });
  const emitted = emittedBy(new Distinct(source));
  const [a1, a2, b1]: readonly [Row, Row, Row] = [
    { word: 'a', likes: 1 },
    { word: 'a', likes: 2 },
    { word: 'b', likes: 1 },
  ];
  insert([a1, a1, a2]);
  insert([a2, b1, a1]);
  insert([a1, b1]);
  expect(emitted()).toEqual([[a1, a2], [b1]]);
});

it('nulls are equal to each other, and differ from the empty string and zero', () => {
  const { source, insert } = input({ word: 'text', likes: 'int' });
  const emitted = emittedBy(new Distinct(source));
  const rows = [null, ''].flatMap((word) => [null, 0].map((likes) => ({ word, likes })));
  insert(rows);
  insert(rows);
  expect(emitted()).toEqual([rows]);
});

it('arrays are compared element by element', () => {
  const { source, insert } = input({ place: 'array<double>' });
  const emitted = emittedBy(new Distinct(source));
  const rows = [{ place: [1, 2] }, { place: [2, 1] }, { place: [1] }, { place: [] }, { place: null }];
  insert([...rows, ...rows]);
  expect(emitted()).toEqual([rows]);
});

it('distinct requires all columns, whatever its readers require', () => {
  const { source } = input({ word: 'text', likes: 'int' });
  new Distinct(source).require();
  expect([...source.requiredColumns]).toEqual(['word', 'likes']);
});

it('a row leaves a distinct with the last of its copies, and can return', () => {
  const { source, insert, remove } = input({ word: 'text', place: 'array<double>' }, true);
  const changes = changesOf(new Distinct(source));
  const [a, b]: readonly [Row, Row] = [
    { word: 'a', place: [1] },
    { word: null, place: null },
  ];
  insert([a, a, b]);
  remove([a, b]);
  remove([a]);
  insert([b, a]);
  expect(changes()).toEqual([
    { by: 1, rows: [a, b] },
    { by: -1, rows: [b] },
    { by: -1, rows: [a] },
    { by: 1, rows: [b, a] },
  ]);
});

it('a row that is not there cannot leave', () => {
  const { source, insert, remove } = input({ word: 'text' }, true);
  changesOf(new Distinct(source));
  insert([{ word: 'a' }]);
  expect(() => remove([{ word: 'a' }, { word: 'a' }])).toThrow(
    'A row leaves that is not there: only rows that came, and have not left since, can be taken back.',
  );
});
