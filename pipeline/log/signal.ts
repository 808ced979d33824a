/** Waiting for something to happen in this process, without polling. */

/** Wakes all that wait in this process for one thing: records, room, the end. */
export class Signal {
  private readonly waiting = new Set<(happened: boolean) => void>();

  /** Resolves with the argument of `wake`, or with false when time is up. */
  wait(milliseconds: number): Promise<boolean> {
    if (milliseconds <= 0) {
      return Promise.resolve(false);
    }
    return new Promise((resolve) => {
      const resume = (happened: boolean): void => {
        clearTimeout(timer);
        this.waiting.delete(resume);
        resolve(happened);
      };
      const timer = setTimeout(resume, milliseconds, false);
      this.waiting.add(resume);
    });
  }

  /** Resolves all waits. */
  wake(happened: boolean): void {
    for (const resume of [...this.waiting]) {
      resume(happened);
    }
  }
}
