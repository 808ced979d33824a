/** Values that have gone wrong somewhere, by type; nulls among them. */
import type { ColumnType, ValueOfType } from '../../../pipeline/plan/types.ts';
import { columnTypes, PlanError } from '../../../pipeline/plan/types.ts';

const largest = Number.MAX_SAFE_INTEGER;
const day = (text: string) => Date.parse(`${text}Z`);

const counts = [
  '316',
  '12k',
  '1.5M',
  '1.15k',
  '1.005M',
  '2b',
  '0.5',
  '0.9999k',
  `0.${'9'.repeat(40)}k`,
  '00012k',
  `${'0'.repeat(40)}7`,
  '1.1234567891b',
  '9007199254740991',
  '9007199254740992',
  '9007199254.740991M',
  '9.007199254740992b',
  '9007199.254740992B',
  '9223372036854775807',
  '9223372036854775808',
  '9'.repeat(400),
  ' 12k ',
  '\t12k\r\n',
  '12k\n',
  '12 k',
  '12kk',
  '12K\u00a0',
  '\u000b12',
  '1.',
  '.5',
  '1.k',
  '1..5k',
  '+1',
  '-1',
  '-0',
  '1e3',
  '1,000',
  '٣',
  '３',
  '١k',
  '12\u212a',
  'k',
  '1.5',
  '1.5 M',
  'User Info Error',
  '0',
  '0k',
];

const times = [
  '2020-08-28 03:52:47',
  '2020-08-28T03:52:47',
  '2020-08-28t03:52:47',
  '2020-02-29 00:00:00',
  '2019-02-29 00:00:00',
  '1900-02-29 00:00:00',
  '2000-02-29 23:59:59',
  '2020-04-31 00:00:00',
  '2020-13-01 00:00:00',
  '2020-00-10 00:00:00',
  '2020-01-00 00:00:00',
  '2020-01-01 24:00:00',
  '2020-01-01 23:60:00',
  '2020-01-01 23:59:60',
  '0000-01-01 00:00:00',
  '0001-01-01 00:00:00',
  '9999-12-31 23:59:59',
  '1582-10-04 00:00:00',
  '1582-10-10 12:00:00',
  '1582-10-15 00:00:00',
  '1970-01-01 00:00:00',
  '1969-12-31 23:59:59',
  '2020-1-1 00:00:00',
  '2020-01-01',
  '2020-01-01 00:00',
  '2020-01-01 00:00:00.5',
  '2020-01-01 00:00:00Z',
  '2020-01-01 00:00:00 UTC',
  ' 2020-01-01 00:00:00',
  '2020-01-01 00:00:00 ',
  '2020-01-01 00:00:00\n',
  '2020-01-01  00:00:00',
  '+2020-01-01 00:00:00',
  '-2020-01-01 00:00:00',
  '12020-01-01 00:00:00',
  '２020-01-01 00:00:00',
  '2020-01-01\n00:00:00',
  '2021-03-28 02:30:00',
  '2015-01-01 00:00:00',
  '2020-12-31 23:59:59',
];

const words = [
  '',
  ' ',
  '\t\r\n ',
  '\u00a0',
  '\u000b',
  '\u000c',
  '\u0000',
  '\u2003',
  '\ufeff',
  'a',
  ' a ',
  'A',
  'ab',
  'b',
  'é',
  'e\u0301',
  "it's",
  '"',
  '\\',
  '\\n',
  '%_',
  '|',
  'x"|"y',
  '🂡',
  '\ufb00',
  '\uffff',
  '\ud7ff',
  '\ue000',
  '👩‍👩‍👧',
  'ß',
  'SS',
  'İ',
  'No Title Data Available',
  'No description available',
  'No description available Story format',
  'no description available',
  'Local save in ',
  'Local save in /data',
  'Local save in Local save in x',
  'local save in x',
  'Local save in  ',
  ['$', '{x}'].join(''),
  'null',
  'NaN',
];

export const grid: { readonly [T in ColumnType]: readonly (ValueOfType[T] | null)[] } = {
  bigint: [
    null,
    0,
    1,
    -1,
    2,
    17,
    18,
    24,
    25,
    35,
    36,
    50,
    51,
    120,
    2 ** 31,
    -(2 ** 31),
    largest - 1,
    largest,
    -largest,
  ],
  int: [null, 0, 1, -1, 2018, 2022, 2 ** 31 - 1, -(2 ** 31)],
  double: [
    null,
    0,
    -0,
    1,
    -1,
    90,
    -90,
    90.00000000000001,
    -90.00000000000001,
    180,
    -180,
    180.00000000000003,
    5e-324,
    0.1,
    0.3,
    1e16,
    1.7976931348623157e308,
    -1e308,
  ],
  text: [null, ...words, ...counts, ...times],
  boolean: [null, true, false],
  timestamp: [
    null,
    0,
    -1,
    1,
    999,
    -1000,
    day('2015-01-01T00:00:00'),
    day('2014-12-31T23:59:59'),
    day('2020-12-31T23:59:59'),
    day('2021-01-01T00:00:00'),
    day('2020-02-29T12:00:00'),
    day('1582-10-04T00:00:00'),
    day('1582-10-10T00:00:00'),
    day('1582-10-15T00:00:00'),
    day('0001-01-01T00:00:00'),
    day('9999-12-31T23:59:59'),
    day('1969-12-31T23:59:59'),
    day('1900-03-01T00:00:00'),
  ],
  'array<double>': [null, [], [0, 0], [-89.9787, -173.293], [0, 5e-324]],
};

/** Every list of at most `longest` types that a type rule lets through. */
export function signaturesOf(
  rule: (parameters: readonly ColumnType[]) => ColumnType,
  longest: number,
): readonly (readonly ColumnType[])[] {
  const lists = (length: number): (readonly ColumnType[])[] =>
    length === 0 ? [[]] : lists(length - 1).flatMap((list) => columnTypes.map((type) => [...list, type]));
  return Array.from({ length: longest + 1 }, (_, length) => lists(length))
    .flat()
    .filter((list) => accepts(rule, list));
}

function accepts(
  rule: (parameters: readonly ColumnType[]) => ColumnType,
  list: readonly ColumnType[],
): boolean {
  try {
    rule(list);
    return true;
  } catch (error) {
    if (error instanceof PlanError) {
      return false;
    }
    throw error;
  }
}

/** Every combination of one value of each list. */
export function combinations<T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] {
  return lists.reduce<readonly (readonly T[])[]>(
    (rows, list) => rows.flatMap((row) => list.map((value) => [...row, value])),
    [[]],
  );
}
