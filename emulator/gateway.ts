/**
 * The HTTP API on this machine: routed and validated from the OpenAPI document that API Gateway is made from, in
 * front of any event log.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Operation } from '../pipeline/api/document.ts';
import { openApiDocument, operationsOf } from '../pipeline/api/openapi.ts';
import { datasets as allDatasets } from '../pipeline/datasets/index.ts';
import type { EventLog } from '../pipeline/log/log.ts';
import { namesOf } from '../pipeline/naming.ts';
import type { Dataset } from '../pipeline/plan/dataset.ts';
import { type BodyLimits, MemoryBudget } from '../pipeline/serving/body.ts';
import { serveHealth } from '../pipeline/serving/health.ts';
import { Refused } from '../pipeline/serving/refused.ts';
import { type Exposure, HttpServer, type ServerLimits } from '../pipeline/serving/server.ts';
import { serveMetrics } from '../pipeline/telemetry/http_metrics.ts';
import { traceRequests } from '../pipeline/telemetry/http_traces.ts';
import type { Telemetry } from '../pipeline/telemetry/telemetry.ts';
import type { Tracing } from '../pipeline/telemetry/tracing.ts';
import { fieldOf } from './gateway/fields.ts';
import { answerNoSuchTopicPath, kafkaHandlers, refuseTopics, speakKafkaRest } from './gateway/kafka_rest.ts';
import {
  answerUnknownPath,
  kinesisHandlers,
  refuseStreams,
  speakApiGateway,
} from './gateway/kinesis_rest.ts';
import type { KafkaOperation, KinesisOperation } from './gateway/operations.ts';
import type { Streams } from './gateway/streams.ts';
import { StreamsInLog } from './gateway/streams_in_log.ts';
import { BodyCheck } from './gateway/validation.ts';

export interface GatewayOptions {
  /** Holds the topics. Closed by its opener. */
  readonly log: EventLog;
  /** Holds the streams. Default: the log. Closed by the gateway. */
  readonly streams?: Streams;
  readonly datasets?: readonly Dataset[];
  /** Streams that nobody deletes through the API. Default: those of the datasets. */
  readonly ownStreams?: readonly string[];
  /** Default: the loopback address, which no other machine reaches, and everybody there. */
  readonly exposure?: Exposure;
  /** Default: 0, a free one. */
  readonly port?: number;
  /** Default: 10 MiB, as API Gateway. */
  readonly maximumBodyBytes?: number;
  /** Bytes of requests under way in memory, at most. Default: 128 MiB. */
  readonly memoryBytes?: number;
  readonly limits?: Partial<ServerLimits>;
  /** Called when a request was answered. */
  readonly onAnswer?: (answer: AnsweredRequest) => void;
  /** Counts and traces requests, and is served at `/metrics`. Default: neither. */
  readonly telemetry?: Telemetry | undefined;
}

/** A request that was answered, without anything of its content. */
export interface AnsweredRequest {
  readonly method: string;
  /** The template of its path; undefined for a path that does not exist. */
  readonly route: string | undefined;
  readonly status: number;
  readonly milliseconds: number;
}

/** A gateway that listens. */
export interface Gateway {
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** Takes no new requests, answers those under way within the limit of `ServerLimits.closeMilliseconds`, and ends. */
  close(): Promise<void>;
}

/** In a log that holds both, streams are those whose names begin so (see `namesOf`). */
export const streamPrefix = 'streaming-';

