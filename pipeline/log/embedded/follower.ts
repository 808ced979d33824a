/** A partition that another process writes, or none does: its end is the watermark that the writer leaves. */

import { Signal } from '../signal.ts';
import type { Partition } from './partition.ts';
import { findEnd, listSegments, lostSegments } from './segments.ts';
import { WatermarkReader } from './watermark.ts';

const pollMilliseconds = 25;

/** Follows a partition's folder. */
export class Follower implements Partition {
  private readonly waiters = new Signal();
  private lastEnd: number;
  private closed = false;

  private constructor(
    private readonly watermark: WatermarkReader,
    end: number,
  ) {
    this.lastEnd = end;
  }

  /**
   * @param hasWriter tells whether the log is being written: without a writer there is nobody to cut off what was not yet
   * acknowledged, so all whole records are read (after a power cut the watermark may be an older one)
   * @throws LogError `damaged` when records that were acknowledged are gone
   */
  static async open(folder: string, hasWriter: () => boolean): Promise<Follower> {
    const watermark = new WatermarkReader(folder);
    const acknowledged = watermark.read();
    const last = (await listSegments(folder)).at(-1);
    if (last === undefined && acknowledged > 0 && !watermark.wasDeleted()) {
      watermark.close();
      throw lostSegments(folder, acknowledged);
    }
    if (hasWriter()) {
      return new Follower(watermark, acknowledged);
    }
    const end = last ? (await findEnd(last, acknowledged)).offset : 0;
    return new Follower(watermark, Math.max(end, acknowledged));
  }

  end(): number {
    if (!this.closed) {
      this.lastEnd = Math.max(this.lastEnd, this.watermark.read());
    }
    return this.lastEnd;
  }

  async grownBeyond(offset: number, waitMilliseconds: number): Promise<boolean> {
    const deadline = performance.now() + waitMilliseconds;
    while (this.end() <= offset) {
      const left = deadline - performance.now();
      if (left <= 0 || this.closed || this.wasDeleted()) {
        return false;
      }
      await this.waiters.wait(Math.min(left, pollMilliseconds));
    }
    return true;
  }

  wasDeleted(): boolean {
    return this.watermark.wasDeleted();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.waiters.wake(false);
    this.watermark.close();
  }
}
