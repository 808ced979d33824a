/** Tasks that run side by side until they are told to end. */

import { setMaxListeners } from 'node:events';

/**
 * Tasks that end together: the first failure aborts the signal that all of them watch, and `join` waits for the last.
 *
 * ```ts
 * const group = new TaskGroup(signal);
 * group.spawn(async () => { while (!group.signal.aborted) await readOn(group.signal); });
 * await group.join();
 * ```
 */
export class TaskGroup {
  /** Aborted when the tasks shall end: by `abort`, by a failure, or by the signal that the group was given. */
  readonly signal: AbortSignal;
  private readonly controller = new AbortController();
  private readonly running = new Set<Promise<void>>();
  private failure: { readonly error: unknown } | null = null;

  constructor(outer?: AbortSignal) {
    const { signal } = this.controller;
    this.signal = outer === undefined ? signal : AbortSignal.any([outer, signal]);
    // Each task listens while it waits.
    setMaxListeners(0, this.signal);
  }

  /** The number of tasks that run. */
  get size(): number {
    return this.running.size;
  }

  get hasFailed(): boolean {
    return this.failure !== null;
  }

  /** Starts a task, which is expected to end soon after the signal is aborted. */
  spawn(task: () => Promise<void>): void {
    const ended: Promise<void> = Promise.resolve()
      .then(task)
      .catch((error) => this.fail(error))
      .finally(() => this.running.delete(ended));
    this.running.add(ended);
  }

  /** Asks all tasks to end. */
  abort(): void {
    this.controller.abort();
  }

  /** Asks all tasks to end because of an error; the first one is kept. */
  fail(error: unknown): void {
    this.failure ??= { error };
    this.abort();
  }

  /** Resolves when no task runs any more, those included that were started meanwhile. @throws the first failure */
  async join(): Promise<void> {
    while (this.running.size > 0) {
      await Promise.all(this.running);
    }
    this.throwFailure();
  }

  /** @throws the first failure, if there was one */
  throwFailure(): void {
    if (this.failure !== null) {
      throw this.failure.error;
    }
  }
}
