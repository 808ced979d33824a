/** The Kinesis side of the API, answered as API Gateway with the document's mapping templates would. */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { jsonContentType } from '../../pipeline/api/document.ts';
import { datasetOfStream } from '../../pipeline/naming.ts';
import type { Dataset } from '../../pipeline/plan/dataset.ts';
import { type BodyLimits, type MemoryBudget, readBody } from '../../pipeline/serving/body.ts';
import { Refused } from '../../pipeline/serving/refused.ts';
import { withRetryAfter } from '../../pipeline/serving/server.ts';
import { traceparentOfRequest } from '../../pipeline/telemetry/http_traces.ts';
import { fieldOf, jsonOf, textIn } from './fields.ts';
import type { KinesisOperation } from './operations.ts';
import { assertAllowed, type StreamPolicy } from './stream_policy.ts';
import { type StreamRecord, type Streams, StreamsError } from './streams.ts';
import { type BodyCheck, InvalidRequest, jsonText } from './validation.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply, body: BodyCheck) => Promise<unknown>;

/** Answers the operations on streams. */
export function kinesisHandlers(
  streams: Streams,
  datasets: readonly Dataset[],
  { policy, budget }: { readonly policy: StreamPolicy; readonly budget: MemoryBudget },
): Record<KinesisOperation, Handler> {
  const allowed = (operation: KinesisOperation, request: FastifyRequest): string => {
    const stream = textIn(request.params, 'stream_name') ?? '';
    assertAllowed(policy, operation, stream);
    return stream;
  };
  return {
    listStreams: (request) => streams.listStreams(textIn(request.query, 'next-token')),
    createStream: async (request, reply, body) => {
      body.check(request, undefined);
      const count = fieldOf(request.body, 'ShardCount');
      const stream = allowed('createStream', request);
      await streams.createStream(stream, typeof count === 'number' ? count : 1);
      return reply.send('');
    },
    describeStream: async (request) => streams.describeStream(allowed('describeStream', request)),
    deleteStream: async (request, reply) => {
      await streams.deleteStream(allowed('deleteStream', request));
      return reply.send('');
    },
    putRecord: async (request, _, body) => {
      const stream = allowed('putRecord', request);
      body.check(request, datasetOfStream(datasets, stream));
      return streams.putRecord(stream, recordOf(request, request.body, 'Data', 'PartitionKey'));
    },
    putRecords: async (request, _, body) => {
      const stream = allowed('putRecords', request);
      const records = fieldOf(request.body, 'records');
      const list: readonly unknown[] = Array.isArray(records) ? records : [];
      // Before the check, which would take long for a request that cannot be taken.
      if (list.length > mostRecords) {
        throw new StreamsError(
          'ValidationException',
          `There must be 1 to ${mostRecords} records, not ${list.length}.`,
        );
      }
      body.check(request, datasetOfStream(datasets, stream));
      return streams.putRecords(
        stream,
        list.map((record) => recordOf(request, record, 'data', 'partition-key')),
      );
    },
    getShardIterator: async (request) =>
      streams.getShardIterator(allowed('getShardIterator', request), {
        shardId: textIn(request.query, 'shard-id') ?? '',
        type: textIn(request.query, 'shard-iterator-type') ?? 'TRIM_HORIZON',
        startingSequenceNumber: textIn(request.query, 'starting-sequence-number'),
      }),
    getRecords: async (request) => {
      const stream = allowed('getRecords', request);
      const limit = textIn(request.query, 'limit') ?? '';
      // As the template: a word that is not a number is not a limit.
      const count = /^[0-9]{1,5}$/.test(limit) ? Number(limit) : undefined;
      budget.hold(request.raw, bytesOfAnswer);
      return streams.getRecords(stream, textIn(request.headers, 'shard-iterator') ?? '', count);
    },
  };
}

/** Makes API Gateway's content types and errors hold for the routes of one fastify scope. */
export function speakApiGateway(scope: FastifyInstance, reading: BodyLimits): void {
  scope.addContentTypeParser(jsonContentType, async (_: FastifyRequest, payload: IncomingMessage) => {
    const body = await readBody(payload, reading);
    try {
      return body.length === 0 ? undefined : jsonOf(body);
    } catch (error) {
      throw new InvalidRequest(`the body is not JSON: ${String(error)}`, '');
    }
  });
  scope.setErrorHandler((error, _, reply) => {
    if (error instanceof Refused) {
      return refuseStreams(reply, error);
    }
    const [status, answer] = answerTo(error);
    if (status === 429) {
      reply.header('retry-after', '1');
    }
    return reply.code(status).header('content-type', jsonContentType).send(JSON.stringify(answer));
  });
}

/** Answers a request that is not taken, as API Gateway does. */
export function refuseStreams(reply: FastifyReply, refused: Refused): FastifyReply {
  const { statusCode, message } = refused;
  return withRetryAfter(reply, refused)
    .code(statusCode)
    .header('content-type', jsonContentType)
    .send(JSON.stringify({ message: apiGatewayMessages[statusCode] ?? message }));
}

function answerTo(error: unknown): [status: number, answer: object] {
  if (error instanceof StreamsError) {
    const { type, message } = error;
    const isTooFast = /ProvisionedThroughputExceeded|LimitExceeded|Throttling/.test(type);
    return [isTooFast ? 429 : error.status, { __type: type, message }];
  }
  if (error instanceof InvalidRequest) {
    return [400, { message: 'Invalid request body', detail: error.message }];
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return [status, { message: apiGatewayMessages[status] ?? 'Internal server error' }];
}

/** Messages of API Gateway itself (Developer Guide, "Gateway response types"). */
const apiGatewayMessages: Readonly<Record<number, string>> = {
  413: 'Request Too Long',
  415: 'Unsupported Media Type',
};

/** Answers a path or method that the API does not have, as API Gateway does. */
export function answerUnknownPath(_: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(403).send({ message: 'Missing Authentication Token' });
}

/** Turns an event into the string of its JSON, as `$util.base64Encode($input.json(…))` does. */
function recordOf(
  request: FastifyRequest,
  record: unknown,
  data: string,
  partitionKey: string,
): StreamRecord {
  const key = String(fieldOf(record, partitionKey));
  const { length } = [...key];
  if (length < 1 || length > longestPartitionKey) {
    throw new StreamsError(
      'ValidationException',
      `A partition key has 1 to ${longestPartitionKey} characters, this one has ${length}.`,
    );
  }
  return {
    data: Buffer.from(jsonText(fieldOf(record, data), data)),
    partitionKey: key,
    traceparent: traceparentOfRequest(request),
  };
}

/** Records of one request (Kinesis API Reference, PutRecords). */
const mostRecords = 500;

/** Memory that an answer with records takes at most, or nearly so: the records, their base 64, and the JSON of both. */
const bytesOfAnswer = 8 * 1024 * 1024;

/** Unicode characters (Kinesis API Reference, PutRecord, PartitionKey). */
const longestPartitionKey = 256;
