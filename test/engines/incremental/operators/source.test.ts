import { expect, it } from 'vitest';
import { StringColumn } from '../../../../pipeline/columns/column.ts';
import { tableOfRows } from '../../../../pipeline/columns/table.ts';
import { emittedBy, input } from '../deltas.ts';

const schema = { ind: 'bigint', word: 'text' } as const;

it('a source emits each delta as it comes, and nothing for an empty one', () => {
  const { source, insert } = input(schema);
  const emitted = emittedBy(source);
  insert([{ ind: 1, word: 'a' }]);
  insert([]);
  insert([
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

it('a source emits only the slice that it is asked to take', () => {
  const { source } = input(schema);
  const emitted = emittedBy(source);
  source.change(
    tableOfRows(
      schema,
      [1, 2, 3, 4].map((ind) => ({ ind, word: `w${ind}` })),
    ),
    1,
    3,
    1,
  );
  expect(emitted()).toEqual([
    [
      { ind: 2, word: 'w2' },
      { ind: 3, word: 'w3' },
    ],
  ]);
});

it('a source gives the strings of all deltas codes of one dictionary, which is its own', () => {
  const { source } = input(schema);
  source.require(['word']);
  const codes: number[][] = [];
  const dictionaries = new Set();
  source.onDelta((delta) => {
    const column = delta.column('word');
    if (!(column instanceof StringColumn)) {
      expect.fail(column.type);
    }
    codes.push([...column.codes]);
    dictionaries.add(column.dictionary);
  });
  const tables = [
    ['a', 'b'],
    ['b', null, 'c'],
  ].map((words) =>
    tableOfRows(
      schema,
      words.map((word) => ({ ind: 0, word })),
    ),
  );
  for (const table of tables) {
    source.change(table, 0, table.length, 1);
  }
  expect(codes).toEqual([
    [0, 1],
    [1, -1, 2],
  ]);
  expect(dictionaries.size).toBe(1);
});

it('a source needs only the columns that are required', () => {
  const { source } = input(schema);
  source.require(['ind']);
  expect([...source.requiredColumns]).toEqual(['ind']);
  source.change(tableOfRows({ ind: 'bigint' }, [{ ind: 1 }]), 0, 1, 1);
  source.require(['word']);
  expect(() => source.change(tableOfRows({ ind: 'bigint' }, [{ ind: 2 }]), 0, 1, 1)).toThrow(
    'There is no column "word"; the columns are ind.',
  );
});
