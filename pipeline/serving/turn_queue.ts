/**
 * Work for the event loop, in the order in which it came and a short time of it a turn. A loop that did all at once would take
 * nothing else meanwhile: what waits for a disk takes several turns, and would wait as long for each of them.
 */

export interface TurnLimits {
  /** Time of a turn for such work; what was begun is finished. */
  readonly turnMilliseconds: number;
  /** Longest time that anything waits. */
  readonly waitMilliseconds: number;
}

export class TurnQueue {
  private startedAt: number | undefined;
  private waiting = 0;

  constructor(private readonly limits: TurnLimits) {}

  /** Calls back: at once, where nothing waits and the turn has time left. @param begin gets false for what has waited too long */
  enter(begin: (isInTime: boolean) => void): void {
    const now = performance.now();
    if (this.waiting === 0 && this.hasTimeAt(now)) {
      begin(true);
      return;
    }
    this.waiting += 1;
    const inTurn = () => {
      const turn = performance.now();
      const isInTime = turn - now <= this.limits.waitMilliseconds;
      // Work that is too late costs next to nothing.
      if (isInTime && !this.hasTimeAt(turn)) {
        setImmediate(inTurn);
        return;
      }
      this.waiting -= 1;
      begin(isInTime);
    };
    setImmediate(inTurn);
  }

  private hasTimeAt(now: number): boolean {
    if (this.startedAt === undefined) {
      this.startedAt = now;
      // Runs in the next turn, before all that waits until then.
      setImmediate(() => {
        this.startedAt = undefined;
      });
    }
    return now - this.startedAt <= this.limits.turnMilliseconds;
  }
}
