import type { Value } from './types.ts';

/**
 * Compares strings by Unicode code point, which is also the byte order of UTF-8 and Spark's order.
 * JavaScript's `<` compares UTF-16 units and puts 🂡 (U+1F0A1) before ﬀ (U+FB00).
 */
function compareStrings(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let unit = 0; unit < shorter; unit += 1) {
    const x = a.charCodeAt(unit);
    const y = b.charCodeAt(unit);
    if (x !== y) {
      return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
    }
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Compares two values of one ordered type, neither null: numbers by value, false before true, strings by code point. */
export function compareNonNull(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') {
    return compareStrings(a, b);
  }
  const x = Number(a);
  const y = Number(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Compares two values as Spark's ORDER BY does: nulls first when ascending, last when descending. */
export function compareValues(a: Value, b: Value, descending = false): number {
  if (a === null || b === null) {
    const nullsFirst = a === b ? 0 : a === null ? -1 : 1;
    return descending ? -nullsFirst : nullsFirst;
  }
  return descending ? compareNonNull(b, a) : compareNonNull(a, b);
}
