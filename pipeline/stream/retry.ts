/** Asking a log again that does not answer. */
import { setTimeout as pause } from 'node:timers/promises';
import { LogError } from '../log/log.ts';

const firstRetryMilliseconds = 200;
const longestRetryMilliseconds = 5000;

export interface RetryPolicy {
  /** For how long a log that does not answer is asked again. */
  readonly milliseconds: number;
  readonly signal: AbortSignal;
  /** Told what is wrong when a question is asked again for the first time, and null when it was answered at last. */
  readonly onWaiting: (reason: string | null) => void;
}

/** Asks until the log answers. @throws LogError the log's, when it is none that passes, or has not passed for too long */
export async function retry<T>(
  question: () => Promise<T>,
  { milliseconds, signal, onWaiting }: RetryPolicy,
): Promise<T> {
  const deadline = performance.now() + milliseconds;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answer = await question();
      if (attempt > 0) {
        onWaiting(null);
      }
      return answer;
    } catch (error) {
      const passing =
        error instanceof LogError && (error.code === 'unavailable' || error.code === 'throttled');
      if (!passing || performance.now() > deadline || signal.aborted) {
        throw error;
      }
      if (attempt === 0) {
        onWaiting(`${error.message} Asking again.`);
      }
      await pauseUnless(signal, Math.min(firstRetryMilliseconds * 2 ** attempt, longestRetryMilliseconds));
    }
  }
}

/** Waits, or less when the signal is aborted. */
export async function pauseUnless(signal: AbortSignal, milliseconds: number): Promise<void> {
  await pause(milliseconds, undefined, { signal }).catch((error) => {
    if (!signal.aborted) {
      throw error;
    }
  });
}

/** What is waited for, or null when the signal is aborted first. */
export async function unlessAborted<T>(waitedFor: Promise<T>, signal: AbortSignal): Promise<T | null> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<null>((resolve) => {
    onAbort = () => resolve(null);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) resolve(null);
  });
  try {
    return await Promise.race([waitedFor, aborted]);
  } catch (error) {
    if (signal.aborted) {
      return null;
    }
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    waitedFor.catch(() => undefined);
  }
}
