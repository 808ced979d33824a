/**
 * The event log behind topics and streams. One interface for `embedded:DIR`, `kafka://host:port` and
 * `kinesis://region`: a topic (or stream) has shards (Kafka: partitions), and each shard is a sequence of records
 * whose positions (offsets, sequence numbers) grow. Positions are decimal text: Kinesis's do not fit a number.
 */

/** One record as it is written. */
export interface NewRecord {
  /** The JSON of an event, in UTF-8. */
  readonly value: Uint8Array;
  /** Records of one key go to one shard, in the order of appending; without a key they are spread. */
  readonly key?: string;
  /** The shard itself, where the writer chooses it and the log allows that. */
  readonly shard?: string;
}

/** Where a record came to lie, or why it did not. */
export type AppendResult =
  | { readonly shard: string; readonly position: string }
  | { readonly error: LogError };

export interface LogRecord {
  readonly position: string;
  readonly value: Uint8Array;
  readonly key: string | null;
  /** When the log took it, milliseconds since 1970. */
  readonly timestamp: number;
}

/** A part of a shard that was read. */
export interface ReadResult {
  readonly records: readonly LogRecord[];
  /** Where the next read goes on: hand it back as it is. */
  readonly next: string;
  /** Records that are still behind the head, or null where the log does not say. */
  readonly recordsBehind: number | null;
  /** Milliseconds behind the head, or null where the log does not say. */
  readonly millisecondsBehind: number | null;
  /** The shard was split or merged and will never hold more; read its children now. */
  readonly closed: boolean;
}

export interface Shard {
  readonly id: string;
  /** Shards that must be read to their end before this one (Kinesis, after a reshard). */
  readonly parents: readonly string[];
}

export interface EventLog {
  /** Topics or streams, sorted. */
  topics(): Promise<readonly string[]>;
  /** @throws LogError `unknown_topic` */
  shards(topic: string): Promise<readonly Shard[]>;
  /** Makes a topic if it is not there; says whether it was made. */
  createTopic(topic: string, shards: number): Promise<boolean>;
  /**
   * Deletes a topic with its records. When it resolves, the topic is gone, and may be made anew; who still reads it hears
   * `unknown_topic` (or `expired`, when it was made anew in the meantime and is shorter).
   * @throws LogError `unknown_topic`
   */
  deleteTopic(topic: string): Promise<void>;
  /** Appends records durably; a result for each, in their order. @throws LogError when none could be taken */
  append(topic: string, records: readonly NewRecord[]): Promise<readonly AppendResult[]>;
  /** The position from which everything that is still kept is read. */
  earliest(topic: string, shard: string): Promise<string>;
  /** The position behind the last record. */
  latest(topic: string, shard: string): Promise<string>;
  /**
   * Reads records from a position (as `earliest`, `latest` or `next` gave it).
   * Waits up to `waitMilliseconds` for the first record, and gives none when there is none.
   * @throws LogError `expired` when records at the position are no longer kept: nothing is passed over silently
   */
  read(
    topic: string,
    shard: string,
    from: string,
    limits: { readonly maximumBytes: number; readonly waitMilliseconds: number },
  ): Promise<ReadResult>;
  close(): Promise<void>;
}

export type LogErrorCode =
  | 'unknown_topic'
  | 'unknown_shard'
  | 'too_large'
  | 'expired'
  | 'throttled'
  | 'full'
  | 'refused'
  | 'unavailable';

/** What went wrong with the log, in terms that every log shares. */
export class LogError extends Error {
  override readonly name = 'LogError';

  constructor(
    readonly code: LogErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
