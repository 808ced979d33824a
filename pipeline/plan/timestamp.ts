const timestampPattern = /^([0-9]{4})-([0-9]{2})-([0-9]{2})[ T]([0-9]{2}):([0-9]{2}):([0-9]{2})$/;

/**
 * Parses `YYYY-MM-DD HH:MM:SS` (or `T` for the space) as UTC, in the proleptic Gregorian calendar.
 * @returns milliseconds since 1970, or null when it is not a real date and time of the years 0001–9999
 */
export function parseUtcTimestamp(text: string): number | null {
  const match = timestampPattern.exec(text);
  if (match === null) {
    return null;
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  if (year < 1 || hour > 23 || minute > 59 || second > 59) {
    return null;
  }
  // Not Date.UTC, which takes the years 0–99 for 1900–1999.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) {
    return null;
  }
  return date.setUTCHours(hour, minute, second);
}

export const millisecondsInDay = 86_400_000;
/** Days of 400 years, the period of the Gregorian calendar. */
const daysInEra = 146_097;
/** From 1 March of the year 0 to 1 January 1970. */
const daysBefore1970 = 719_468;

/** A cache of the years of the days from 1900 to 2099, which covers almost all times. */
const firstCachedDay = -25_567;
const yearsOfDays = new Int16Array(73_049);

/** The calendar year in UTC of milliseconds since 1970, in the proleptic Gregorian calendar. */
export function utcYear(timestamp: number): number {
  const day = Math.floor(timestamp / millisecondsInDay);
  const cached = yearsOfDays[day - firstCachedDay];
  if (cached !== undefined && cached > 0) {
    return cached;
  }
  const year = yearOfDay(day);
  if (cached !== undefined) {
    yearsOfDays[day - firstCachedDay] = year;
  }
  return year;
}

/**
 * The calendar year of a day, counted from 1970-01-01.
 * After H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days: years begin in March, so that a leap
 * day is the last of its year.
 */
function yearOfDay(day: number): number {
  const days = day + daysBefore1970;
  const era = Math.floor(days / daysInEra);
  const dayOfEra = days - era * daysInEra;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  // The last two months, from day 306 on, are January and February of the next year.
  return yearOfEra + era * 400 + (dayOfYear >= 306 ? 1 : 0);
}

const monday = (time: number) => {
  const day = Math.floor(time / millisecondsInDay);
  // 1970-01-01 was a Thursday.
  return day - ((((day + 3) % 7) + 7) % 7);
};

/** The number of the week by ISO 8601: weeks begin on Monday and belong to the year of their Thursday. */
export function weekOfYear(time: number): number {
  const thursday = monday(time) + 3;
  const newYear = midnight(new Date(thursday * millisecondsInDay).getUTCFullYear(), 0);
  return Math.floor((thursday - newYear / millisecondsInDay) / 7) + 1;
}

/** Units that a time can be truncated to. */
export const timeUnits = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second'] as const;

export type TimeUnit = (typeof timeUnits)[number];

/** The start of the unit that holds a time; weeks begin on Monday. @returns null for an unknown unit, as Spark does */
export function startOf(unit: string, time: number): number | null {
  const date = new Date(time);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  switch (unit) {
    case 'year':
      return midnight(year, 0);
    case 'quarter':
      return midnight(year, month - (month % 3));
    case 'month':
      return midnight(year, month);
    case 'week':
      return monday(time) * millisecondsInDay;
    case 'day':
      return multipleOf(millisecondsInDay, time);
    case 'hour':
      return multipleOf(3_600_000, time);
    case 'minute':
      return multipleOf(60_000, time);
    case 'second':
      return multipleOf(1000, time);
    default:
      return null;
  }
}

function multipleOf(unit: number, time: number): number {
  return Math.floor(time / unit) * unit;
}

/** The first day of a month at 00:00. Not Date.UTC, which takes the years 0–99 for 1900–1999. */
function midnight(year: number, month: number): number {
  return new Date(0).setUTCFullYear(year, month, 1);
}

/** `YYYY-MM-DD HH:MM:SS`, and the fraction of the second without its last zeros where it is not 0. */
export function timestampText(time: number): string {
  const [text = '', fraction = ''] = new Date(time).toISOString().replace('T', ' ').slice(0, -1).split('.');
  const digits = fraction.replace(/0+$/, '');
  return digits === '' ? text : `${text}.${digits}`;
}
