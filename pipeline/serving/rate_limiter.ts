/** Requests a second by caller: a bucket of tokens each, as API Gateway's throttling. */

interface Bucket {
  tokens: number;
  at: number;
}

/** Beyond so many callers, those whose buckets are full again are forgotten. */
const rememberedCallers = 10_000;

export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();
  private readonly burst: number;

  /**
   * @param perSecond of each caller; Infinity: no limit
   * @param now milliseconds
   */
  constructor(
    private readonly perSecond: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.burst = Math.max(1, 2 * perSecond);
  }

  /** Counts a request of a caller. @returns the seconds that it must wait; 0 when it is taken */
  take(caller: string): number {
    if (this.perSecond === Infinity) {
      return 0;
    }
    const bucket = this.bucketOf(caller);
    if (bucket.tokens < 1) {
      return (1 - bucket.tokens) / this.perSecond;
    }
    bucket.tokens -= 1;
    return 0;
  }

  /** Tells whether a caller has used up its requests, and counts none. @returns as `take` */
  wait(caller: string): number {
    const { tokens } = this.buckets.has(caller) ? this.bucketOf(caller) : { tokens: this.burst };
    return tokens < 1 ? (1 - tokens) / this.perSecond : 0;
  }

  get callers(): number {
    return this.buckets.size;
  }

  private bucketOf(caller: string): Bucket {
    const at = this.now();
    const bucket = this.buckets.get(caller) ?? { tokens: this.burst, at };
    bucket.tokens = this.tokensAt(bucket, at);
    bucket.at = at;
    if (!this.buckets.has(caller)) {
      this.forgetIdle(at);
      this.buckets.set(caller, bucket);
    }
    return bucket;
  }

  private tokensAt({ tokens, at }: Bucket, now: number): number {
    return Math.min(this.burst, tokens + ((now - at) / 1000) * this.perSecond);
  }

  private forgetIdle(now: number): void {
    if (this.buckets.size < rememberedCallers) {
      return;
    }
    for (const [caller, bucket] of this.buckets) {
      if (this.tokensAt(bucket, now) >= this.burst) {
        this.buckets.delete(caller);
      }
    }
    // All of them are at work: the one that has waited longest in the map makes room.
    const oldest = this.buckets.keys().next();
    if (this.buckets.size >= rememberedCallers && !oldest.done) {
      this.buckets.delete(oldest.value);
    }
  }
}
