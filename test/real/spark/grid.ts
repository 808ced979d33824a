/** Values that have gone wrong somewhere, by type; nulls among them. */
import type { ColumnType, ValueOfType } from '../../../pipeline/plan/types.ts';
import { columnTypes, PlanError } from '../../../pipeline/plan/types.ts';
import { oddCounts, oddTimes, oddWords } from '../../support/odd_strings.ts';

const largest = Number.MAX_SAFE_INTEGER;
const day = (time: string) => Date.parse(time.includes('T') ? `${time}Z` : time);

export const grid: { readonly [T in ColumnType]: readonly (ValueOfType[T] | null)[] } = {
  bigint: [
    ...[null, 0, 1, -1, 2, 17, 18, 24, 25, 35, 36, 50, 51, 120],
    ...[2 ** 31, -(2 ** 31), largest - 1, largest, -largest],
  ],
  int: [null, 0, 1, -1, 2018, 2022, 2 ** 31 - 1, -(2 ** 31)],
  double: [
    ...[null, 0, -0, 1, -1, 90, -90, 90.00000000000001, -90.00000000000001, 180, -180],
    ...[180.00000000000003, 5e-324, 0.1, 0.3, 1e16, 1.7976931348623157e308, -1e308],
  ],
  text: [null, ...oddWords, ...oddCounts, ...oddTimes],
  boolean: [null, true, false],
  timestamp: [
    ...[null, 0, -1, 1, 999, -1000],
    ...['2015-01-01', '2021-01-01', '1582-10-10', '1582-10-15', '1900-03-01', '0001-01-01'].map(day),
    ...['2014-12-31T23:59:59', '2020-12-31T23:59:59', '2020-02-29T12:00:00', '1582-10-04'].map(day),
    ...['9999-12-31T23:59:59', '1969-12-31T23:59:59'].map(day),
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
