const timestampAsWritten = /^([0-9]{4})-([0-9]{2})-([0-9]{2})[ T]([0-9]{2}):([0-9]{2}):([0-9]{2})$/;

/**
 * Reads `YYYY-MM-DD HH:MM:SS` (or `T` for the space) as UTC, in the proleptic Gregorian calendar.
 * @returns milliseconds since 1970, or null when it is no real date and time of the years 0001–9999
 */
export function parseUtcTimestamp(text: string): number | null {
  const match = timestampAsWritten.exec(text);
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

/** The calendar year in UTC of milliseconds since 1970. */
export function utcYear(timestamp: number): number {
  return new Date(timestamp).getUTCFullYear();
}
