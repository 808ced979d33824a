/**
 * The event log behind topics and streams. One interface for `embedded:DIR`, `kafka://host:port` and
 * `kinesis://region`: a topic (or stream) has shards (Kafka: partitions), and each shard is a sequence of records
 * whose positions (offsets, sequence numbers) grow. Positions are strings: Kinesis's do not fit a number.
 */

/** One record as it is written. */
export interface NewRecord {
  /** The JSON of an event, in UTF-8. */
  readonly value: Uint8Array;
  /** Records of one key go to one shard, in the order of appending; without a key they are spread. */
  readonly key?: string;
  /** The shard itself, where the writer chooses it and the log allows that. */
  readonly shard?: string;
  /** The span that sent it, where that is traced (`pipeline/telemetry/traceparent.ts`). Kinesis keeps none. */
  readonly traceparent?: string | undefined;
}

/** The position of an appended record, or the reason why it was not appended. */
export type AppendResult =
  | { readonly shard: string; readonly position: string }
  | { readonly error: LogError };

export interface LogRecord {
  readonly position: string;
  /** Empty for a tombstone. */
  readonly value: Uint8Array;
  /** The value is null, which Kafka alone has: it says that a key is deleted, and is no event. */
  readonly isTombstone?: true;
  readonly key: string | null;
  /** Time of the append, milliseconds since 1970. */
  readonly timestamp: number;
  /** The `traceparent` that it was written with. */
  readonly traceparent?: string;
}

/** Different values of `traceparent` that are kept of records: a span has no more links by OpenTelemetry's default. */
export const mostTraceparents = 128;

/** The result of one read of a shard. */
export interface ReadResult {
  readonly records: readonly LogRecord[];
  /** Position of the next read, to be passed back unchanged. */
  readonly next: string;
  /** Number of records up to the head, or null where the log does not say. */
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
  /** Creates a topic if it does not exist; tells whether it was created. */
  createTopic(topic: string, shards: number): Promise<boolean>;
  /**
   * Deletes a topic with its records. When it resolves, the topic is gone, and may be created again; its readers get
   * `unknown_topic` (or `expired`, when it was created again in the meantime and is shorter).
   * @throws LogError `unknown_topic`
   */
  deleteTopic(topic: string): Promise<void>;
  /** Appends records durably; a result for each, in their order. @throws LogError when none could be taken */
  append(topic: string, records: readonly NewRecord[]): Promise<readonly AppendResult[]>;
  /** The position from which everything that is still kept is read. */
  earliest(topic: string, shard: string): Promise<string>;
  /** The position after the last record. */
  latest(topic: string, shard: string): Promise<string>;
  /**
   * Reads records from a position (as `earliest`, `latest` or `next` gave it).
   * Waits up to `waitMilliseconds` for the first record, and gives none when there is none.
   * @throws LogError `expired` when records at the position are no longer kept: none is skipped silently
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
  /** Acknowledged records are gone or unreadable: asking again does not help. */
  | 'damaged'
  | 'unavailable';

/** An error of a log, in terms that every log shares. */
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
