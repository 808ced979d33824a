/** A source for the live page whose answers tests set, and an emulator that records its commands. */

import { type Row, tableOfRows } from '../../../pipeline/columns/table.ts';
import type { Comparison } from '../../../pipeline/compare/comparison.ts';
import type { Query } from '../../../pipeline/plan/query.ts';
import type { StreamStatus } from '../../../pipeline/stream/status.ts';
import type { EmulatorControl, LiveSource, LiveStream } from '../../../pipeline/ui/web/live_source.ts';
import { queries } from '../../../queries/index.ts';
import { rowsOfAnswer } from './example.ts';

export const runningStatus: StreamStatus = {
  state: 'running',
  totals: ['pin', 'geo', 'user'].map((name, index) => ({
    name,
    read: 1_234_567,
    kept: 1_230_000 - index,
    repeated: 4_500 + index,
    erased: 2 * index,
    quarantined: { malformed_json: 60, missing_key: 7 },
    nulled: index === 0 ? { 'follower_count = follower_count(follower_count)': 12 } : {},
  })),
  eventsPerSecond: 299.6,
  lag: ['pin', 'geo', 'user'].flatMap((name) =>
    ['0', '1', '2'].map((shard) => ({
      stream: `streaming-${name}`,
      shard,
      records: Number(shard) * 11,
      milliseconds: shard === '0' ? null : 120 * Number(shard),
    })),
  ),
  batch: { number: 4_321, events: 75, milliseconds: 38.4 },
  newestEventAt: Date.UTC(2026, 0, 2, 3, 4, 5),
};

export const sameOnBoth: Comparison = {
  at: Date.UTC(2026, 0, 2, 3, 4, 0),
  verdict: 'same',
  parts: [
    { what: 'pin in silver', batch: 1_230_000, stream: 1_230_000, same: true },
    { what: 'pin in quarantine', batch: 67, stream: 67, same: true },
    { what: 'users_joined_by_year', batch: 6, stream: 6, same: true },
  ],
};

/** A source that tests change with `set`, which notifies all listeners. */
export class ExampleSource implements LiveSource, LiveStream {
  readonly queries = queries;
  readonly emulator: RecordingEmulator | undefined;
  readonly stream = this;
  private readonly rowsByQuery = new Map<string, readonly Row[]>();
  private readonly subscribed = new Set<() => void>();
  version = 1;
  private currentStatus = runningStatus;

  constructor({ withEmulator = true } = {}) {
    this.emulator = withEmulator ? new RecordingEmulator(() => this.notify()) : undefined;
    for (const query of queries) {
      this.rowsByQuery.set(query.name, rowsOfAnswer(query));
    }
  }

  get listeners(): number {
    return this.subscribed.size;
  }

  rows = ({ name }: Query) => this.rowsByQuery.get(name) ?? [];
  answer = (query: Query) => tableOfRows(query.schema, this.rows(query));
  status = () => this.currentStatus;
  comparison = () => sameOnBoth;

  onChange(listener: () => void): () => void {
    this.subscribed.add(listener);
    return () => this.subscribed.delete(listener);
  }

  set(query: Query, rows: readonly Row[]): void {
    this.rowsByQuery.set(query.name, rows);
    this.version += 1;
    this.notify();
  }

  setStatus(changes: Partial<StreamStatus>): void {
    this.currentStatus = { ...this.currentStatus, ...changes };
    this.notify();
  }

  private notify(): void {
    for (const listener of this.subscribed) {
      listener();
    }
  }
}

class RecordingEmulator implements EmulatorControl {
  readonly commands: string[] = [];
  private paused = false;
  private rate = 100;

  constructor(private readonly onChange: () => void) {}

  status = () => ({ paused: this.paused, askedRate: this.rate, sent: 411_522 });

  pause(): void {
    this.paused = true;
    this.record('pause');
  }

  resume(): void {
    this.paused = false;
    this.record('resume');
  }

  setRate(rate: number): void {
    this.rate = rate;
    this.record(`rate ${rate}`);
  }

  private record(command: string): void {
    this.commands.push(command);
    this.onChange();
  }
}
