/** Records of one shard in a few arrays, because many wait for their micro-batch: an object for each would cost more. */
import { at } from '../columns/at.ts';
import { type LogRecord, mostTraceparents } from '../log/log.ts';
import { type RecordFingerprint, recordFingerprint } from './batch_record.ts';
import { isPacked } from './unpack.ts';

const newline = 0x0a;

export class RecordBlock {
  /** The values one after the other, each followed by a line end. */
  readonly lines: Uint8Array;
  /** Bytes of the values. */
  readonly bytes: number;
  readonly last: RecordFingerprint | null;
  /** Time at which the newest record was appended, milliseconds since 1970; 0 for an empty block. */
  readonly newest: number;
  /** Records that are not one line each, or may be packed, by their number, ascending. */
  readonly notOneEvent: readonly number[];
  /** Spans that sent records, `mostTraceparents` of them at most. */
  readonly traceparents: ReadonlySet<string>;
  /** Byte of `lines` where each value begins, and where one more would. */
  private readonly starts: Int32Array;
  private readonly positions: readonly string[];
  private readonly times: Float64Array;
  private readonly tombstones = new Set<number>();

  constructor(records: readonly LogRecord[]) {
    this.bytes = records.reduce((sum, { value }) => sum + value.length, 0);
    this.lines = new Uint8Array(this.bytes + records.length);
    this.starts = new Int32Array(records.length + 1);
    this.positions = records.map(({ position }) => position);
    this.times = Float64Array.from(records, ({ timestamp }) => timestamp);
    this.newest = records.reduce((newest, { timestamp }) => Math.max(newest, timestamp), 0);
    const last = records.at(-1);
    this.last = last ? recordFingerprint(last) : null;
    const notOneEvent: number[] = [];
    const traceparents = new Set<string>();
    let end = 0;
    let number = 0;
    for (const { value, isTombstone, traceparent } of records) {
      if (value.length === 0 || value.includes(newline) || isPacked(value)) {
        notOneEvent.push(number);
      }
      if (isTombstone) {
        this.tombstones.add(number);
      }
      if (traceparent !== undefined && traceparents.size < mostTraceparents) {
        traceparents.add(traceparent);
      }
      this.lines.set(value, end);
      end += value.length + 1;
      this.lines[end - 1] = newline;
      number += 1;
      this.starts[number] = end;
    }
    this.notOneEvent = notOneEvent;
    this.traceparents = traceparents;
  }

  /** The number of records. */
  get length(): number {
    return this.positions.length;
  }

  /** Tells whether a record has no value; it is one of those that are not one event. */
  isTombstone(number: number): boolean {
    return this.tombstones.has(number);
  }

  positionAt(number: number): string {
    return at(this.positions, number);
  }

  /** Time at which a record was appended, milliseconds since 1970. */
  timeAt(number: number): number {
    return at(this.times, number);
  }

  /** Gives the byte of `lines` where the value of a record begins. */
  startOf(number: number): number {
    return this.starts[number] ?? this.lines.length;
  }

  /** The value of a record, without its line end. */
  valueAt(number: number): Uint8Array {
    return this.lines.subarray(this.startOf(number), this.startOf(number + 1) - 1);
  }
}
