/** One partition as a reader sees it: its segments, up to the high watermark. */

import { LogError, type ReadResult } from '../log.ts';
import { listSegments, lostSegments, readSegment, type Segment } from './segments.ts';

/** A partition that this process or another one writes. */
export interface Partition {
  /** The offset after the last record that may be read. */
  end(): number;
  /** Resolves with true when the end is beyond an offset, with false when time is up or the log was closed. */
  grownBeyond(offset: number, waitMilliseconds: number): Promise<boolean>;
  /** Tells whether another process deleted it; a partition that has its name now is another one. */
  wasDeleted(): boolean;
  close(): Promise<void>;
}

/** Reads the segments of a partition. */
export class PartitionReader {
  private segments: Segment[] = [];

  /** @param name `topic/partition`, for errors */
  constructor(
    private readonly name: string,
    private readonly folder: string,
    private readonly partition: Partition,
  ) {}

  /** The offset of the first record that is still kept. */
  async earliest(): Promise<number> {
    await this.listSegments();
    return this.segments[0]?.base ?? 0;
  }

  /** Reads as `EventLog.read` says. */
  async read(from: number, maximumBytes: number, waitMilliseconds: number): Promise<ReadResult> {
    const end = this.partition.end();
    if (from > end) {
      throw await this.outOfRange(from);
    }
    if (from === end && !(await this.partition.grownBeyond(from, waitMilliseconds))) {
      return { records: [], next: String(from), recordsBehind: 0, millisecondsBehind: 0, closed: false };
    }
    const records = await this.readOnce(from, maximumBytes);
    const next = from + records.length;
    const recordsBehind = this.partition.end() - next;
    const last = records.at(-1);
    const millisecondsBehind = recordsBehind === 0 || !last ? 0 : Math.max(0, Date.now() - last.timestamp);
    return { records, next: String(next), recordsBehind, millisecondsBehind, closed: false };
  }

  private async readOnce(from: number, maximumBytes: number) {
    for (let attempt = 0; ; attempt++) {
      const segment = await this.segmentOf(from, attempt > 0);
      try {
        const records = await readSegment(segment, from, this.partition.end(), maximumBytes);
        if (records.length > 0) {
          return records;
        }
      } catch (error) {
        // Retention removed the file between listing and opening.
        if (!isMissing(error)) {
          throw error;
        }
      }
      if (attempt === 2) {
        throw new LogError(
          'damaged',
          `The log has lost a file: ${this.name} holds nothing at offset ${from}, before its end ${this.partition.end()}. Restore ${this.folder} from a copy.`,
        );
      }
    }
  }

  private async segmentOf(offset: number, again: boolean): Promise<Segment> {
    const last = this.segments.at(-1);
    // The last segment that was listed may have been followed by another since.
    if (again || last === undefined || offset >= last.base) {
      await this.listSegments();
    }
    const segment = this.segments.findLast(({ base }) => base <= offset);
    if (segment === undefined) {
      throw await this.outOfRange(offset);
    }
    return segment;
  }

  private async listSegments(): Promise<void> {
    // Before the list: a record that is appended meanwhile may be the first.
    const end = this.partition.end();
    try {
      this.segments = await listSegments(this.folder, this.segments);
    } catch (error) {
      if (!isMissing(error)) {
        throw error;
      }
      throw this.deleted();
    }
    if (this.segments.length === 0 && end > 0) {
      throw this.partition.wasDeleted() ? this.deleted() : lostSegments(this.folder, end);
    }
  }

  private deleted(): LogError {
    return new LogError('unknown_topic', `${this.name} no longer exists: its topic was deleted.`);
  }

  private async outOfRange(offset: number): Promise<LogError> {
    const [earliest, end] = [await this.earliest(), this.partition.end()];
    return new LogError(
      'expired',
      `Offset ${offset} of ${this.name} is not in the log, which holds ${earliest} up to before ${end}. ${
        offset > end ? 'The log was replaced or cut since that offset was read.' : 'Retention removed it.'
      }`,
    );
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
