import { describe, expect, it } from 'vitest';
import { dataset } from '../../pipeline/plan/dataset.ts';
import { elementAt, split } from '../../pipeline/plan/expressions/arrays.ts';
import { query } from '../../pipeline/plan/query.ts';
import { Table } from '../../pipeline/plan/table.ts';
import { PlanError } from '../../pipeline/plan/types.ts';

const posts = Table.source('posts', { ind: 'bigint', tags: 'text', place: 'array<double>' });

describe('arrays of text', () => {
  it('are refused as a column of an answer and of a dataset', () => {
    const asked = () =>
      query({
        name: 'q',
        title: '',
        plan: () => posts.select((row) => ({ tags: split(row.tags, ',') })),
        chart: { kind: 'bars', category: 'tags', value: 'tags' },
      });
    expect(asked).toThrow(
      'In query q: The column "tags" is of array<text>, which no table holds: explode it',
    );
    const defined = () =>
      dataset({
        name: 'd',
        description: '',
        sourceTable: 't',
        key: 'ind',
        raw: { ind: 'bigint', tags: 'text' },
        clean: (raw) => ({ ind: raw.ind, tags: split(raw.tags, ',') }),
      });
    expect(defined).toThrow('In dataset d: The column "tags" is of array<text>');
  });
});

describe('an explosion', () => {
  it('puts the elements in the place of their array', () => {
    expect(posts.explode('place', 'degrees').schema).toEqual({
      ind: 'bigint',
      tags: 'text',
      degrees: 'double',
    });
    expect(posts.explode('place', 'place').schema).toEqual({ ind: 'bigint', tags: 'text', place: 'double' });
  });

  it('refuses what is no array, and a name that is taken', () => {
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(() => posts.explode('tags', 'tag')).toThrow('Cannot explode "tags": text is no array.');
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(() => posts.explode('place', 'ind')).toThrow('There is a column "ind" already');
  });
});

it.each([',(a)', 'a*', '', '^', '(?:a)?', '\\s'])('a text is not split at /%s/', (pattern) => {
  expect(() => split(posts.columns.tags, pattern)).toThrow(PlanError);
});

it('there is no element 0', () => {
  expect(() => elementAt(posts.columns.place, 0)).toThrow('elementAt counts from 1');
});
