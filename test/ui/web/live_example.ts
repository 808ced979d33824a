/** A source for the live page whose answers a test sets, and an emulator that remembers what it was told. */

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
    quarantined: { malformed_json: 60, missing_key: 7 },
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

/** A source that a test changes with `set`; everybody who listens hears of it. */
export class ExampleSource implements LiveSource, LiveStream {
  readonly queries = queries;
  readonly emulator: RememberingEmulator | undefined;
  readonly stream = this;
  readonly #rows = new Map<string, readonly Row[]>();
  readonly #listeners = new Set<() => void>();
  version = 1;
  #status = runningStatus;

  constructor({ withEmulator = true } = {}) {
    this.emulator = withEmulator ? new RememberingEmulator(() => this.#tell()) : undefined;
    for (const query of queries) this.#rows.set(query.name, rowsOfAnswer(query));
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  rows = ({ name }: Query) => this.#rows.get(name) ?? [];
  answer = (query: Query) => tableOfRows(query.schema, this.rows(query));
  status = () => this.#status;
  comparison = () => sameOnBoth;

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(query: Query, rows: readonly Row[]): void {
    this.#rows.set(query.name, rows);
    this.version += 1;
    this.#tell();
  }

  setStatus(changes: Partial<StreamStatus>): void {
    this.#status = { ...this.#status, ...changes };
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

class RememberingEmulator implements EmulatorControl {
  readonly told: string[] = [];
  #paused = false;
  #rate = 100;

  constructor(private readonly onChange: () => void) {}

  status = () => ({ paused: this.#paused, askedRate: this.#rate, sent: 411_522 });

  pause(): void {
    this.#paused = true;
    this.#remember('pause');
  }

  resume(): void {
    this.#paused = false;
    this.#remember('resume');
  }

  setRate(rate: number): void {
    this.#rate = rate;
    this.#remember(`rate ${rate}`);
  }

  #remember(what: string): void {
    this.told.push(what);
    this.onChange();
  }
}
