/** The options of a dataset's stream, and what it tells of its micro-batches. */

import type { ColumnarTable } from '../columns/table.ts';
import type { DeltaOptions } from '../delta/table.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { CommittedBatch } from './batch_record.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { DatasetErasures } from './dataset_erasures.ts';
import type { Quarantine } from './quarantine.ts';
import type { Silver } from './silver.ts';
import type { StreamReaderOptions } from './stream_reader.ts';

/** The last step that a micro-batch has completed. */
export type BatchStep =
  | 'read'
  | 'written ahead'
  | 'decoded'
  | 'quarantine committed'
  | 'silver committed'
  | 'answered';

/** The size of a micro-batch. */
export interface MicroBatchLimits {
  /** A micro-batch of this many bytes of records waits for no more. */
  readonly bytes: number;
  /** Longest time that a record waits for others. */
  readonly milliseconds: number;
}

export interface DatasetStreamOptions
  extends Pick<StreamReaderOptions, 'log' | 'stream' | 'group' | 'onNotice'> {
  readonly dataset: Dataset;
  readonly lake: string;
  readonly checkpoints: string;
  readonly microBatch: MicroBatchLimits;
  /** Called with new rows, once they are committed. */
  readonly onRows: (rows: ColumnarTable) => void;
  /** Called with rows that were erased, once they are out of the tables. */
  readonly onRowsErased: (rows: ColumnarTable) => void;
  /** Called when a micro-batch is complete. */
  readonly onBatch: (batch: FinishedBatch) => void;
  readonly tableOptions: (path: string) => DeltaOptions;
  /** Called between the steps of a micro-batch; an error that it throws ends the stream there. */
  readonly onStep: (step: BatchStep) => void | Promise<void>;
}

export interface FinishedBatch {
  readonly stream: string;
  /** Its number in the checkpoint. */
  readonly number: number;
  readonly records: number;
  readonly events: number;
  readonly milliseconds: number;
  /** Time at which the newest of its events was appended, milliseconds since 1970. */
  readonly newestEventAt: number;
  /** Spans that sent its records, `mostTraceparents` of them at most. */
  readonly traceparents: readonly string[];
}

/** The checkpoint and the tables of a stream, and what silver's commits say of it. */
export interface OpenedStream {
  readonly checkpoint: Checkpoint;
  readonly silver: Silver;
  readonly quarantine: Quarantine;
  readonly erasures: DatasetErasures;
  readonly committed: CommittedBatch | null;
}
