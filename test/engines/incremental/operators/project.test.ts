import { expect, it } from 'vitest';
import { joinWords } from '../../../../pipeline/datasets/join_words.ts';
import { Project } from '../../../../pipeline/engines/incremental/operators/project.ts';
import { blankToNull, column, literal, year } from '../../../../pipeline/plan/expression.ts';
import { emittedBy, input } from '../deltas.ts';

const schema = { first: 'text', last: 'text', made: 'timestamp' } as const;

it('a projection emits one expression for each column, delta after delta', () => {
  const users = input(schema);
  const project = new Project({ name: 'text', year: 'int' }, users.source, {
    name: joinWords(column('first', 'text'), column('last', 'text')).node,
    year: year(column('made', 'timestamp')).node,
  });
  const emitted = emittedBy(project);
  users.insert([{ first: 'Ada', last: 'Lovelace', made: 0 }]);
  users.insert([
    { first: null, last: 'Ali', made: -1 },
    { first: null, last: null, made: null },
  ]);
  expect(emitted()).toEqual([
    [{ name: 'Ada Lovelace', year: 1970 }],
    [
      { name: 'Ali', year: 1969 },
      { name: null, year: null },
    ],
  ]);
});

it('columns of a projection can trade names, be dropped and be constants', () => {
  const users = input(schema);
  const project = new Project({ last: 'text', first: 'text', kind: 'text' }, users.source, {
    last: column('first', 'text').node,
    first: blankToNull(column('last', 'text')).node,
    kind: literal('text', 'user').node,
  });
  const emitted = emittedBy(project);
  users.insert([
    { first: 'a', last: 'b', made: 0 },
    { first: 'a', last: ' ', made: 0 },
  ]);
  expect(emitted()).toEqual([
    [
      { last: 'a', first: 'b', kind: 'user' },
      { last: 'a', first: null, kind: 'user' },
    ],
  ]);
});

it('a projection requires of its input only the columns that its readers require', () => {
  const users = input(schema);
  const project = new Project({ name: 'text', year: 'int' }, users.source, {
    name: joinWords(column('first', 'text'), column('last', 'text')).node,
    year: year(column('made', 'timestamp')).node,
  });
  project.require(['year']);
  expect([...users.source.requiredColumns]).toEqual(['made']);
});
