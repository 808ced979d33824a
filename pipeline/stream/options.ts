/** The settings of a stream, and what a running one offers. */

import type { ColumnarTable } from '../columns/table.ts';
import type { DeltaOptions } from '../delta/table.ts';
import type { EventLog } from '../log/log.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Query } from '../plan/query.ts';
import type { BatchStep, FinishedBatch, MicroBatchLimits } from './dataset_options.ts';
import type { StreamStatus, StreamTable } from './status.ts';

/** The source, the destination and the settings of a stream. */
export interface StreamOptions {
  readonly log: EventLog;
  readonly datasets: readonly Dataset[];
  readonly queries: readonly Query[];
  /** The stream of each dataset, by the dataset's name; one that does not exist yet is waited for. Default: that of `namesOf`. */
  readonly streams?: Readonly<Record<string, string>>;
  /** A folder or `s3://bucket/prefix`; it will contain `stream/silver/<dataset>` and the other tables. */
  readonly lake: string;
  /** A folder of this machine that no other streams use. */
  readonly checkpoints: string;
  /** Default: 16 MiB, 50 ms. */
  readonly microBatch?: Partial<MicroBatchLimits>;
  /** Gold that has changed is written this often. Default: 10 s. */
  readonly goldEveryMilliseconds?: number;
  /** Ends the stream when no record came for this long. Default: never. */
  readonly untilIdleMilliseconds?: number;
  /** For how long a log that does not answer is asked again. Default: 10 minutes. */
  readonly patienceMilliseconds?: number;
  /** Memory that this process may take; near it, the stream ends. Default: what the machine has. */
  readonly memoryBytes?: number | undefined;
  /** Goes on with the earliest record where retention has removed those that come next. Default: that is an error. */
  readonly skipExpired?: boolean;
  /** Stops the stream as `stop` does. */
  readonly signal?: AbortSignal;
  /** Called with what a person may want to know. */
  readonly onNotice?: (notice: string) => void;
  /** Called between the steps of each micro-batch; an error that it throws ends the stream there. */
  readonly onStep?: (step: BatchStep, dataset: Dataset) => void | Promise<void>;
  /** Called when a micro-batch is committed and answered. */
  readonly onBatch?: ((batch: FinishedBatch, dataset: Dataset) => void) | undefined;
  /** Gives the options of the table at a path, for example another storage. */
  readonly tableOptions?: (path: string) => DeltaOptions;
}

/** A running stream. */
export interface RunningStream {
  /** Resolves when the stream was stopped, what was begun is committed, and gold is written; rejects when it cannot continue. */
  readonly done: Promise<void>;
  status(): StreamStatus;
  /** Answers a query from all that is committed. @throws RangeError when the query is not one of the stream's */
  answer(query: Query): ColumnarTable;
  /** The cleaned rows of a dataset, each once. */
  silver(dataset: Dataset): ColumnarTable;
  /** The Delta tables that it writes in every micro-batch. */
  tables(): readonly StreamTable[];
  /** Number of micro-batches that were committed; a listener can compare it. */
  readonly version: number;
  /** Calls the listener after each micro-batch and when the state changes; returns a function that ends this. */
  onChange(listener: () => void): () => void;
  /** Resolves when all that is in the log now is committed and answered. */
  drain(): Promise<void>;
  /** Finishes the micro-batch, writes gold, and ends. Resolves as `done` does. */
  stop(): Promise<void>;
}
