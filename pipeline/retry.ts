/** Repeats work that failed for a reason that may pass, later and later. */

import { setTimeout as timeout } from 'node:timers/promises';

/** The number of repetitions and the pauses between them. */
export interface RetryPolicy {
  /** The pause after the first failure; it doubles with each further one. */
  readonly firstPauseMilliseconds: number;
  /** No pause is longer, unless the server asks for it. */
  readonly longestPauseMilliseconds: number;
  /** Attempts at most. Default: no limit. */
  readonly attempts?: number;
  /** No attempt begins later than this after the first one. Default: no limit. */
  readonly totalMilliseconds?: number;
  /**
   * Shortens each pause to a part of it, from 0 up to before 1, so that many clients do not come back together ("full
   * jitter": AWS Architecture Blog, "Exponential Backoff And Jitter"). Default: whole pauses.
   */
  readonly random?: () => number;
  /** Default: `sleep`. */
  readonly pause?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** Counts the failures of one piece of work, and pauses after each. */
export class Backoff {
  private failures = 0;
  private readonly deadline: number;

  constructor(
    private readonly policy: RetryPolicy,
    private readonly signal?: AbortSignal,
  ) {
    this.deadline = performance.now() + (policy.totalMilliseconds ?? Infinity);
  }

  get isFirst(): boolean {
    return this.failures === 0;
  }

  /** No attempt may follow the one that is under way. */
  get isLast(): boolean {
    const { attempts = Infinity } = this.policy;
    return (
      this.failures + 1 >= attempts || performance.now() > this.deadline || this.signal?.aborted === true
    );
  }

  /** Resolves when the next attempt may begin: as the policy says, but no sooner than the server asked for. */
  async pause(leastMilliseconds = 0): Promise<void> {
    this.failures += 1;
    const { pause = sleep } = this.policy;
    await pause(Math.max(leastMilliseconds, pauseAfter(this.policy, this.failures)), this.signal);
  }
}

/** The pause after a number of failures, in milliseconds. */
export function pauseAfter(policy: RetryPolicy, failures: number): number {
  const { firstPauseMilliseconds, longestPauseMilliseconds, random = () => 1 } = policy;
  return random() * Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** (failures - 1));
}

/** Decides which errors are worth another attempt, and is told of them. */
export interface RetryEvents {
  readonly mayPass: (error: unknown) => boolean;
  /** Called before the first pause. */
  readonly onRetry?: (error: unknown) => void;
}

/**
 * Repeats work until it succeeds. When the signal is aborted, the pause ends and one last attempt is made.
 * @throws the work's error, when it will not pass or has not passed for too long
 */
export async function retry<T>(
  work: () => Promise<T>,
  { mayPass, onRetry, ...policy }: RetryPolicy & RetryEvents,
  signal?: AbortSignal,
): Promise<T> {
  for (const backoff = new Backoff(policy, signal); ; ) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error) || backoff.isLast) {
        throw error;
      }
      if (backoff.isFirst) {
        onRetry?.(error);
      }
      await backoff.pause();
    }
  }
}

/** The longest time that a timer of JavaScript can wait: beyond, it ends at once. */
const longestTimerMilliseconds = 2 ** 31 - 1;

/** Resolves after a time, or as soon as the signal is aborted. */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  const duration = Math.min(milliseconds, longestTimerMilliseconds);
  await timeout(duration, undefined, signal ? { signal } : {}).catch((error) => {
    if (!signal?.aborted) {
      throw error;
    }
  });
}

/** Gives what a promise resolves to, or null as soon as the signal is aborted. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<null>((resolve) => {
    onAbort = () => resolve(null);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) {
      resolve(null);
    }
  });
  try {
    return await Promise.race([promise, aborted]);
  } catch (error) {
    if (signal.aborted) {
      return null;
    }
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    promise.catch(() => undefined);
  }
}
