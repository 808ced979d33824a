/** Values that have gone wrong somewhere, by type; nulls among them. */
import { checkedPattern } from '../../../pipeline/plan/patterns.ts';
import { timeUnits } from '../../../pipeline/plan/timestamp.ts';
import type { ColumnType, NonNullValue, Value, ValueOfType } from '../../../pipeline/plan/types.ts';
import { columnTypes, PlanError } from '../../../pipeline/plan/types.ts';
import { oddCounts, oddTimes, oddWords } from '../../support/odd_strings.ts';

/** Patterns of every kind that plans take. */
const patterns = [
  ...[
    'a',
    '.',
    '^.$',
    '^..?$',
    '[a-zé]+',
    '[^a-z]+$',
    '^\\d+$',
    '\\w',
    '^\\W+$',
    '\\D\\d',
    '[0-9]{2,4}',
    '[.]',
    '\\.',
  ],
  ...[
    '^(?:a|b|No)',
    '( a)? ',
    'ﬀ|🂡|👩',
    '[🂡-🂿]',
    'a*?b?',
    '^$',
    '\\n',
    '\\r$',
    '\\t',
    'é',
    "'",
    '"',
    '\\\\',
    '[\\\\|]',
    '[\\w.-]+k$',
  ],
  ...['-(\\d\\d)-', '(\\d+)[kMB]', '[$]', '%_'],
];

const largest = Number.MAX_SAFE_INTEGER;
const day = (time: string) => Date.parse(time.includes('T') ? `${time}Z` : time);

/** Words that change their length or depend on their place when their case changes, units of time, and numbers. */
const moreWords = [
  ...'ΑΣ|ΣΑΣ Σ|ς|ŉ|ǰ|ΐ|և|ẞ|ﬃ|ǅ|ᾳ|ᾼ|K|Å|ı|I|i̇|Ⅷ|ⓐ|𐐀|𐐨|Ა|ა|Ꭰ|ꭰ|ᏸ'.split('|'),
  ...'12.5|-7|+7|-0|-0.0|1e5|1E-400|1e400|-.5e-1|1d|Infinity|0x10|9007199254740993|-9007199254740991'.split(
    '|',
  ),
  ...'0.1|4.9e-324|2.5e-324|1.7976931348623159e308| 5 |\u00a05|--5|1_000|2020-02-29|2020-02-30|0000-01-01|9999-12-31|2020-02-29\n'.split(
    '|',
  ),
];

export const grid: { readonly [T in ColumnType]: readonly (ValueOfType[T] | null)[] } = {
  bigint: [
    ...[null, 0, 1, -1, 2, 17, 18, 24, 25, 35, 36, 50, 51, 120],
    ...[2 ** 31, -(2 ** 31), largest - 1, largest, -largest],
  ],
  int: [null, 0, 1, -1, 2, 3, -2, -3, 2018, 2022, 2 ** 31 - 1, -(2 ** 31)],
  double: [
    ...[null, 0, -0, 1, -1, 90, -90, 90.00000000000001, -90.00000000000001, 180, -180],
    ...[
      180.00000000000003,
      5e-324,
      0.5,
      -0.5,
      1.5,
      2.5,
      -2.5,
      1.005,
      2 ** 53,
      -(2 ** 53),
      3,
      -3,
      0.49999999999999994,
      0.1,
      0.3,
      1e16,
      1.7976931348623157e308,
      -1e308,
    ],
  ],
  text: [null, ...oddWords, ...oddCounts, ...oddTimes],
  boolean: [null, true, false],
  timestamp: [
    ...[null, 0, -1, 1, 999, -1000],
    ...['2015-01-01', '2021-01-01', '1582-10-10', '1582-10-15', '1900-03-01', '0001-01-01'].map(day),
    ...['2014-12-31T23:59:59', '2020-12-31T23:59:59', '2020-02-29T12:00:00', '1582-10-04'].map(day),
    ...['9999-12-31T23:59:59', '1969-12-31T23:59:59'].map(day),
    // Weeks 53 and 1, at the turns of years; no leap second.
    ...['2015-12-31', '2016-01-03', '2016-01-04', '2016-12-31T23:59:59', '2018-12-31'].map(day),
  ],
  date: [
    ...[null, 0, -86_400_000],
    ...['0001-01-01', '1582-10-04', '1582-10-15', '1900-03-01', '2000-02-29', '9999-12-31'].map(day),
    // Weeks 53 and 1, at the turns of years.
    ...['2015-12-31', '2016-01-03', '2016-01-04', '2020-12-31', '2021-01-03', '2018-12-31'].map(day),
  ],
  'array<double>': [null, [], [0, 0], [-89.9787, -173.293], [0, 5e-324]],
  'array<text>': [null, [], [''], ['a', 'b', 'a'], ['', ' ', '🂡', 'ﬀ'], ["it's", 'x"|"y', '\\', '$1']],
};

/** The values of an argument: more for a function of one argument, few for one of three. */
export function valuesOf(type: ColumnType, parameters: number): readonly Value[] {
  const text = parameters === 1 ? [...grid.text, ...moreWords] : parameters === 2 ? grid.text : fewTexts;
  const values = type === 'text' ? text : grid[type];
  const step = parameters < 3 ? 1 : Math.ceil(values.length / 14);
  return values.filter((value, at) => value === null || at % step === 0);
}

const fewTexts = [null, '', 'a', 'aab', 'ba', ' a ', '🂡', '🂡a🂡', 'ß', 'İ', "it's", 'x"|"y', '\\', '$1'];

/** Second arguments of the functions that take a literal there. */
export const literalsOf: Readonly<Partial<Record<string, readonly NonNullValue[]>>> = {
  matches: patterns.map((pattern) => checkedPattern(pattern).java),
  extract: patterns.map(
    (pattern) => `(${checkedPattern(pattern).java.replaceAll(/(?<!\\)\((?!\?)/g, '(?:')})`,
  ),
  split: [',', ', ?', '-', '\\W', '[0-9]+', '[^a-z]', '🂡', '\\n', "'", ' +|,'].map(
    (pattern) => checkedPattern(pattern).java,
  ),
  truncate_to: [...timeUnits, 'age', ''],
  round: [0, 1, 2, -1, -2, 15, 16, 400, -400],
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
