/** Streams of the Kinesis API itself, at AWS or at a local endpoint. */
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  KinesisServiceException,
  ListStreamsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  ShardIteratorType,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type IteratorStart, type StreamRecord, type Streams, StreamsError } from './streams.ts';

export interface StreamsOnAwsOptions {
  readonly region: string;
  /** URL of a Kinesis API that is not AWS's own. */
  readonly endpoint?: string | undefined;
  /** The prefix of the streams that are listed. */
  readonly prefix: string;
}

export class StreamsOnAws implements Streams {
  private readonly client: KinesisClient;
  private readonly prefix: string;

  constructor({ region, endpoint, prefix }: StreamsOnAwsOptions) {
    this.prefix = prefix;
    this.client = new KinesisClient({
      region,
      // Callers of the API try again; API Gateway does not.
      maxAttempts: 1,
      // The client speaks HTTP/2 otherwise, which a local endpoint over plain HTTP does not.
      requestHandler: new NodeHttpHandler(),
      ...(endpoint === undefined ? {} : { endpoint }),
    });
  }

  async listStreams(nextToken: string | undefined): Promise<object> {
    const page = await passOn(
      this.client.send(
        new ListStreamsCommand({ Limit: 100, ...(nextToken ? { NextToken: nextToken } : {}) }),
      ),
    );
    return {
      StreamNames: (page.StreamNames ?? []).filter((name) => name.startsWith(this.prefix)),
      ...(page.NextToken ? { NextToken: page.NextToken } : {}),
      HasMoreStreams: page.HasMoreStreams ?? false,
    };
  }

  async createStream(name: string, shardCount: number): Promise<void> {
    await passOn(this.client.send(new CreateStreamCommand({ StreamName: name, ShardCount: shardCount })));
  }

  async describeStream(name: string): Promise<object> {
    return answerOf(await passOn(this.client.send(new DescribeStreamCommand({ StreamName: name }))));
  }

  async deleteStream(name: string): Promise<void> {
    await passOn(this.client.send(new DeleteStreamCommand({ StreamName: name })));
  }

  async putRecord(name: string, { data, partitionKey }: StreamRecord): Promise<object> {
    const record = { StreamName: name, Data: data, PartitionKey: partitionKey };
    return answerOf(await passOn(this.client.send(new PutRecordCommand(record))));
  }

  async putRecords(name: string, records: readonly StreamRecord[]): Promise<object> {
    const Records = records.map(({ data, partitionKey }) => ({ Data: data, PartitionKey: partitionKey }));
    return answerOf(await passOn(this.client.send(new PutRecordsCommand({ StreamName: name, Records }))));
  }

  async getShardIterator(name: string, { shardId, type, startingSequenceNumber }: IteratorStart) {
    const iteratorType = Object.values(ShardIteratorType).find((value) => value === type);
    if (iteratorType === undefined) {
      throw new StreamsError('ValidationException', `"${type}" is not a type of shard iterator.`);
    }
    const request = new GetShardIteratorCommand({
      StreamName: name,
      ShardId: shardId,
      ShardIteratorType: iteratorType,
      ...(startingSequenceNumber === undefined ? {} : { StartingSequenceNumber: startingSequenceNumber }),
    });
    return answerOf(await passOn(this.client.send(request)));
  }

  /** Iterators of AWS are sealed, and IAM holds their stream against the policy. */
  async getRecords(_: string, iterator: string, limit: number | undefined): Promise<object> {
    const request = { ShardIterator: iterator, ...(limit === undefined ? {} : { Limit: limit }) };
    return answerOf(await passOn(this.client.send(new GetRecordsCommand(request))));
  }

  async close(): Promise<void> {
    this.client.destroy();
  }
}

/** Restores the API's JSON as it was before the SDK read it: bytes in base 64, times in seconds since 1970. */
function answerOf({ $metadata, ...answer }: { $metadata: unknown }): object {
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, toJson(value)]));
}

function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return Buffer.from(value).toString('base64');
  }
  if (value instanceof Date) {
    return value.getTime() / 1000;
  }
  if (Array.isArray(value)) {
    return value.map(toJson);
  }
  if (value instanceof Object) {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, toJson(part)]));
  }
  return value;
}

async function passOn<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KinesisServiceException) {
      const status = (error.$metadata.httpStatusCode ?? 500) < 500 ? 400 : 500;
      throw new StreamsError(error.name, error.message, status, { cause: error });
    }
    throw new StreamsError('ServiceUnavailable', `Kinesis could not be reached: ${String(error)}`, 500, {
      cause: error,
    });
  }
}
