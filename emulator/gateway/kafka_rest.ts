/**
 * The Kafka REST proxy (Confluent's, version 2 of its API) over any event log. Statuses and error codes are those of
 * its API reference and of its `Errors` class.
 */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { kafkaContentType, produceContentType } from '../../pipeline/api/document.ts';
import { type AppendResult, type EventLog, LogError, type NewRecord } from '../../pipeline/log/log.ts';
import { datasetOfTopic } from '../../pipeline/naming.ts';
import type { Dataset } from '../../pipeline/plan/dataset.ts';
import { type BodyLimits, readBody } from '../../pipeline/serving/body.ts';
import { Refused } from '../../pipeline/serving/refused.ts';
import { withRetryAfter } from '../../pipeline/serving/server.ts';
import { traceparentOfRequest } from '../../pipeline/telemetry/http_traces.ts';
import { jsonOf, textIn } from './fields.ts';
import type { KafkaOperation } from './operations.ts';
import { type BodyCheck, InvalidRequest, jsonText } from './validation.ts';

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
      const parts = await recordsIn(request, body, datasetOfTopic(datasets, topic));
      const offsets = await appendAll(log, topic, parts);
      reply.header('content-type', kafkaContentType);
      return reply.send(`{"offsets":[${offsets.join()}],"key_schema_id":null,"value_schema_id":null}`);
    },
  };
}

/** Makes the proxy's content types and errors hold for the routes of one fastify scope. */
export function speakKafkaRest(scope: FastifyInstance, reading: BodyLimits): void {
  scope.addContentTypeParser(produceContentType, async (_: FastifyRequest, payload: IncomingMessage) => {
    const body = await readBody(payload, reading);
    try {
      return jsonOf(body);
    } catch (error) {
      throw new RestProxyError(400, 400, `The body is not JSON: ${String(error)}`, { cause: error });
    }
  });
  scope.setErrorHandler((error, _, reply) => {
    if (error instanceof Refused) {
      return refuseTopics(reply, error);
    }
    const { status, errorCode, message } = restProxyError(error);
    reply.code(status);
    if (isWorthLater(status)) {
      reply.header('retry-after', '1');
    }
    return send(reply, { error_code: errorCode, message });
  });
}

/** Answers a request that is not taken, in the proxy's shape. */
export function refuseTopics(reply: FastifyReply, refused: Refused): FastifyReply {
  const { statusCode, message } = refused;
  return send(withRetryAfter(reply, refused).code(statusCode), { error_code: statusCode, message });
}

/** Answers a path below `/topics` that the API does not have. */
export function answerNoSuchTopicPath(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = /^\/topics(\/[^/]+)?\/?(\?|$)/.test(request.url) ? 405 : 404;
  return send(reply.code(status), { error_code: status, message: `HTTP ${status} ${STATUS_CODES[status]}` });
}

function send(reply: FastifyReply, answer: unknown): FastifyReply {
  return reply.header('content-type', kafkaContentType).send(JSON.stringify(answer));
}

/**
 * Records that are checked and appended in one go. A request may hold hundreds of thousands; between two parts of it other
 * requests have their turn.
 */
const recordsOfPart = 1000;

/** The time for which parts of a request are appended, in milliseconds; the log bounds the time of each. */
const appendMilliseconds = 10_000;

/** Checks all records of a request before any is appended. */
async function recordsIn(
  request: FastifyRequest,
  body: BodyCheck,
  dataset: Dataset | undefined,
): Promise<readonly (readonly NewRecord[])[]> {
  const whole: unknown = request.body;
  const count =
    whole instanceof Object && 'records' in whole && Array.isArray(whole.records) ? whole.records.length : 0;
  const parts: NewRecord[][] = [];
  const traceparent = traceparentOfRequest(request);
  for (let first = 0; first === 0 || first < count; first += recordsOfPart) {
    if (first > 0) {
      await nextTurn();
    }
    const { records } = checked(body.check(request, dataset, { first, count: recordsOfPart }));
    parts.push(
      records.map((record, index) => ({
        value: bytesOf(record.value, `records[${first + index}].value`),
        ...keyOf(record, first + index),
        ...shardOf(record, first + index),
        traceparent,
      })),
    );
  }
  if (count === 0) {
    throw new RestProxyError(422, 422, 'records may not be empty');
  }
  // Parsed records take many times the memory of their bytes, and the log may be slow.
  request.body = undefined;
  return parts;
}

const tooSlow = `The records before took more than ${appendMilliseconds / 1000} s, and these were not tried. Send them again.`;

/**
 * Appends the parts in their order. Gives the JSON of each part's offsets.
 * @throws LogError when nothing could be appended; later failures are those of the records that they concern
 */
async function appendAll(
  log: EventLog,
  topic: string,
  parts: readonly (readonly NewRecord[])[],
): Promise<readonly string[]> {
  const offsets: string[] = [];
  const late = performance.now() + appendMilliseconds;
  const append = async (records: readonly NewRecord[]): Promise<readonly AppendResult[]> => {
    try {
      if (performance.now() > late) {
        throw new LogError('throttled', tooSlow);
      }
      return await log.append(topic, records);
    } catch (error) {
      if (!(error instanceof LogError) || offsets.length === 0) {
        throw error;
      }
      return records.map(() => ({ error }));
    }
  };
  for (const records of parts) {
    const results = await append(records);
    offsets.push(results.map((result) => JSON.stringify(offsetOf(result))).join());
  }
  return offsets;
}

/** The document's schema was held against the body before. */
function checked(body: unknown): { readonly records: readonly RequestRecord[] } {
  if (body instanceof Object && 'records' in body && Array.isArray(body.records)) {
    return { records: body.records };
  }
  throw new InvalidRequest('the body must have records', '');
}

function bytesOf(value: object, place: string): Uint8Array {
  return Buffer.from(jsonText(value, place));
}

/** As the proxy does with JSON keys, the key is their JSON. */
function keyOf({ key }: RequestRecord, index: number): { key?: string } {
  return key === undefined || key === null ? {} : { key: jsonText(key, `records[${index}].key`) };
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

/** Statuses of requests that may be taken when they are sent again. */
function isWorthLater(status: number): boolean {
  return status === 429 || status === 503;
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
