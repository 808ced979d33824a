/** Parses a field of timestamps as programs write them: `timestampOfBytes` of parse_bytes.ts as a loop over rows. */
import { ends, starts } from './cells';

/** The timestamp of each row, in milliseconds since 1970, NaN for null; 64-bit floats. */
export const timestamps: usize = memory.data(1 << 10, 16);

/** A bit for each byte of `YYYY-MM-DD HH:MM` that is a digit, and for each `-` and `:`. */
const digitBits: i32 = 0b1101_1011_0110_1111;
const separatorBits: i32 = 0b0010_0000_1001_0000;

/**
 * Parses the strings of a field.
 * @param width the number of fields
 * @returns the number of rows whose strings have escapes, which are not parsed
 */
export function parseTimestamps(width: i32, field: i32, rows: i32): i32 {
  let escaped = 0;
  let cell = (field as usize) << 2;
  for (let row = 0; row < rows; row += 1, cell += (width as usize) << 2) {
    const start = load<i32>(starts + cell);
    const end = load<i32>(ends + cell);
    let timestamp: f64 = NaN;
    if (start >= 0) {
      if (end < 0) {
        escaped += 1;
      } else if (end - start === 19) {
        timestamp = timestampAt(start as usize);
      }
    }
    store<f64>(timestamps + ((row as usize) << 3), timestamp);
  }
  return escaped;
}

function timestampAt(start: usize): f64 {
  const bytes = v128.load(start);
  const digits = i8x16.sub(bytes, i8x16.splat(0x30));
  const areDigits = i8x16.bitmask(i8x16.lt_u(digits, i8x16.splat(10)));
  const separators = i8x16(0, 0, 0, 0, 0x2d, 0, 0, 0x2d, 0, 0, 0, 0, 0, 0x3a, 0, 0);
  const areSeparators = i8x16.bitmask(i8x16.eq(bytes, separators));
  if ((areDigits & digitBits) !== digitBits || (areSeparators & separatorBits) !== separatorBits) {
    return NaN;
  }
  const between = load<u8>(start, 10);
  const tensOfSecond = (load<u8>(start, 17) as u32) - 0x30;
  const onesOfSecond = (load<u8>(start, 18) as u32) - 0x30;
  if (
    (between !== 0x20 && between !== 0x54) ||
    load<u8>(start, 16) !== 0x3a ||
    tensOfSecond > 9 ||
    onesOfSecond > 9
  ) {
    return NaN;
  }
  const weights = i16x8(10, 1, 10, 1, 10, 1, 10, 1);
  // YYYYMMDD, and HHMM.
  const dates = i8x16.swizzle(digits, i8x16(0, 1, 2, 3, 5, 6, 8, 9, 16, 16, 16, 16, 16, 16, 16, 16));
  const times = i8x16.swizzle(digits, i8x16(11, 12, 14, 15, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16));
  const date = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(dates), weights);
  const time = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(times), weights);
  const year = i32x4.extract_lane(date, 0) * 100 + i32x4.extract_lane(date, 1);
  const month = i32x4.extract_lane(date, 2);
  const day = i32x4.extract_lane(date, 3);
  const hour = i32x4.extract_lane(time, 0);
  const minute = i32x4.extract_lane(time, 1);
  const second = (tensOfSecond * 10 + onesOfSecond) as i32;
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > lastDay(year, month)) {
    return NaN;
  }
  if (hour > 23 || minute > 59 || second > 59) {
    return NaN;
  }
  const seconds = daysSince1970(year, month, day) * 86_400 + ((hour * 60 + minute) * 60 + second);
  return (seconds as f64) * 1000;
}

function lastDay(year: i32, month: i32): i32 {
  if (month === 2) {
    return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  }
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** As in parse_bytes.ts. */
function daysSince1970(year: i32, month: i32, day: i32): i64 {
  const marchYear = month <= 2 ? year - 1 : year;
  const marchMonth = month <= 2 ? month + 9 : month - 3;
  const dayOfYear = (153 * marchMonth + 2) / 5 + day - 1;
  const leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400;
  return (marchYear * 365 + leapDays + dayOfYear - 719_468) as i64;
}
