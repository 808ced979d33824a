/** Writes names and values for people, on pages and terminals alike. */

import type { ColumnType, Value } from '../plan/types.ts';

/** Stands for null. */
export const nullMark = '–';

let englishFormat: Intl.NumberFormat | undefined;

/** A number with thousands separators and at most two decimals: `1234567.5` is `1,234,567.5`. */
export function readableNumber(value: number): string {
  if (hasTwoDecimals(value)) {
    return String(value).replace(/\B(?=(?:\d{3})+(?:\.|$))/g, ',');
  }
  // Loading a locale takes longer than writing a whole report, so it is left to the numbers that need it.
  englishFormat ??= new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 });
  return englishFormat.format(value);
}

/** True when the shortest digits of a number have at most two decimals, as nearly all numbers here do. */
function hasTwoDecimals(value: number): boolean {
  return Math.abs(value) < 1e13 && Math.round(value * 100) / 100 === value && !Object.is(value, -0);
}

/**
 * A value of a column, for people. Numbers get separators, except those of type `int`: these are years, which are
 * names rather than counts.
 */
export function readableValue(value: Value, type: ColumnType): string {
  if (value === null) {
    return nullMark;
  }
  if (typeof value === 'object') {
    return value.map((item) => (typeof item === 'number' ? readableNumber(item) : item)).join(', ');
  }
  if (typeof value !== 'number' || type === 'int') {
    return String(value);
  }
  if (type === 'date') {
    return new Date(value).toISOString().slice(0, 10);
  }
  return type === 'timestamp' ? readableTime(value) : readableNumber(value);
}

/** A time in UTC, to the second: `2020-08-28 03:52:47 UTC`. */
export function readableTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** True for columns of quantities, which are right-aligned so that their digits line up. */
export function isNumeric(type: ColumnType): boolean {
  return type === 'bigint' || type === 'double';
}

/** A column's name as a heading: `median_follower_count` is `Median follower count`. */
export function heading(column: string): string {
  const words = column.replaceAll('_', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
