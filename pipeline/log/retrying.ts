/** Reads of a log that are repeated while it does not answer, and go on, if that is wished, behind what it no longer keeps. */

import { retry } from '../retry.ts';
import { type EventLog, LogError, type ReadResult } from './log.ts';

/** The part of a log that only reads. */
export type ReadableLog = Pick<EventLog, 'shards' | 'earliest' | 'latest' | 'read'>;

export interface RetryingLogOptions {
  /** For how long a log that does not answer is asked again. Default: 10 minutes. */
  readonly patienceMilliseconds?: number | undefined;
  /** Ends the pauses: nothing is asked again once it is aborted. */
  readonly signal: AbortSignal;
  /** Called with the reason when a question is asked again for the first time, and with null when all have been answered. */
  readonly onWaiting: (reason: string | null) => void;
  /** Called with a notice when `readOn` passes over records that retention has removed. Without it, that is an error. */
  readonly onSkipped?: ((notice: string) => void) | undefined;
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

  /**
   * Reads as `read` does. Where retention has removed the records at the position, reads from the earliest that is kept, if
   * the options allow it.
   * @throws LogError `expired`, naming the option, when they do not, or when the log does not reach the position
   */
  async readOn(...[topic, shard, from, limits]: Parameters<EventLog['read']>): Promise<ReadResult> {
    try {
      return await this.read(topic, shard, from, limits);
    } catch (error) {
      if (!(error instanceof LogError && error.code === 'expired')) {
        throw error;
      }
      const earliest = await this.earliest(topic, shard);
      if (isOffset(from) && isOffset(earliest) && BigInt(earliest) <= BigInt(from)) {
        throw error;
      }
      const { onSkipped } = this.options;
      if (onSkipped === undefined) {
        const remedy =
          'Run again with --skip-expired to go on without them, from the earliest record that is kept.';
        throw new LogError('expired', `${error.message} ${remedy}`, { cause: error });
      }
      onSkipped(
        `Passed over the records of ${topic}/${shard} from ${from} up to before the earliest that is kept, ${earliest}: they are lost.`,
      );
      return this.read(topic, shard, earliest, limits);
    }
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

/** Tells offsets from the positions of Kinesis, which are not in order with its earliest one, TRIM_HORIZON. */
function isOffset(position: string): boolean {
  return /^[0-9]+$/.test(position);
}

function mayPass(error: unknown): boolean {
  return error instanceof LogError && (error.code === 'unavailable' || error.code === 'throttled');
}
