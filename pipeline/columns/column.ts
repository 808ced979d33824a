import type { ColumnType, Value } from '../plan/types.ts';
import { ArrayColumn } from './array_column.ts';
import { DictionaryUnifier } from './dictionary_unifier.ts';
import { NumberColumn } from './number_column.ts';
import { StringColumn } from './string_column.ts';
import { StringDictionary } from './string_dictionary.ts';

export { ArrayColumn, NumberColumn, StringColumn };

/**
 * A column of values of one type, append-only and compact. `at` and `length` are the members that Arquero needs.
 */
export type Column = NumberColumn | StringColumn | ArrayColumn;

/** An empty column of a type. */
export function emptyColumn(type: ColumnType): Column {
  switch (type) {
    case 'text':
      return new StringColumn();
    case 'array<double>':
      return new ArrayColumn();
    case 'array<text>':
      return ArrayColumn.ofStrings(new StringDictionary());
    default:
      return new NumberColumn(type);
  }
}

/** An empty column of the type of another, whose strings are codes of the same dictionary. */
export function emptyLike(column: Column): Column {
  if (column instanceof StringColumn) {
    return new StringColumn(column.dictionary);
  }
  return column instanceof ArrayColumn && column.dictionary !== undefined
    ? ArrayColumn.ofStrings(column.dictionary)
    : emptyColumn(column.type);
}

/** A column of these values. */
export function columnOf(type: ColumnType, values: Iterable<Value>): Column {
  const column = emptyColumn(type);
  for (const value of values) {
    column.add(value);
  }
  return column;
}

/** Adds all values of a column to another of the same type. @throws TypeError when its type differs */
export function addColumn(to: Column, from: Column): void {
  if (to instanceof StringColumn && from instanceof StringColumn) {
    to.addCodes(new DictionaryUnifier(to.dictionary).codes(from));
  } else if (to instanceof NumberColumn && from instanceof NumberColumn && to.type === from.type) {
    to.addAll(from);
  } else if (to instanceof ArrayColumn && from instanceof ArrayColumn && to.type === from.type) {
    for (const value of from) {
      to.add(value);
    }
  } else {
    throw new TypeError(`A column of ${from.type} cannot be added to one of ${to.type}.`);
  }
}
