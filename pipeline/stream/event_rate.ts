/** Events a second, over the last few seconds. */

const windowMilliseconds = 5000;

export class EventRate {
  /** Micro-batches of the window, the newest last. */
  private recent: { readonly at: number; readonly events: number }[] = [];

  note(events: number): void {
    this.recent.push({ at: performance.now(), events });
  }

  get perSecond(): number {
    const since = performance.now() - windowMilliseconds;
    this.recent = this.recent.filter(({ at }) => at >= since);
    return this.recent.reduce((sum, { events }) => sum + events, 0) / (windowMilliseconds / 1000);
  }
}
