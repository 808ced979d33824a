import { type Column, NumberColumn } from '../../../columns/column.ts';

/** The values of an aggregate's argument, NaN for null. @throws TypeError when they are not numbers */
export function numbersOf(column: Column | undefined): Float64Array {
  if (!(column instanceof NumberColumn)) {
    throw new TypeError(`An aggregate of numbers cannot take a column of ${column?.type}.`);
  }
  return column.values;
}
