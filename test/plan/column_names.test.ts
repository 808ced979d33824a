import { describe, expect, it } from 'vitest';
import { pin } from '../../pipeline/datasets/index.ts';
import { literal } from '../../pipeline/plan/expression.ts';
import { count } from '../../pipeline/plan/expressions/aggregates.ts';
import { query } from '../../pipeline/plan/query.ts';
import { Table } from '../../pipeline/plan/table.ts';
import { PlanError } from '../../pipeline/plan/types.ts';

describe('what Spark cannot run is refused when the plan is built', () => {
  it.each([
    '',
    'a b',
    'a,b',
    'a;b',
    'a{b',
    'a}b',
    'a(b',
    'a)b',
    'a=b',
    'a\tb',
    'a\nb',
    ['$', '{a}'].join(''),
    'a`b',
    "a'b",
    'a"b',
    'a\\b',
    'a.b',
    '1',
  ])('a column called %j', (name) => {
    expect(() => Table.source('t', { [name]: 'text' })).toThrow(PlanError);
  });

  it('two columns that differ only in case, as each step could make them', () => {
    expect(() => Table.source('t', { a: 'text', A: 'text' })).toThrow('differ only in case');
    const table = Table.source('t', { a: 'text' });
    expect(() => table.select((row) => ({ a: row.a, A: row.a }))).toThrow('differ only in case');
    expect(() => table.groupBy('a').aggregate(() => ({ A: count() }))).toThrow('differ only in case');
    const other = Table.source('u', { a: 'text', B: 'text' });
    expect(() => Table.source('t', { a: 'text', b: 'text' }).join(other, 'a')).toThrow('differ only in case');
  });

  it('a table without columns', () => {
    expect(() => Table.source('t', {})).toThrow('at least one column');
  });

  it('but not names of any script, or keywords of SQL', () => {
    expect(
      Object.keys(Table.source('t', { select: 'text', größe: 'bigint', 数: 'int' }).schema),
    ).toHaveLength(3);
  });

  const chart = { kind: 'bars', category: 'category', value: 'n' } as const;
  const counted = () => pin.table.groupBy('category').aggregate(() => ({ n: count() }));

  it('an order that is not the last step', () => {
    const plan = () => counted().orderBy('category').whereNotNull('category');
    expect(() => query({ name: 'q', title: '', plan, chart })).toThrow(
      'In query q: The rows are sorted and then go through "where"',
    );
    expect(query({ name: 'q', title: '', plan: () => counted().orderBy('category'), chart }).plan.kind).toBe(
      'order',
    );
  });

  it.each([
    ['int', 2 ** 31],
    ['int', -(2 ** 31) - 1],
    ['int', 0.5],
    ['bigint', 2 ** 53],
    ['bigint', 0.5],
    ['double', Number.NaN],
    ['double', Number.POSITIVE_INFINITY],
    ['text', 'a\ud800'],
    ['text', '\udc00\ud800'],
  ] as const)('a literal of type %s that is %s', (type, value) => {
    expect(() => literal(type, value)).toThrow(PlanError);
  });

  it('but not literals at the bounds of their types', () => {
    for (const value of [2 ** 31 - 1, -(2 ** 31)]) {
      expect(literal('int', value).node).toMatchObject({ value });
    }
    expect(literal('text', '🂡').node).toMatchObject({ value: '🂡' });
  });

  it.each(['', 'A', 'a b', 'a`b', 'a.b'])('a source called %j', (name) => {
    expect(() => Table.source(name, { a: 'text' })).toThrow(PlanError);
  });

  it.each(['', 'A', 'a b', 'a-b', '../a', 'a`', '1a'])('a query called %j', (name) => {
    expect(() => query({ name, title: '', plan: counted, chart })).toThrow(PlanError);
  });
});
