/** How long to wait before a request is sent again. */
export interface RetryPolicy {
  /** How often a request is sent at most. */
  readonly attempts: number;
  /** The longest wait after the first failure, in milliseconds; it doubles with each. */
  readonly firstWait: number;
  /** No wait is longer, unless the server asks for it. */
  readonly longestWait: number;
  /** At least 0 and below 1. */
  readonly random: () => number;
}

export const defaultRetryPolicy: RetryPolicy = {
  attempts: 10,
  firstWait: 100,
  longestWait: 20_000,
  random: Math.random,
};

/**
 * The wait in milliseconds after so many failed attempts: exponential backoff with full jitter (AWS Architecture Blog,
 * "Exponential Backoff And Jitter"), and never shorter than the server asked for.
 */
export function waitBefore(policy: RetryPolicy, failedAttempts: number, askedFor: number): number {
  const longest = Math.min(policy.longestWait, policy.firstWait * 2 ** (failedAttempts - 1));
  return Math.max(askedFor, policy.random() * longest);
}

/** A Retry-After header (RFC 9110, section 10.2.3), seconds or a date, in milliseconds from now; 0 without one. */
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

/** What can work when it is tried again: too many requests, and whatever is the server's own fault. */
export function isWorthRetrying(status: number): boolean {
  return status === 429 || status >= 500;
}
