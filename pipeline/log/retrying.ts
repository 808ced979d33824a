/** Reads of a log that are repeated while it does not answer. */

import { retry } from '../retry.ts';
import { type EventLog, LogError } from './log.ts';

/** The part of a log that only reads. */
export type ReadableLog = Pick<EventLog, 'shards' | 'earliest' | 'latest' | 'read'>;

export interface RetryingLogOptions {
  /** For how long a log that does not answer is asked again. Default: 10 minutes. */
  readonly patienceMilliseconds?: number | undefined;
  /** Ends the pauses: nothing is asked again once it is aborted. */
  readonly signal: AbortSignal;
  /** Called with the reason when a question is asked again for the first time, and with null when all have been answered. */
  readonly onWaiting: (reason: string | null) => void;
}

/** A log whose `unavailable` and `throttled` pass or not within a time. */
export class RetryingLog implements ReadableLog {
  private unanswered = 0;
  private lastWaited = performance.now();

  constructor(
    private readonly log: ReadableLog,
    private readonly options: RetryingLogOptions,
  ) {}

  shards(...args: Parameters<EventLog['shards']>) {
    return this.ask(() => this.log.shards(...args));
  }

  earliest(...args: Parameters<EventLog['earliest']>) {
    return this.ask(() => this.log.earliest(...args));
  }

  latest(...args: Parameters<EventLog['latest']>) {
    return this.ask(() => this.log.latest(...args));
  }

  read(...args: Parameters<EventLog['read']>) {
    return this.ask(() => this.log.read(...args));
  }

  /** Time since which all questions are answered, as `performance.now()` counts; now while one is not. */
  get answeringSince(): number {
    return this.unanswered > 0 ? performance.now() : this.lastWaited;
  }

  private async ask<T>(question: () => Promise<T>): Promise<T> {
    const { patienceMilliseconds = 600_000, signal } = this.options;
    let isWaiting = false;
    const policy = {
      firstPauseMilliseconds: 200,
      longestPauseMilliseconds: 5000,
      totalMilliseconds: patienceMilliseconds,
      mayPass,
      onRetry: (error: unknown) => {
        isWaiting = true;
        this.startWaiting(error);
      },
    };
    try {
      return await retry(question, policy, signal);
    } finally {
      if (isWaiting) {
        this.endWaiting();
      }
    }
  }

  private startWaiting(error: unknown): void {
    this.unanswered += 1;
    this.options.onWaiting(`${error instanceof Error ? error.message : String(error)} Asking again.`);
  }

  private endWaiting(): void {
    this.unanswered -= 1;
    this.lastWaited = performance.now();
    if (this.unanswered === 0) {
      this.options.onWaiting(null);
    }
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof LogError && (error.code === 'unavailable' || error.code === 'throttled');
}