/** Starts the gateway. @throws when the address cannot be listened on */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, exposure, limits, port = 0, datasets = allDatasets } = options;
  const ownStreams = options.ownStreams ?? datasets.map((dataset) => namesOf(dataset).stream);
  const isStream = (name: string) => name.startsWith(streamPrefix);
  const streams = options.streams ?? new StreamsInLog(log, { isStream });
  const reading = {
    maximumBytes: options.maximumBodyBytes ?? 10 * mebibyte,
    budget: new MemoryBudget(options.memoryBytes ?? 128 * mebibyte),
  };
  const server = new HttpServer({
    exposure,
    limits,
    refuse,
    onClosed: (request) => reading.budget.release(request),
  });
  const { app } = server;
  app.removeAllContentTypeParsers();
  app.setNotFoundHandler(answerNotFound);
  app.setErrorHandler((error, request, reply) => {
    // A body that nobody would read, of a path that does not exist.
    if (request.is404) {
      return answerNotFound(request, reply);
    }
    return refuse(request, reply, new Refused(statusOf(error), String(error)));
  });
  const { onAnswer } = options;
  if (onAnswer) {
    app.addHook('onResponse', (request, reply, done) => {
      const { method, routeOptions } = request;
      onAnswer({
        method,
        route: routeOptions.url,
        status: reply.statusCode,
        milliseconds: reply.elapsedTime,
      });
      done();
    });
  }
  if (options.telemetry) {
    serveMetrics(server, options.telemetry);
    options.telemetry.observe(() => [
      {
        name: 'pinterest.server.held',
        unit: 'By',
        description: 'Bytes of requests under way that are held in memory.',
        kind: 'gauge',
        values: [[reading.budget.heldBytes]],
      },
    ]);
  }
  serveHealth(server, () => log.topics().then(() => undefined));
  const handlers = {
    ...kafkaHandlers(log, datasets, (name) => !isStream(name)),
    ...kinesisHandlers(streams, datasets, {
      policy: { prefix: streamPrefix, ownStreams },
      budget: reading.budget,
    }),
  };
  addRoutes(app, datasets, reading, handlers, options.telemetry?.tracing);
  await server.listen(port);
  return {
    url: server.url,
    close: async () => {
      await server.close();
      await streams.close();
    },
  };
}

const mebibyte = 1024 * 1024;

function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
}

function isTopicPath({ url }: FastifyRequest): boolean {
  return url.startsWith('/topics');
}

function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return isTopicPath(request) ? answerNoSuchTopicPath(request, reply) : answerUnknownPath(request, reply);
}

/** Answers a request that no operation sees, in the shape of the API that its path belongs to. */
function refuse(request: FastifyRequest, reply: FastifyReply, refused: Refused): FastifyReply {
  return isTopicPath(request) ? refuseTopics(reply, refused) : refuseStreams(reply, refused);
}

type Handlers = Record<
  KafkaOperation | KinesisOperation,
  (request: FastifyRequest, reply: FastifyReply, body: BodyCheck) => Promise<unknown>
>;

function addRoutes(
  app: FastifyInstance,
  datasets: readonly Dataset[],
  reading: BodyLimits,
  handlers: Handlers,
  tracing: Tracing | undefined,
): void {
  const document = openApiDocument(datasets);
  const operations = operationsOf(document);
  for (const [prefix, speak] of [
    ['/topics', speakKafkaRest],
    ['/streams', speakApiGateway],
  ] as const) {
    app.register(async (scope) => {
      speak(scope, reading);
      if (tracing) {
        traceRequests(scope, tracing);
      }
      for (const { path, method, operation } of operations.filter(({ path }) => path.startsWith(prefix))) {
        const body = new BodyCheck(document, operation);
        const handle = handlers[operation.operationId];
        scope.route({
          method,
          url: path.replace(/\{([^}]+)\}/g, (_, name: string) => `:${routeName(name)}`),
          handler: (request, reply) => {
            const missing = missingParameters(operation, request);
            return missing.length === 0
              ? handle(request, reply, body)
              : reply
                  .code(400)
                  .send({ message: `Missing required request parameters: [${missing.join(', ')}]` });
          },
        });
      }
    });
  }
}

/** The router ends a parameter's name at a hyphen. */
function routeName(parameter: string): string {
  return parameter.replaceAll('-', '_');
}

/** Like API Gateway, which checks that parameters are there, and nothing else of them. */
function missingParameters({ parameters = [] }: Operation, request: FastifyRequest): string[] {
  return parameters
    .filter(({ name, in: place, required }) => {
      const values = place === 'query' ? request.query : request.headers;
      const key = place === 'header' ? name.toLowerCase() : name;
      return required && place !== 'path' && fieldOf(values, key) === undefined;
    })
    .map(({ name }) => name);
}

/** Makes the topics and streams of all datasets where they are not there yet. */
export async function createTopics(log: EventLog, names: readonly string[], partitions = 3): Promise<void> {
  for (const name of names) {
    await log.createTopic(name, partitions);
  }
}
