import { describe, expect, it } from 'vitest';
import type { TableDescription, TableDescriptions } from '../../../infra/tools/preview/described_tables.ts';
import { tableChanges } from '../../../infra/tools/preview/kinds.ts';
import { type Row, tableDifference } from '../../../infra/tools/preview/table_difference.ts';

/** A table by the types and the lineage of its columns, such as `{ age: 'int user.age' }`. */
function table(
  columns: Readonly<Record<string, string>>,
  rows: readonly string[] = [],
  title = '',
): TableDescription {
  const described = Object.entries(columns).map(([name, words]) => {
    const [type = '', ...from] = words.split(' ');
    return [name, { type, from }];
  });
  return { columns: Object.fromEntries(described), rows: [...rows], presentation: { title } };
}

/** The changes to one silver table, which an answer reads. */
function changesOf(
  old: TableDescription,
  now: TableDescription,
  before: readonly Row[],
  after: readonly Row[],
) {
  const answer = table({ group: 'text user.age', posts: 'bigint' }, ['user.ind']);
  const at = (user: TableDescription): TableDescriptions => ({ 'silver/user': user, by_age: answer });
  const difference = tableDifference('silver/user', before, after);
  return tableChanges(at(old), at(now), [difference]).map(({ column, kind, detail, reaches }) =>
    [column ?? '', kind, detail, ...reaches].join(' | '),
  );
}

const base = { ind: 'bigint raw.ind', made: 'int raw.made' };
const user = table({ ...base, age: 'int raw.age' });
const rows = [
  { ind: 1, made: 5, age: 20 },
  { ind: 2, made: 5, age: 30 },
];

describe('kinds of change', () => {
  it('finds none where plans and rows are the same', () => {
    expect(changesOf(user, user, rows, rows)).toEqual([]);
  });

  it('calls a column breaking that is gone, has another type or another name', () => {
    const bare = table({ ...base });
    expect(
      changesOf(
        user,
        bare,
        rows,
        rows.map(({ ind, made }) => ({ ind, made })),
      ),
    ).toEqual(['age | breaking | gone | by_age (group)']);
    const typed = table({ ...base, age: 'text raw.age' });
    expect(changesOf(user, typed, rows, rows)).toEqual([
      'age | breaking | int becomes text | by_age (group)',
    ]);
    const renamed = table({ ...base, years: 'int raw.age' });
    const now = rows.map(({ age, ...row }) => ({ ...row, years: age }));
    expect(changesOf(user, renamed, rows, now)).toEqual([
      'age | breaking | renamed to years | by_age (group)',
    ]);
  });

  it('takes a column of other values for a new one, not for the old one renamed', () => {
    const other = table({ ...base, years: 'int raw.age' });
    const now = rows.map(({ age, ...row }) => ({ ...row, years: age + 1 }));
    expect(changesOf(user, other, rows, now)).toEqual([
      'age | breaking | gone | by_age (group)',
      'years | added | int',
    ]);
  });

  it('counts rows whose values are others, and rows that come and go', () => {
    const older = rows.map((row) => ({ ...row, age: row.ind === 1 ? 21 : row.age }));
    expect(changesOf(user, user, rows, older)).toEqual([
      'age | other values | in 1 row, such as 20 → 21 | by_age (group)',
    ]);
    expect(changesOf(user, user, rows, rows.slice(1))).toEqual([' | other values | 0 rows come, 1 goes']);
  });

  it('tells words and drawings from values', () => {
    const titled = table({ ...base, age: 'int raw.age' }, [], 'Users');
    expect(changesOf(user, titled, rows, rows)).toEqual([' | presentation | its words or its drawing']);
  });

  it('tells the answers that read a column which is gone, as they were', () => {
    const old = { 'silver/user': user, by_age: table({ group: 'text user.age' }) };
    const now = { 'silver/user': table({ ...base }), by_age: table({ group: 'text user.made' }) };
    expect(tableChanges(old, now, [tableDifference('silver/user', rows, rows)])[0]?.reaches).toEqual([
      'by_age (group)',
    ]);
  });

  it('tells another order of an answer, where both versions tell theirs', () => {
    const sorted = (...order: string[]) => ({ ...user, order });
    expect(changesOf(sorted('age'), sorted('made', 'age descending'), rows, rows)).toEqual([
      ' | presentation | sorted by made, age descending, by age before',
    ]);
    expect(changesOf(user, sorted('age'), rows, rows)).toEqual([]);
  });

  it('knows a table that is new, one that is gone, and one that an older version does not describe', () => {
    const between = (
      before: TableDescriptions,
      after: TableDescriptions,
      old: readonly Row[],
      now: readonly Row[],
    ) =>
      tableChanges(before, after, [tableDifference('silver/user', old, now)]).map(({ kind, detail }) => [
        kind,
        detail,
      ]);
    const described = { 'silver/user': user };
    expect(between({}, described, [], rows)).toEqual([['added', 'the table is new']]);
    expect(between(described, {}, rows, [])).toEqual([['breaking', 'the table is gone']]);
    expect(between({}, described, rows, rows)).toEqual([]);
    expect(between({}, described, rows, rows.slice(1))).toEqual([['other values', '0 rows come, 1 goes']]);
  });
});
