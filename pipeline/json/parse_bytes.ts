/**
 * Parses timestamps and follower counts from UTF-8 bytes.
 *
 * `parse_timestamp` has three forms, because each runs where the others cannot: plan/timestamp.ts defines it over JavaScript
 * strings, `timestampOfBytes` reads a string inside a line without making one, and plan/functions/cleaning.ts has Spark's SQL.
 * test/json/byte_expressions.test.ts holds the second to the first, test/real/spark the third. `follower_count` has the same.
 *
 * Bytes are read only from `start` up to `end`, so their `?? 0` is never reached.
 */
import { largestInteger } from '../plan/types.ts';

/** Parses `YYYY-MM-DD HH:MM:SS` (or `T` for the space) as UTC. @returns milliseconds since 1970, NaN when it is not a time */
export function timestampOfBytes(bytes: Uint8Array, start: number, end: number): number {
  if (
    end - start !== 19 ||
    bytes[start + 4] !== hyphen ||
    bytes[start + 7] !== hyphen ||
    (bytes[start + 10] !== space && bytes[start + 10] !== letterT) ||
    bytes[start + 13] !== colon ||
    bytes[start + 16] !== colon
  ) {
    return Number.NaN;
  }
  const century = twoDigits(bytes, start);
  const yearOfCentury = twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  const hour = twoDigits(bytes, start + 11);
  const minute = twoDigits(bytes, start + 14);
  const second = twoDigits(bytes, start + 17);
  if (century < 0 || yearOfCentury < 0 || minute < 0 || second < 0 || hour < 0) {
    return Number.NaN;
  }
  const year = century * 100 + yearOfCentury;
  if (year < 1 || hour > 23 || minute > 59 || second > 59) {
    return Number.NaN;
  }
  if (month < 1 || month > 12 || day < 1 || day > lastDay(year, month)) {
    return Number.NaN;
  }
  return (daysSince1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second) * 1000;
}

/** The number of two ASCII digits, negative when they are not digits. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] ?? 0) - zero;
  const ones = (bytes[at + 1] ?? 0) - zero;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}

function lastDay(year: number, month: number): number {
  if (month === 2) {
    return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  }
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * Days from 1970-01-01 in the proleptic Gregorian calendar. Years begin in March, so that a leap day is the last.
 * After H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
 */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const marchMonth = month <= 2 ? month + 9 : month - 3;
  const dayOfYear = (((153 * marchMonth + 2) / 5) | 0) + day - 1;
  const leapDays = ((marchYear / 4) | 0) - ((marchYear / 100) | 0) + ((marchYear / 400) | 0);
  return marchYear * 365 + leapDays + dayOfYear - 719_468;
}

/** Parses a count as people write it (`316`, `12k`, `1.5M`), exactly. @returns NaN when it is not a count */
export function followerCountOfBytes(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let last = end;
  while (at < last && isBlank(bytes[at] ?? 0)) {
    at += 1;
  }
  while (at < last && isBlank(bytes[last - 1] ?? 0)) {
    last -= 1;
  }
  const zeros = at < last ? zerosOfSuffix(bytes[last - 1] ?? 0) : 0;
  if (zeros > 0) {
    last -= 1;
  }
  const whole = at;
  // Beyond 2⁵³ it is not exact, but stays beyond.
  let followers = 0;
  for (; at < last; at += 1) {
    const digit = (bytes[at] ?? 0) - zero;
    if (digit < 0 || digit > 9) {
      break;
    }
    followers = followers * 10 + digit;
  }
  if (at === whole) {
    return Number.NaN;
  }
  let decimals = 0;
  if (at < last) {
    if (bytes[at] !== point || at + 1 === last) {
      return Number.NaN;
    }
    for (at += 1; at < last; at += 1) {
      const digit = (bytes[at] ?? 0) - zero;
      if (digit < 0 || digit > 9) {
        return Number.NaN;
      }
      if (decimals < zeros) {
        followers = followers * 10 + digit;
        decimals += 1;
      }
    }
  }
  for (; decimals < zeros; decimals += 1) {
    followers *= 10;
  }
  return followers <= largestInteger ? followers : Number.NaN;
}

/** The zeros that k, M and B stand for; 0 for any other byte. */
function zerosOfSuffix(byte: number): number {
  const letter = byte | 0x20;
  return letter === 0x6b ? 3 : letter === 0x6d ? 6 : letter === 0x62 ? 9 : 0;
}

/** U+0020, 0009, 000A, 000D. */
export function isBlank(byte: number): boolean {
  return byte === space || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

const space = 0x20;
const hyphen = 0x2d;
const point = 0x2e;
const zero = 0x30;
const colon = 0x3a;
const letterT = 0x54;
