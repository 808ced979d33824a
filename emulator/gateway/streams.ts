/** The store of streams behind the Kinesis side of the gateway. Answers are the Kinesis API's, as JSON. */

/** One record, as it is put. */
export interface StreamRecord {
  /** The JSON of an event, in UTF-8. */
  readonly data: Uint8Array;
  readonly partitionKey: string;
  /** The span of the request; a stream on AWS keeps none. */
  readonly traceparent: string | undefined;
}

/** The start of an iterator. */
export interface IteratorStart {
  readonly shardId: string;
  readonly type: string;
  readonly startingSequenceNumber: string | undefined;
}

export interface Streams {
  listStreams(nextToken: string | undefined): Promise<object>;
  createStream(name: string, shardCount: number): Promise<void>;
  describeStream(name: string): Promise<object>;
  deleteStream(name: string): Promise<void>;
  putRecord(name: string, record: StreamRecord): Promise<object>;
  putRecords(name: string, records: readonly StreamRecord[]): Promise<object>;
  getShardIterator(name: string, start: IteratorStart): Promise<object>;
  /** @param name the stream that the iterator must be of, where the store can tell */
  getRecords(name: string, iterator: string, limit: number | undefined): Promise<object>;
  close(): Promise<void>;
}

/** An error of the Kinesis API: its `__type`, such as `ResourceNotFoundException`. */
export class StreamsError extends Error {
  override readonly name = 'StreamsError';

  constructor(
    readonly type: string,
    message: string,
    /** The status of the Kinesis API: 400 when the request is wrong or comes too fast, 500 when Kinesis failed. */
    readonly status: 400 | 500 = 400,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
