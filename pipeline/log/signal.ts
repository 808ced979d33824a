/** Waiting for something to happen in this process, without asking again and again. */

/** Those who wait for records, or for room. */
export class Signal {
  private readonly waiting = new Set<(happened: boolean) => void>();

  /** Resolves with what `wake` is given, or with false when time is up. */
  wait(milliseconds: number): Promise<boolean> {
    if (milliseconds <= 0) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (happened: boolean): void => {
        clearTimeout(timer);
        this.waiting.delete(settle);
        resolve(happened);
      };
      const timer = setTimeout(settle, milliseconds, false);
      this.waiting.add(settle);
    });
  }

  /** Lets all that wait go on. */
  wake(happened: boolean): void {
    for (const settle of [...this.waiting]) settle(happened);
  }
}
