/**
 * The Kafka REST proxy (Confluent's, version 2 of its API) over any event log. Statuses and error codes are those of
 * its API reference and of its `Errors` class.
 */
import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { kafkaContentType, produceContentType } from '../../pipeline/api/document.ts';
import { type AppendResult, type EventLog, LogError, type NewRecord } from '../../pipeline/log/log.ts';
import { datasetOfTopic } from '../../pipeline/naming.ts';
import type { Dataset } from '../../pipeline/plan/dataset.ts';
import { jsonOf, textIn } from './fields.ts';
import type { KafkaOperation } from './operations.ts';
import { type BodyCheck, InvalidRequest } from './validation.ts';

/** An error as the proxy answers it. */
class RestProxyError extends Error {
  override readonly name = 'RestProxyError';

  constructor(
    readonly status: number,
    readonly errorCode: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

type Handler = (request: FastifyRequest, reply: FastifyReply, body: BodyCheck) => Promise<unknown>;

/** A record of a request, once its shape was checked. */
interface RequestRecord {
  readonly key?: unknown;
  readonly value: object;
  readonly partition?: unknown;
}

/** Answers the operations on topics. `isTopic` selects the names of the log that are topics; others are not shown. */
export function kafkaHandlers(
  log: EventLog,
  datasets: readonly Dataset[],
  isTopic: (name: string) => boolean,
): Record<KafkaOperation, Handler> {
  const topicOf = (request: FastifyRequest): string => {
    const topic = textIn(request.params, 'topic') ?? '';
    if (!isTopic(topic)) {
      throw topicNotFound();
    }
    return topic;
  };
  return {
    listTopics: async (_, reply) => send(reply, (await log.topics()).filter(isTopic)),
    describeTopic: async (request, reply) => {
      const name = topicOf(request);
      const shards = await log.shards(name);
      const partitions = shards.map(({ id }) => ({
        partition: Number(id),
        leader: 1,
        replicas: [{ broker: 1, leader: true, in_sync: true }],
      }));
      return send(reply, { name, configs: {}, partitions });
    },
    produce: async (request, reply, body) => {
      const topic = topicOf(request);
      body.check(request, datasetOfTopic(datasets, topic));
      const results = await log.append(topic, recordsOf(request.body));
      return send(reply, {
        offsets: results.map(offsetOf),
        key_schema_id: null,
        value_schema_id: null,
      });
    },
  };
}

/** Makes the proxy's content types and errors hold for the routes of one fastify scope. */
export function speakKafkaRest(scope: FastifyInstance): void {
  scope.addContentTypeParser(produceContentType, { parseAs: 'buffer' }, (_, body, done) => {
    try {
      done(null, jsonOf(body));
    } catch (error) {
      done(new RestProxyError(400, 400, `The body is not JSON: ${String(error)}`, { cause: error }));
    }
  });
  scope.setErrorHandler((error, _, reply) => {
    const { status, errorCode, message } = restProxyError(error);
    reply.code(status);
    return send(reply, { error_code: errorCode, message });
  });
}

/** Answers a path below `/topics` that the API does not have. */
export function answerNoSuchTopicPath(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = /^\/topics(\/[^/]+)?\/?(\?|$)/.test(request.url) ? 405 : 404;
  return send(reply.code(status), { error_code: status, message: `HTTP ${status} ${STATUS_CODES[status]}` });
}

function send(reply: FastifyReply, answer: unknown): FastifyReply {
  return reply.header('content-type', kafkaContentType).send(JSON.stringify(answer));
}

function recordsOf(body: unknown): readonly NewRecord[] {
  const { records } = checked(body);
  if (records.length === 0) {
    throw new RestProxyError(422, 422, 'records may not be empty');
  }
  return records.map((record, index) => ({
    value: bytesOf(record.value, index),
    ...keyOf(record),
    ...shardOf(record, index),
  }));
}

/** The document's schema was held against the body before. */
function checked(body: unknown): { readonly records: readonly RequestRecord[] } {
  if (body instanceof Object && 'records' in body && Array.isArray(body.records)) {
    return { records: body.records };
  }
  throw new InvalidRequest('the body must have records', '');
}

function bytesOf(value: object, index: number): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(value));
  } catch (error) {
    // The only value that JSON.parse reads and JSON.stringify cannot write.
    throw new InvalidRequest(`records[${index}].value is nested too deep: ${String(error)}`, '/records');
  }
}

/** As the proxy does with JSON keys, the key is their JSON. */
function keyOf({ key }: RequestRecord): { key?: string } {
  return key === undefined || key === null ? {} : { key: JSON.stringify(key) };
}

function shardOf({ partition }: RequestRecord, index: number): { shard?: string } {
  if (partition === undefined || partition === null) {
    return {};
  }
  if (!Number.isInteger(partition) || Number(partition) < 0) {
    throw new RestProxyError(422, 422, `records[${index}].partition must be a partition's number`);
  }
  return { shard: String(partition) };
}

function offsetOf(result: AppendResult) {
  if ('error' in result) {
    // The reference knows two codes in this place: 1, no use to try again, and 2, it may work then.
    const code = canWorkLater(result.error) ? 2 : 1;
    return { partition: null, offset: null, error_code: code, error: result.error.message };
  }
  return {
    partition: Number(result.shard),
    offset: Number(result.position),
    error_code: null,
    error: null,
  };
}

function canWorkLater({ code }: LogError): boolean {
  return code === 'unavailable' || code === 'throttled' || code === 'full';
}

function topicNotFound(): RestProxyError {
  return new RestProxyError(404, 40401, 'Topic not found.');
}

function restProxyError(error: unknown): RestProxyError {
  if (error instanceof RestProxyError) {
    return error;
  }
  if (error instanceof InvalidRequest) {
    // A value that is not an event is the proxy's "conversion of JSON to object failed"; the rest is a plain 422.
    return error.place.includes('/value')
      ? new RestProxyError(422, 42203, `Conversion of JSON to Object failed: ${error.message}`)
      : new RestProxyError(422, 422, error.message);
  }
  if (error instanceof LogError) {
    return ofLog(error);
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return new RestProxyError(status, status, `HTTP ${status} ${STATUS_CODES[status]}`, { cause: error });
}

function ofLog(error: LogError): RestProxyError {
  switch (error.code) {
    case 'unknown_topic':
      return topicNotFound();
    case 'unknown_shard':
      return new RestProxyError(404, 40402, 'Partition not found.');
    case 'too_large':
      return new RestProxyError(413, 413, error.message);
    case 'throttled':
      return new RestProxyError(429, 429, error.message);
    case 'unavailable':
    case 'full':
      return new RestProxyError(500, 50003, error.message);
    case 'refused':
    case 'expired':
    case 'damaged':
      return new RestProxyError(500, 50002, error.message);
    default:
      return error.code satisfies never;
  }
}
