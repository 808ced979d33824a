/** Work on what is shared, one piece after the other. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Does a piece of work when all before it has ended, however it ended. */
  take(work: () => Promise<void>): Promise<void> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }
}
