/** What the live page shows, handed in by whoever runs a stream. */

import type { ColumnarTable } from '../../columns/table.ts';
import type { Comparison } from '../../compare/comparison.ts';
import type { Query } from '../../plan/query.ts';
import type { StreamStatus } from '../../stream/status.ts';

export interface LiveSource {
  readonly queries: readonly Query[];
  readonly stream: LiveStream;
  /** Where posts come from, when that is in this process. */
  readonly emulator?: EmulatorControl | undefined;
  /** The last comparison with the batch way, null before the first; where both ways run. */
  comparison?(): Comparison | null;
}

/** As much of a running stream as the page needs. */
export interface LiveStream {
  /** Grows whenever an answer may have changed. */
  readonly version: number;
  /** The answer as it is now. */
  answer(query: Query): ColumnarTable;
  status(): StreamStatus;
  /** Calls the listener when the version has grown or the state has changed; returns what ends that. */
  onChange(listener: () => void): () => void;
}

/** How the emulator stands. */
export interface EmulatorStatus {
  readonly paused: boolean;
  /** What was asked for, posts a second. */
  readonly askedRate: number;
  /** Posts sent so far. */
  readonly sent: number;
}

/** The emulator, as far as the page can steer it. */
export interface EmulatorControl {
  status(): EmulatorStatus;
  pause(): void;
  resume(): void;
  /** @param rate posts a second, above 0 */
  setRate(rate: number): void;
}

/** Everything but the answers. */
export interface LiveStatus extends StreamStatus {
  /** Null where the emulator is elsewhere. */
  readonly emulator: EmulatorStatus | null;
  /** Null where there is no batch way to compare with, or nothing was compared yet. */
  readonly comparison: Comparison | null;
}

/** The status of a source as it is now. */
export function statusOf(source: LiveSource): LiveStatus {
  return {
    ...source.stream.status(),
    emulator: source.emulator?.status() ?? null,
    comparison: source.comparison?.() ?? null,
  };
}
