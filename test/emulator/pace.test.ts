import { describe, expect, it } from 'vitest';
import { Pace } from '../../emulator/pace.ts';

describe('a pace', () => {
  it('is exact over any time, however often it is asked', () => {
    const pace = new Pace(30, 0);
    let begun = 0;
    for (let now = 0; now <= 1_000_000; now += 7) {
      // At most what a look can find due, so that a pace that never has enough fails instead of going on for ever.
      for (let look = 0; look < 2 && pace.dueAt(1, now) <= now; look += 1) {
        pace.begin(1);
        begun += 1;
      }
    }
    expect(begun).toBe(30_000);
  });

  it('makes up for posts that are late', () => {
    const pace = new Pace(10, 0);
    expect(pace.dueAt(1, 5000)).toBe(0);
    pace.begin(20);
    expect(pace.dueAt(1, 5000)).toBe(2000);
  });

  it('says when the last of several is due', () => {
    expect(new Pace(10, 0).dueAt(11, 0)).toBe(1000);
  });

  it('has nothing due while paused, and does not make up for the pause', () => {
    const pace = new Pace(10, 0);
    pace.begin(10);
    pace.pause();
    expect(pace.paused).toBe(true);
    expect(pace.dueAt(1, 9000)).toBe(Infinity);
    pace.resume(60_000);
    expect(pace.dueAt(1, 60_000)).toBe(60_000);
    expect(pace.dueAt(2, 60_000)).toBe(60_100);
  });

  it('changes its rate at once', () => {
    const pace = new Pace(1, 0);
    pace.begin(1);
    pace.setRate(100, 500);
    expect(pace.dueAt(1, 500)).toBe(500);
    expect(pace.dueAt(11, 500)).toBe(600);
  });

  it('keeps a changed rate through a pause', () => {
    const pace = new Pace(1, 0);
    pace.pause();
    pace.setRate(10, 100);
    expect(pace.paused).toBe(true);
    pace.resume(1000);
    expect(pace.dueAt(2, 1000)).toBe(1100);
  });

  it('without a rate has everything due now', () => {
    expect(new Pace(Infinity, 0).dueAt(1000, 42)).toBe(42);
  });
});
