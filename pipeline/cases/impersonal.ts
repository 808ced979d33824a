/** Replaces keys and personal fields of rows by made-up ones in the same order, so that answers stay the same but for them. */
import type { Row } from '../columns/table.ts';
import { compareValues } from '../plan/order.ts';
import type { Value } from '../plan/types.ts';
import type { SilverRow } from './shrink.ts';

/** Replacements of the values of a column, by the value. */
export type Replacements = ReadonlyMap<string, ReadonlyMap<Value, Value>>;

/** Keys become 1, 2, 3, …, personal texts `poster_name 1`, …, equal ones being equal. */
export function replacementsFor(rows: readonly SilverRow[]): Replacements {
  const values = new Map<string, Set<Value>>();
  for (const { dataset, row } of rows) {
    for (const name of [dataset.keyColumn, ...dataset.personal]) {
      values.set(name, (values.get(name) ?? new Set()).add(row[name] ?? null));
    }
  }
  return new Map([...values].map(([name, all]) => [name, numbered(name, [...all])]));
}

function numbered(name: string, values: readonly Value[]): ReadonlyMap<Value, Value> {
  const sorted = values.filter((value) => value !== null).toSorted((a, b) => compareValues(a, b));
  const digits = String(sorted.length).length;
  return new Map(
    sorted.map((value, at): [Value, Value] => [
      value,
      typeof value === 'number' ? at + 1 : `${name} ${String(at + 1).padStart(digits, '0')}`,
    ]),
  );
}

export function replaced(row: Row, replacements: Replacements): Row {
  const values = Object.entries(row).map(([name, value]): [string, Value] => [
    name,
    replacements.get(name)?.get(value) ?? value,
  ]);
  return Object.fromEntries(values);
}
