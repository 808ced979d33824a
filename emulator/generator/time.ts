import type { Random } from './random.ts';

const dayMilliseconds = 86_400_000;
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

/** The days from the first of January of one year to the end of another, as `YYYY-MM-DD`. */
export function daysOfYears(first: number, last: number): readonly string[] {
  const start = Date.UTC(first, 0, 1);
  const length = (Date.UTC(last + 1, 0, 1) - start) / dayMilliseconds;
  return Array.from({ length }, (_, day) =>
    new Date(start + day * dayMilliseconds).toISOString().slice(0, 10),
  );
}

/** A time on one of these days, all seconds alike, as the emulator writes times: `YYYY-MM-DD HH:MM:SS`. */
export function timeOn(days: readonly string[], random: Random): string {
  const day = days[random.below(days.length)];
  const second = random.below(86_400);
  const minute = Math.floor(second / 60);
  return `${day} ${twoDigits[Math.floor(minute / 60)]}:${twoDigits[minute % 60]}:${twoDigits[second % 60]}`;
}
