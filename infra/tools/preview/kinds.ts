/** Kinds of change of tables and their columns: told from the plans of two versions, and confirmed on their rows. */
import { isDeepStrictEqual } from 'node:util';
import type { TableDescription, TableDescriptions } from './described_tables.ts';
import type { TableDifference } from './table_difference.ts';

/** From the change that readers notice most to the one that they notice least. */
export const kinds = ['breaking', 'other values', 'added', 'presentation'] as const;
export type Kind = (typeof kinds)[number];

export interface TableChange {
  readonly table: string;
  /** Undefined when it is the table itself, or its rows. */
  readonly column?: string;
  readonly kind: Kind;
  /** Such as `renamed to posts`. */
  readonly detail: string;
  /** The answers that a changed silver column reaches, as `answer (columns)`. */
  readonly reaches: readonly string[];
}

/** Every change to tables, in their order. A version that describes no tables is compared by its rows alone. */
export function tableChanges(
  before: TableDescriptions,
  after: TableDescriptions,
  differences: readonly TableDifference[],
): readonly TableChange[] {
  return differences.flatMap((difference) => {
    const old = before[difference.table];
    const now = after[difference.table];
    const changes =
      old === undefined || now === undefined
        ? wholeTable(difference, old, now)
        : [...columnChanges(old, now, difference), ...rowChanges(old, now, difference)];
    return changes.map((change) => ({
      ...change,
      table: difference.table,
      reaches: reachOf(after, difference.table, change.column),
    }));
  });
}

type Change = Omit<TableChange, 'table' | 'reaches'>;

function wholeTable(
  difference: TableDifference,
  old: TableDescription | undefined,
  now: TableDescription | undefined,
): readonly Change[] {
  if (now === undefined) {
    return [{ kind: 'breaking', detail: 'the table is gone' }];
  }
  if (difference.before === 0) {
    return [{ kind: 'added', detail: 'the table is new' }];
  }
  return old === undefined ? rowChanges(now, now, difference) : [];
}

function columnChanges(
  old: TableDescription,
  now: TableDescription,
  difference: TableDifference,
): readonly Change[] {
  const gone = Object.keys(old.columns).filter((name) => now.columns[name] === undefined);
  const renamed = new Map(gone.map((name) => [name, newNameOf(name, old, now, difference)] as const));
  const newNames = new Set(renamed.values());
  const lost = gone.map((column): Change => {
    const name = renamed.get(column);
    return { column, kind: 'breaking', detail: name === undefined ? 'gone' : `renamed to ${name}` };
  });
  const kept = Object.entries(now.columns).flatMap(([column, { type }]): readonly Change[] => {
    const was = old.columns[column];
    if (was === undefined) {
      return newNames.has(column) ? [] : [{ column, kind: 'added', detail: type }];
    }
    if (was.type !== type) {
      return [{ column, kind: 'breaking', detail: `${was.type} becomes ${type}` }];
    }
    const rows = difference.changed.filter(
      (row) => !isDeepStrictEqual(row.before[column], row.after[column]),
    );
    return rows.length === 0 ? [] : [{ column, kind: 'other values', detail: `in ${rows.length} rows` }];
  });
  return [...lost, ...kept];
}

/** The new column of the same type, computed from the same columns, whose values are the old one's in every row. */
function newNameOf(
  name: string,
  old: TableDescription,
  now: TableDescription,
  { changed }: TableDifference,
): string | undefined {
  return Object.keys(now.columns).find(
    (column) =>
      old.columns[column] === undefined &&
      isDeepStrictEqual(now.columns[column], old.columns[name]) &&
      changed.every(({ before, after }) => isDeepStrictEqual(before[name], after[column])),
  );
}

function rowChanges(
  old: TableDescription,
  now: TableDescription,
  { come, gone }: TableDifference,
): readonly Change[] {
  const rows: Change = { kind: 'other values', detail: `${come.length} rows come, ${gone.length} go` };
  const shown: Change = { kind: 'presentation', detail: 'its words or its drawing' };
  return [
    ...(come.length + gone.length > 0 ? [rows] : []),
    ...(isDeepStrictEqual(old.presentation, now.presentation) ? [] : [shown]),
  ];
}

function reachOf(after: TableDescriptions, table: string, column: string | undefined): readonly string[] {
  if (!table.startsWith('silver/') || column === undefined) {
    return [];
  }
  const source = `${table.slice('silver/'.length)}.${column}`;
  return Object.entries(after).flatMap(([answer, { columns, rows }]) => {
    const names = Object.keys(columns).filter((name) => columns[name]?.from.includes(source));
    if (rows.includes(source)) {
      return [`${answer} (its rows)`];
    }
    return names.length === 0 ? [] : [`${answer} (${names.join(', ')})`];
  });
}
