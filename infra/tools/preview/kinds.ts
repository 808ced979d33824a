/** Kinds of change of tables and their columns: told from the plans of two versions, and confirmed on their rows. */
import { isDeepStrictEqual } from 'node:util';
import { datasetOf, type TableDescription, type TableDescriptions } from './described_tables.ts';
import { counted } from './read_again.ts';
import type { TableDifference } from './table_difference.ts';

/** From the change that readers notice most to the one that they notice least. */
export const kinds = ['breaking', 'other values', 'added', 'presentation'] as const;
export type Kind = (typeof kinds)[number];

export const tableIsGone = 'the table is gone';
export const tableIsNew = 'the table is new';

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
      // The answers of the later version no longer read a column that is gone.
      reaches: reachOf(
        now?.columns[change.column ?? ''] === undefined ? before : after,
        difference.table,
        change.column,
      ),
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
    return [{ kind: 'breaking', detail: tableIsGone }];
  }
  if (difference.before === 0) {
    return [{ kind: 'added', detail: tableIsNew }];
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
    const [first] = rows;
    return first === undefined
      ? []
      : [
          {
            column,
            kind: 'other values',
            detail: `in ${counted(rows.length, 'row')}, such as ${shown(first.before[column])} → ${shown(first.after[column])}`,
          },
        ];
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

const longestExample = 40;

function shown(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  return text.length > longestExample ? `${text.slice(0, longestExample)}…` : text;
}

function rowChanges(
  old: TableDescription,
  now: TableDescription,
  { come, gone }: TableDifference,
): readonly Change[] {
  const rows: Change = {
    kind: 'other values',
    detail: `${counted(come.length, 'row')} ${come.length === 1 ? 'comes' : 'come'}, ${gone.length} ${gone.length === 1 ? 'goes' : 'go'}`,
  };
  const words: Change = { kind: 'presentation', detail: 'its words or its drawing' };
  return [
    ...(come.length + gone.length > 0 ? [rows] : []),
    ...(isDeepStrictEqual(old.presentation, now.presentation) ? [] : [words]),
    ...orderChanges(old, now),
  ];
}

function orderChanges(
  { order: before }: TableDescription,
  { order: after }: TableDescription,
): readonly Change[] {
  if (before === undefined || after === undefined || isDeepStrictEqual(before, after)) {
    return [];
  }
  const words = (order: readonly string[]) => (order.length === 0 ? 'nothing' : order.join(', '));
  return [{ kind: 'presentation', detail: `sorted by ${words(after)}, by ${words(before)} before` }];
}

function reachOf(tables: TableDescriptions, table: string, column: string | undefined): readonly string[] {
  const dataset = datasetOf(table);
  if (dataset === undefined || column === undefined) {
    return [];
  }
  const source = `${dataset}.${column}`;
  return Object.entries(tables).flatMap(([answer, { columns, rows }]) => {
    const names = Object.keys(columns).filter((name) => columns[name]?.from.includes(source));
    if (rows.includes(source)) {
      return [`${answer} (its rows)`];
    }
    return names.length === 0 ? [] : [`${answer} (${names.join(', ')})`];
  });
}
