/** A partition that another process writes, or none does: its end is the watermark that the writer leaves. */

import { Waiters } from '../waiters.ts';
import type { Partition } from './partition.ts';
import { findEnd, listSegments } from './segments.ts';
import { readWatermark } from './watermark.ts';

const pollMilliseconds = 25;

/** Follows a partition's folder. */
export class Follower implements Partition {
  readonly #folder: string;
  readonly #waiters = new Waiters();
  #end: number;
  #closed = false;

  private constructor(folder: string, end: number) {
    this.#folder = folder;
    this.#end = end;
  }

  /**
   * @param hasWriter whether the log is being written: without a writer there is nobody to cut off what was not yet
   * acknowledged, so all that lies there whole is read (after a power cut the watermark may be an older one)
   */
  static async open(folder: string, hasWriter: () => boolean): Promise<Follower> {
    if (hasWriter()) return new Follower(folder, readWatermark(folder));
    const last = (await listSegments(folder)).at(-1);
    const end = last ? (await findEnd(last)).offset : 0;
    return new Follower(folder, Math.max(end, readWatermark(folder)));
  }

  end(): number {
    this.#end = Math.max(this.#end, readWatermark(this.#folder));
    return this.#end;
  }

  async grownBeyond(offset: number, waitMilliseconds: number): Promise<boolean> {
    const deadline = performance.now() + waitMilliseconds;
    while (this.end() <= offset) {
      const left = deadline - performance.now();
      if (left <= 0 || this.#closed) return false;
      await this.#waiters.wait(Math.min(left, pollMilliseconds));
    }
    return true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiters.wake(false);
  }
}
