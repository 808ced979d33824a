import { describe, expect, it } from 'vitest';
import {
  defaultRetryPolicy,
  isWorthRetrying,
  retryAfterMilliseconds,
  waitBefore,
} from '../../emulator/senders/retry.ts';

const policy = { ...defaultRetryPolicy, firstWait: 100, longestWait: 1000 };

describe('the wait before another attempt', () => {
  it('doubles, up to the longest', () => {
    const longest = { ...policy, random: () => 1 };
    expect([1, 2, 3, 4, 5, 50].map((failed) => waitBefore(longest, failed, 0))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
  });

  it('is anywhere below that, so that many senders do not come back together', () => {
    expect(waitBefore({ ...policy, random: () => 0 }, 3, 0)).toBe(0);
    expect(waitBefore({ ...policy, random: () => 0.5 }, 3, 0)).toBe(200);
  });

  it('is never shorter than the server asks for', () => {
    expect(waitBefore({ ...policy, random: () => 0.5 }, 3, 5000)).toBe(5000);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    ['3', 3000],
    ['Thu, 01 Jan 2026 00:00:02 GMT', 2000],
    ['Thu, 01 Jan 2025 00:00:00 GMT', 0],
    ['soon', 0],
    [undefined, 0],
  ])('%s', (header, milliseconds) => {
    expect(retryAfterMilliseconds(header, now)).toBe(milliseconds);
  });
});

it.each([
  [429, true],
  [500, true],
  [503, true],
  [400, false],
  [404, false],
  [413, false],
  [422, false],
  [302, false],
])('status %i is sent again: %s', (status, again) => {
  expect(isWorthRetrying(status)).toBe(again);
});
