import { describe, expect, it } from 'vitest';
import { isWorthRetrying, retryAfterMilliseconds } from '../../emulator/senders/retry.ts';

describe('a Retry-After header', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    ['3', 3000],
    ['Thu, 01 Jan 2026 00:00:02 GMT', 2000],
    ['Thu, 01 Jan 2025 00:00:00 GMT', 0],
    ['soon', 0],
    [undefined, 0],
  ])('%s asks for a pause of %i ms', (header, milliseconds) => {
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
])('a request answered with status %i is sent again: %s', (status, again) => {
  expect(isWorthRetrying(status)).toBe(again);
});
