import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** The state of an emulation. Each post that was begun is sent, unsent, or in flight. */
export interface EmulationSnapshot {
  readonly posts: {
    readonly begun: number;
    /** All of whose events arrived. */
    readonly sent: number;
    /** With an event that did not arrive; kept in the file of unsent posts. */
    readonly unsent: number;
    readonly inFlight: number;
  };
  readonly events: { readonly sent: number; readonly unsent: number };
  /** Failed requests by reason, whether or not they were sent again. */
  readonly failures: Readonly<Record<string, number>>;
  /** Requests that were sent again. */
  readonly retries: number;
  /** Posts sent a second, over about the last five seconds. */
  readonly rate: number;
  /** The requested rate, posts a second; Infinity: as fast as possible. */
  readonly askedRate: number;
  readonly paused: boolean;
  /** From when a post was due until all of it arrived, in milliseconds; null before the first. */
  readonly latency: { readonly p50: number; readonly p99: number } | null;
  readonly seconds: number;
}

const windowMilliseconds = 5000;
const sampleMilliseconds = 100;

/** Counts what an emulation does. */
export class Statistics {
  begun = 0;
  sent = 0;
  unsent = 0;
  eventsSent = 0;
  eventsUnsent = 0;
  retries = 0;
  private readonly failures = new Map<string, number>();
  private readonly latency: RecordableHistogram = createHistogram();
  private readonly startedAt: number;
  /** Times and counts of sent posts, the oldest about a window ago. */
  private samples: { readonly at: number; readonly sent: number }[];

  constructor(now: number) {
    this.startedAt = now;
    this.samples = [{ at: now, sent: 0 }];
  }

  /** Notes that a post arrived, or all of it that will. */
  end(wasSent: boolean, milliseconds: number, now: number): void {
    if (!wasSent) {
      this.unsent += 1;
      return;
    }
    this.sent += 1;
    this.latency.record(Math.max(1, Math.round(milliseconds * 1000)));
    this.sample(now);
  }

  fail(reason: string, willRetry: boolean): void {
    this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1);
    this.retries += willRetry ? 1 : 0;
  }

  snapshot(now: number, asked: { readonly rate: number; readonly paused: boolean }): EmulationSnapshot {
    this.sample(now);
    const [oldest = { at: now, sent: this.sent }] = this.samples;
    const seconds = (now - oldest.at) / 1000;
    return {
      posts: {
        begun: this.begun,
        sent: this.sent,
        unsent: this.unsent,
        inFlight: this.begun - this.sent - this.unsent,
      },
      events: { sent: this.eventsSent, unsent: this.eventsUnsent },
      failures: Object.fromEntries(this.failures),
      retries: this.retries,
      rate: seconds > 0 ? (this.sent - oldest.sent) / seconds : 0,
      askedRate: asked.rate,
      paused: asked.paused,
      latency:
        this.sent === 0
          ? null
          : { p50: this.latency.percentile(50) / 1000, p99: this.latency.percentile(99) / 1000 },
      seconds: (now - this.startedAt) / 1000,
    };
  }

  private sample(now: number): void {
    const last = this.samples.at(-1);
    if (last === undefined || now - last.at >= sampleMilliseconds) {
      this.samples.push({ at: now, sent: this.sent });
      const first = this.samples.findIndex(({ at }) => now - at <= windowMilliseconds);
      this.samples = this.samples.slice(Math.max(0, first));
    }
  }
}
