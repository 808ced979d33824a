/** One turn of the event loop: it takes all requests that have come since the last. */
export class LoopTurn {
  private startedAt: number | undefined;

  /** Milliseconds since the first call in this turn. A request that comes now has waited for as long, and for the turn before. */
  elapsed(): number {
    const now = performance.now();
    if (this.startedAt === undefined) {
      this.startedAt = now;
      // Runs when the loop has taken what was there.
      setImmediate(() => {
        this.startedAt = undefined;
      });
    }
    return now - this.startedAt;
  }
}
