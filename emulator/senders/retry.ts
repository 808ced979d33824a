/** Requests of the emulator that are worth sending again, and when. */
import type { RetryPolicy } from '../../pipeline/retry.ts';

export const defaultRetryPolicy: RetryPolicy = {
  attempts: 10,
  firstPauseMilliseconds: 100,
  longestPauseMilliseconds: 20_000,
  random: Math.random,
};

/** Reads a Retry-After header (RFC 9110, section 10.2.3), seconds or a date, as milliseconds from now; 0 without one. */
export function retryAfterMilliseconds(header: unknown, now: number): number {
  if (typeof header !== 'string') {
    return 0;
  }
  if (/^[0-9]{1,9}$/.test(header)) {
    return Number(header) * 1000;
  }
  const date = Date.parse(header);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

/** Tells whether another attempt can succeed: after too many requests, and after the server's own faults. */
export function isWorthRetrying(status: number): boolean {
  return status === 429 || status >= 500;
}
