import { describe, expect, it } from 'vitest';
import { Backoff, pauseAfter, type RetryPolicy, retry, sleep, unlessAborted } from '../pipeline/retry.ts';

/** A policy whose pauses are noted, and end at once. */
function noted(changes: Partial<RetryPolicy> = {}) {
  const pauses: number[] = [];
  const pause = async (milliseconds: number): Promise<void> => void pauses.push(milliseconds);
  return {
    pauses,
    policy: { firstPauseMilliseconds: 100, longestPauseMilliseconds: 1000, pause, ...changes },
  };
}

const always = () => true;

/** Work that fails a number of times before it succeeds. */
function failing(times: number) {
  let attempts = 0;
  return async (): Promise<number> => {
    attempts += 1;
    if (attempts <= times) {
      throw new Error(`failure ${attempts}`);
    }
    return attempts;
  };
}

describe('pauseAfter', () => {
  const { policy } = noted();

  it('doubles the pause with each failure, up to the longest', () => {
    expect([1, 2, 3, 4, 5, 50].map((failures) => pauseAfter(policy, failures))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
  });

  it('takes a random part of the pause, so that many clients do not come back together', () => {
    expect(pauseAfter({ ...policy, random: () => 0 }, 3)).toBe(0);
    expect(pauseAfter({ ...policy, random: () => 0.5 }, 3)).toBe(200);
  });
});

describe('Backoff', () => {
  it('pauses no shorter than the server asks for', async () => {
    const { pauses, policy } = noted({ random: () => 0.5 });
    const backoff = new Backoff(policy);
    await backoff.pause(5000);
    await backoff.pause();
    await backoff.pause(7);
    expect(pauses).toEqual([5000, 100, 200]);
  });

  it('says when the last attempt is under way', async () => {
    const backoff = new Backoff(noted({ attempts: 2 }).policy);
    expect(backoff.isLast).toBe(false);
    await backoff.pause();
    expect(backoff.isLast).toBe(true);
  });

  it('makes the attempt under way the last when time is up or the signal is aborted', () => {
    const { policy } = noted();
    expect(new Backoff({ ...policy, totalMilliseconds: -1 }).isLast).toBe(true);
    expect(new Backoff(policy, AbortSignal.abort()).isLast).toBe(true);
    expect(new Backoff({ ...policy, totalMilliseconds: 60_000 }, new AbortController().signal).isLast).toBe(
      false,
    );
  });
});

describe('retry', () => {
  it('repeats work until it succeeds, and tells of the first failure alone', async () => {
    const { pauses, policy } = noted();
    const told: string[] = [];
    const onRetry = (error: unknown) => told.push(String(error));
    await expect(retry(failing(3), { ...policy, mayPass: always, onRetry })).resolves.toBe(4);
    expect(pauses).toEqual([100, 200, 400]);
    expect(told).toEqual(['Error: failure 1']);
  });

  it('does not repeat work whose error will not pass', async () => {
    const { pauses, policy } = noted();
    const mayPass = (error: unknown) => String(error).includes('failure 1');
    await expect(retry(failing(9), { ...policy, mayPass })).rejects.toThrow('failure 2');
    expect(pauses).toEqual([100]);
  });

  it('throws the last error after as many attempts as the policy allows', async () => {
    const { policy } = noted({ attempts: 3 });
    await expect(retry(failing(9), { ...policy, mayPass: always })).rejects.toThrow('failure 3');
  });

  it('cuts a pause short when the signal is aborted, and makes one last attempt', async () => {
    const ending = new AbortController();
    const policy = {
      firstPauseMilliseconds: 3_600_000,
      longestPauseMilliseconds: 3_600_000,
      mayPass: always,
    };
    const onRetry = () => queueMicrotask(() => ending.abort());
    await expect(retry(failing(9), { ...policy, onRetry }, ending.signal)).rejects.toThrow('failure 2');
  });
});

describe('sleep', () => {
  it('ends without an error as soon as the signal is aborted', async () => {
    const ending = new AbortController();
    const sleeping = sleep(3_600_000, ending.signal);
    ending.abort();
    await expect(sleeping).resolves.toBeUndefined();
    await expect(sleep(3_600_000, ending.signal)).resolves.toBeUndefined();
  });

  it('waits when the time is more than a timer can hold', async () => {
    const ending = new AbortController();
    const winner = Promise.race([
      sleep(2 ** 40, ending.signal).then(() => 'over'),
      sleep(20).then(() => 'waiting'),
    ]);
    expect(await winner).toBe('waiting');
    ending.abort();
  });
});

describe('unlessAborted', () => {
  it('gives the value of a promise that resolves first', async () => {
    expect(await unlessAborted(Promise.resolve(7), new AbortController().signal)).toBe(7);
  });

  it('throws the error of a promise that rejects first', async () => {
    const failed = Promise.reject(new Error('failed'));
    await expect(unlessAborted(failed, new AbortController().signal)).rejects.toThrow('failed');
  });

  it('gives null when the signal is aborted first, and drops a later error', async () => {
    const ending = new AbortController();
    let reject: (error: Error) => void = () => undefined;
    const waiting = unlessAborted(
      new Promise<number>((_, fail) => {
        reject = fail;
      }),
      ending.signal,
    );
    ending.abort();
    expect(await waiting).toBeNull();
    reject(new Error('too late'));
    expect(await unlessAborted(new Promise(() => undefined), AbortSignal.abort())).toBeNull();
  });
});
