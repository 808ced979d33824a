/** The data behind the live page, supplied by the command that runs a stream. */

import type { ColumnarTable } from '../../columns/table.ts';
import type { Comparison } from '../../compare/comparison.ts';
import type { Query } from '../../plan/query.ts';
import type { StreamStatus } from '../../stream/status.ts';

export interface LiveSource {
  readonly queries: readonly Query[];
  readonly stream: LiveStream;
  /** The emulator, where it runs in this process. */
  readonly emulator?: EmulatorControl | undefined;
  /** The last comparison of batch and stream, null before the first; present where both run. */
  comparison?(): Comparison | null;
}

/** The part of a running stream that the page needs. */
export interface LiveStream {
  /** Grows whenever an answer may have changed. */
  readonly version: number;
  /** The current answer. */
  answer(query: Query): ColumnarTable;
  status(): StreamStatus;
  /** Calls the listener when the version has grown or the state has changed. @returns the function that unsubscribes */
  onChange(listener: () => void): () => void;
}

/** The state of the emulator. */
export interface EmulatorStatus {
  readonly paused: boolean;
  /** The requested rate, in posts a second. */
  readonly askedRate: number;
  /** Posts sent so far. */
  readonly sent: number;
}

/** The controls of the emulator that the page offers. */
export interface EmulatorControl {
  status(): EmulatorStatus;
  pause(): void;
  resume(): void;
  /** @param rate posts a second, above 0 */
  setRate(rate: number): void;
}

/** Everything that the page shows beside the answers. */
export interface LiveStatus extends StreamStatus {
  /** Null where the emulator runs elsewhere. */
  readonly emulator: EmulatorStatus | null;
  /** Null where no batch runs, or before the first comparison. */
  readonly comparison: Comparison | null;
}

/** The current status of a source. */
export function statusOf(source: LiveSource): LiveStatus {
  return {
    ...source.stream.status(),
    emulator: source.emulator?.status() ?? null,
    comparison: source.comparison?.() ?? null,
  };
}
