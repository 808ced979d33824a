/** The status of a running stream: plain data, the same for the terminal, the live page and a test. */
import type { QuarantineReason } from '../json/decoder.ts';
import type { Nulled } from '../json/nulled.ts';

/** Events of one dataset since the lake was created. read = kept + repeated + those quarantined + erased. */
export interface StreamTotals {
  readonly name: string;
  readonly read: number;
  /** Different rows, once cleaned. */
  readonly kept: number;
  /** Events whose cleaned row silver held already. */
  readonly repeated: number;
  readonly quarantined: Readonly<Record<QuarantineReason, number>>;
  /** Values that rules have made null, by column and rule. */
  readonly nulled: Nulled;
  /** Events of posts that were erased before they came. */
  readonly erased: number;
}

/** Distance of one shard's reader from the head. */
export interface StreamLag {
  readonly stream: string;
  readonly shard: string;
  /** Records that are not read yet, null where the log does not say. */
  readonly records: number | null;
  /** Age of the oldest record that is not read yet in milliseconds, null where the log does not say. */
  readonly milliseconds: number | null;
}

/** A Delta table of a stream, as of its last commit. */
export interface StreamTable {
  readonly dataset: string;
  readonly layer: 'silver' | 'quarantine';
  readonly version: number;
  readonly files: number;
  readonly bytes: number;
}

/** One micro-batch, from reading to committed silver and updated answers. */
export interface MicroBatchStatus {
  readonly number: number;
  readonly events: number;
  readonly milliseconds: number;
}

export interface StreamStatus {
  /** `replaying`: what an earlier run left is taken in again; `waiting`: the log does not answer, and is asked again. */
  readonly state: 'replaying' | 'running' | 'waiting' | 'ended' | 'failed';
  /** Reason for waiting, or the failure, in words. */
  readonly message?: string;
  readonly totals: readonly StreamTotals[];
  /** Over the last seconds. */
  readonly eventsPerSecond: number;
  readonly lag: readonly StreamLag[];
  /** The last micro-batch; null before the first. */
  readonly batch: MicroBatchStatus | null;
  /** Time at which the newest event in the answers was appended, milliseconds since 1970; null before the first. */
  readonly newestEventAt: number | null;
}
