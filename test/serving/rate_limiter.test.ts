import { expect, it } from 'vitest';
import { RateLimiter } from '../../pipeline/serving/rate_limiter.ts';

it('takes a burst, then so many a second, of each caller by itself', () => {
  let now = 0;
  const limiter = new RateLimiter(2, () => now);
  expect(Array.from({ length: 5 }, () => limiter.take('a'))).toEqual([0, 0, 0, 0, 0.5]);
  expect(limiter.wait('a')).toBe(0.5);
  expect(limiter.wait('b')).toBe(0);
  expect(limiter.take('b')).toBe(0);
  now += 500;
  expect([limiter.take('a'), limiter.take('a')]).toEqual([0, 0.5]);
});

it('forgets callers, so that many of them take no memory', () => {
  let now = 0;
  const limiter = new RateLimiter(1, () => now);
  for (let caller = 0; caller < 30_000; caller++) {
    now += caller % 3;
    limiter.take(String(caller));
  }
  expect(limiter.callers).toBeLessThanOrEqual(10_000);
});
