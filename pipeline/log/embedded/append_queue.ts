/** Appends that wait for their turn to be written to a partition. */

import type { LogError } from '../log.ts';
import { type PendingRecord, storedBytes } from './record.ts';

const groupBytes = 8 * 1024 * 1024;

/** Records that are written together, and whoever waits for them. */
interface Append {
  readonly records: readonly PendingRecord[];
  readonly bytes: number;
  /** Milliseconds, by `performance.now()`. */
  readonly since: number;
  readonly resolve: (firstOffset: number) => void;
  readonly reject: (error: LogError) => void;
}

/** Appends that go into one write. */
export class AppendGroup {
  readonly records: readonly PendingRecord[];
  /** The time at which it was begun, in milliseconds by `performance.now()`. */
  readonly since = performance.now();
  /** The reason for which its appends were refused while it was being written. */
  refusal: LogError | null = null;

  constructor(private readonly appends: readonly Append[]) {
    this.records = appends.flatMap((append) => append.records);
  }

  resolve(firstOffset: number): void {
    let offset = firstOffset;
    for (const { records, resolve } of this.appends) {
      resolve(offset);
      offset += records.length;
    }
  }

  refuse(error: LogError): void {
    this.refusal = error;
    for (const { reject } of this.appends) {
      reject(error);
    }
  }
}

/** A queue whose oldest append comes first. */
export class AppendQueue {
  private appends: Append[] = [];
  /** Bytes of its records, as they will be stored. */
  bytes = 0;

  /** Adds records; resolves with the offset of the first when they are written. */
  add(records: readonly PendingRecord[]): Promise<number> {
    const bytes = bytesOf(records);
    this.bytes += bytes;
    return new Promise((resolve, reject) => {
      this.appends.push({ records, bytes, since: performance.now(), resolve, reject });
    });
  }

  isEmpty(): boolean {
    return this.appends.length === 0;
  }

  /** Takes as many as go into one write, and one at least. */
  takeGroup(): AppendGroup {
    let bytes = 0;
    let count = 0;
    for (const append of this.appends) {
      if (count > 0 && bytes + append.bytes > groupBytes) {
        break;
      }
      bytes += append.bytes;
      count += 1;
    }
    return new AppendGroup(this.take(count));
  }

  /** Refuses those that have waited since a time, or longer. */
  refuseSince(time: number, error: LogError): void {
    const kept = this.appends.findIndex(({ since }) => since > time);
    for (const { reject } of this.take(kept < 0 ? this.appends.length : kept)) {
      reject(error);
    }
  }

  private take(count: number): readonly Append[] {
    const taken = this.appends.splice(0, count);
    this.bytes -= taken.reduce((sum, { bytes }) => sum + bytes, 0);
    return taken;
  }
}

export function bytesOf(records: readonly PendingRecord[]): number {
  return records.reduce((sum, record) => sum + storedBytes(record), 0);
}
