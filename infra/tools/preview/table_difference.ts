/** The rows of a table that come, go or change between two versions. */
import { isDeepStrictEqual } from 'node:util';

export type Row = Readonly<Record<string, unknown>>;

export interface ChangedRow {
  readonly before: Row;
  readonly after: Row;
}

export interface TableDifference {
  readonly table: string;
  readonly before: number;
  readonly after: number;
  readonly come: readonly Row[];
  readonly gone: readonly Row[];
  readonly changed: readonly ChangedRow[];
}

/**
 * Compares two lots of rows, in which the same row may stand several times. Rows that differ are one changed row where
 * they have the same key: the fewest first columns that tell rows apart in both versions.
 */
export function tableDifference(
  table: string,
  before: readonly Row[],
  after: readonly Row[],
): TableDifference {
  // Most tables are as they were, row for row, and nothing is found out sooner.
  if (isDeepStrictEqual(before, after)) {
    return { table, before: before.length, after: after.length, come: [], gone: [], changed: [] };
  }
  const gone = without(before, after);
  const come = without(after, before);
  const key = keyColumns(before, after);
  const keyOf = (row: Row) => JSON.stringify(key.map((column) => row[column] ?? null));
  const newRows = new Map(come.map((row) => [keyOf(row), row]));
  const changed = gone.flatMap((row): readonly ChangedRow[] => {
    const now = key.length === 0 ? undefined : newRows.get(keyOf(row));
    return now === undefined ? [] : [{ before: row, after: now }];
  });
  const was = new Set(changed.map((one) => one.before));
  const is = new Set(changed.map((one) => one.after));
  return {
    table,
    before: before.length,
    after: after.length,
    come: come.filter((row) => !is.has(row)),
    gone: gone.filter((row) => !was.has(row)),
    changed,
  };
}

/** The rows that are not among the others, as often as they are more. */
function without(rows: readonly Row[], others: readonly Row[]): readonly Row[] {
  const left = new Map<string, number>();
  for (const row of others) {
    left.set(textOf(row), (left.get(textOf(row)) ?? 0) + 1);
  }
  return rows.filter((row) => {
    const count = left.get(textOf(row)) ?? 0;
    if (count > 0) {
      left.set(textOf(row), count - 1);
    }
    return count === 0;
  });
}

/** None where even whole rows are repeated, or where a version has other columns in front. */
function keyColumns(before: readonly Row[], after: readonly Row[]): readonly string[] {
  const columns = Object.keys(after[0] ?? before[0] ?? {});
  const unique = (rows: readonly Row[], key: readonly string[]) =>
    new Set(rows.map((row) => JSON.stringify(key.map((column) => row[column] ?? null)))).size === rows.length;
  for (let count = 1; count < columns.length; count += 1) {
    const key = columns.slice(0, count);
    if (unique(before, key) && unique(after, key)) {
      return key;
    }
  }
  return [];
}

function textOf(row: Row): string {
  return JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
}
