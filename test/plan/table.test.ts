import { describe, expect, it } from 'vitest';
import { dataset } from '../../pipeline/plan/dataset.ts';
import { equals, literal, year } from '../../pipeline/plan/expression.ts';
import { count, max, sum } from '../../pipeline/plan/expressions/aggregates.ts';
import { coalesce } from '../../pipeline/plan/expressions/conditions.ts';
import { lower } from '../../pipeline/plan/expressions/strings.ts';
import { lag, rank, rowNumber, runningSum, shareOf } from '../../pipeline/plan/expressions/windows.ts';
import { query } from '../../pipeline/plan/query.ts';
import { descending, Table } from '../../pipeline/plan/table.ts';
import { PlanError } from '../../pipeline/plan/types.ts';
import { queries } from '../../queries/index.ts';

const people = Table.source('people', {
  ind: 'bigint',
  name: 'text',
  age: 'bigint',
  born: 'timestamp',
  place: 'array<double>',
});
const pets = Table.source('pets', { ind: 'text', name: 'text', kind: 'text' });

const ask = (plan: () => Table<Record<never, never>>) => () =>
  query({
    name: 'q',
    title: 'Q?',
    plan,
    chart: { kind: 'bars', category: 'a' as never, value: 'b' as never },
  });

describe('a mistake is found when the plan is built, and names the query', () => {
  it('an unknown column', () => {
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(ask(() => people.whereNotNull('nmae'))).toThrow(
      'In query q: There is no column "nmae"; the columns are ind, name, age, born, place.',
    );
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(ask(() => people.select((row) => ({ x: row.nmae })))).toThrow(
      'In query q: There is no column "nmae"',
    );
  });

  it('a sum of text', () => {
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(ask(() => people.groupBy('age').aggregate((row) => ({ x: sum(row.name) })))).toThrow(
      'In query q: sum takes one column of bigint or int, not (text).',
    );
  });

  it('a count of a column', () => {
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(ask(() => people.groupBy('age').aggregate((row) => ({ x: count(row.name) })))).toThrow(
      'count takes no column: select isNotNull(column) under a name, and use countIf.',
    );
  });

  it('a function of the wrong type', () => {
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(ask(() => people.select((row) => ({ x: year(row.age) })))).toThrow(
      'year takes a timestamp or date, not (bigint).',
    );
  });

  it('a join on keys of different type, or of columns that both have', () => {
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(ask(() => people.join(pets, 'ind'))).toThrow(
      '"ind" needs one type that has an order on both sides, not bigint and text',
    );
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(ask(() => pets.join(pets, 'ind'))).toThrow('Both sides of the join have name, kind');
  });

  it('an aggregate of an expression without a name, or under a name that is taken', () => {
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(ask(() => people.groupBy('age').aggregate((row) => ({ x: max(lower(row.name)) })))).toThrow(
      'max takes columns; select the expression under a name first.',
    );
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(ask(() => people.groupBy('age').aggregate(() => ({ age: count() })))).toThrow(
      '"age" is grouped by already',
    );
  });

  it('an order whose ties only arrays could break', () => {
    const message =
      'Cannot break ties by "place": array<double> has no order. Leave it out with select, or take elements of it with elementAt.';
    expect(ask(() => people.topOfEach([], descending('age')))).toThrow(message);
    expect(ask(() => people.limit(3))).toThrow(message);
    expect(ask(() => people.window([], 'age').withColumns(() => ({ at: rowNumber() })))).toThrow(message);
  });

  it('a constant that is not of the type beside it', () => {
    const message = '"5" is not a bigint that a plan can hold.';
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(ask(() => people.where((row) => equals(row.age, '5')))).toThrow(message);
    expect(ask(() => people.where((row) => equals(row.age, 1.5)))).toThrow('1.5 is not a bigint');
  });

  it('a window that would add doubles', () => {
    const numbers = Table.source('numbers', { ind: 'bigint', share: 'double' });
    const message = (name: string) => `${name} takes a column of integers, not of double: `;
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(ask(() => numbers.window([], 'ind').withColumns((row) => ({ x: runningSum(row.share) })))).toThrow(
      `${message('runningSum')}make integers of them with toBigint, after multiply for a fraction.`,
    );
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(ask(() => numbers.window([]).withColumns((row) => ({ x: shareOf(row.share) })))).toThrow(
      `${message('shareOf')}join the sum of a groupBy to the rows, and divide by it.`,
    );
  });

  it('a window without an order that it needs, or under a name that is taken', () => {
    const named = people.select(({ name, age }) => ({ name, age }));
    expect(ask(() => named.window(['name']).withColumns(() => ({ at: rank() })))).toThrow(
      'The window of "at" needs an order: name the columns to sort by.',
    );
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(ask(() => named.window([], 'age').withColumns(() => ({ age: rank() })))).toThrow(
      'There is a column "age" already; the window\'s needs another name.',
    );
  });

  it('a number of rows that is none', () => {
    const ages = people.select(({ age }) => ({ age }));
    expect(ask(() => ages.limit(0))).toThrow('A number of rows is from 1 to 2147483647, not 0.');
    expect(ask(() => ages.topOfEach([], 1.5, 'age'))).toThrow('not 1.5.');
    expect(ask(() => ages.window([], 'age').withColumns((row) => ({ x: lag(row.age, -1) })))).toThrow(
      'lag looks a number of rows away, from 1 to 2147483647, not -1.',
    );
  });

  it('a union of tables whose columns differ', () => {
    const names = people.select(({ name, age }) => ({ name, age }));
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(ask(() => names.union(pets.select(({ name, kind }) => ({ name, kind }))))).toThrow(
      'A union needs the same columns on both sides, but only one has age bigint, kind text.',
    );
  });

  it('an order of arrays', () => {
    // @ts-expect-error refused by type too: see types.test-d.ts
    expect(ask(() => people.orderBy('place'))).toThrow('Cannot sort by "place": array<double> has no order.');
  });

  it('a dataset whose key is not an integer', () => {
    const build = () =>
      dataset({
        name: 'd',
        description: '',
        sourceTable: 't',
        // @ts-expect-error refused by type too: see types.test-d.ts
        key: 'a',
        raw: { a: 'text' },
        clean: (raw) => ({ a: raw.a }),
      });
    expect(build).toThrow(PlanError);
    expect(build).toThrow('In dataset d: The key "a" must be a raw field of type bigint.');
  });
});

it('takes columns by the names of what every object has', () => {
  const named = Table.source('named', { ind: 'bigint', title: 'text' });
  const others = Table.source('others', { ind: 'bigint', constructor: 'text' });
  const joined = named.join(others, 'ind');
  expect(Object.keys(joined.schema)).toEqual(['ind', 'title', 'constructor']);
  const ranked = named.window([], 'ind').withColumns(() => ({ constructor: rank() }));
  expect(ranked.schema.constructor).toBe('int');
});

it('a plan is plain data: it survives JSON and can be compared', () => {
  for (const { plan } of queries) {
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  }
});

it('takes a constant in a comparison as the literal of the type beside it', () => {
  const { columns } = people;
  expect(equals(columns.age, 5).node).toEqual(equals(columns.age, literal('bigint', 5)).node);
  expect(coalesce(columns.name, 'nobody').node).toEqual(
    coalesce(columns.name, literal('text', 'nobody')).node,
  );
});
