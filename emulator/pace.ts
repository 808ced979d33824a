/**
 * Computes when posts are due. An open loop: what is due does not depend on how long earlier posts took, so a slow endpoint
 * does not make the load lighter, and the rate is kept exactly over any length of time.
 */
export class Pace {
  /** Start of the current rate, in milliseconds; null while paused. */
  private since: number | null;
  /** Posts begun since then. */
  private begun = 0;

  /** @param postsPerSecond Infinity: as fast as they are taken */
  constructor(
    private postsPerSecond: number,
    now: number,
  ) {
    this.since = now;
  }

  get rate(): number {
    return this.postsPerSecond;
  }

  get paused(): boolean {
    return this.since === null;
  }

  /** Gives the time when more posts are due: in the past when they are late, Infinity while paused. */
  dueAt(posts: number, now: number): number {
    if (this.since === null) {
      return Infinity;
    }
    return this.postsPerSecond === Infinity
      ? now
      : this.since + ((this.begun + posts - 1) / this.postsPerSecond) * 1000;
  }

  /** Notes that posts were begun. */
  begin(posts: number): void {
    this.begun += posts;
  }

  /** Changes the rate from now on; what was late is not made up for. */
  setRate(rate: number, now: number): void {
    this.postsPerSecond = rate;
    if (this.since !== null) {
      this.restart(now);
    }
  }

  pause(): void {
    this.since = null;
  }

  /** Resumes; posts that would have been due in the meantime are not made up for. */
  resume(now: number): void {
    if (this.since === null) {
      this.restart(now);
    }
  }

  private restart(now: number): void {
    this.since = now;
    this.begun = 0;
  }
}
