/**
 * The HTTP API on this machine: routed and validated from the OpenAPI document that API Gateway is made from, in
 * front of any event log.
 */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Operation } from '../pipeline/api/document.ts';
import { openApiDocument, operationsOf } from '../pipeline/api/openapi.ts';
import { datasets as allDatasets } from '../pipeline/datasets/index.ts';
import type { EventLog } from '../pipeline/log/log.ts';
import { namesOf } from '../pipeline/naming.ts';
import type { Dataset } from '../pipeline/plan/dataset.ts';
import { fieldOf } from './gateway/fields.ts';
import { answerNoSuchTopicPath, kafkaHandlers, speakKafkaRest } from './gateway/kafka_rest.ts';
import { answerUnknownPath, kinesisHandlers, speakApiGateway } from './gateway/kinesis_rest.ts';
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
  /** Default: 127.0.0.1, so that nobody else reaches it. */
  readonly host?: string;
  /** Default: 0, a free one. */
  readonly port?: number;
  /** Default: 10 MiB, as API Gateway. */
  readonly maximumBodyBytes?: number;
}

/** A gateway that listens. */
export interface Gateway {
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** Takes no new requests, answers the pending ones, and ends. */
  close(): Promise<void>;
}

/** In a log that holds both, streams are those whose names begin so (see `namesOf`). */
export const streamPrefix = 'streaming-';

/** Starts the gateway. @throws when the address cannot be listened on */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, host = '127.0.0.1', port = 0, datasets = allDatasets } = options;
  const ownStreams = options.ownStreams ?? datasets.map((dataset) => namesOf(dataset).stream);
  const isStream = (name: string) => name.startsWith(streamPrefix);
  const streams = options.streams ?? new StreamsInLog(log, { isStream });
  const app = Fastify({
    bodyLimit: options.maximumBodyBytes ?? 10 * 1024 * 1024,
    forceCloseConnections: 'idle',
    // Bodies are checked as they are: nothing is converted, filled in or taken out.
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, strict: false },
    },
  });
  app.removeAllContentTypeParsers();
  app.setNotFoundHandler((request, reply) =>
    request.url.startsWith('/topics')
      ? answerNoSuchTopicPath(request, reply)
      : answerUnknownPath(request, reply),
  );
  addRoutes(app, datasets, {
    ...kafkaHandlers(log, datasets, (name) => !isStream(name)),
    ...kinesisHandlers(streams, datasets, { prefix: streamPrefix, ownStreams }),
  });
  await app.listen({ host, port });
  const address = app.server.address();
  const openPort = address instanceof Object ? address.port : port;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${shownHost}:${openPort}`,
    close: async () => {
      await app.close();
      await streams.close();
    },
  };
}

type Handlers = Record<
  KafkaOperation | KinesisOperation,
  (request: FastifyRequest, reply: FastifyReply, body: BodyCheck) => Promise<unknown>
>;

function addRoutes(app: FastifyInstance, datasets: readonly Dataset[], handlers: Handlers): void {
  const document = openApiDocument(datasets);
  const operations = operationsOf(document);
  for (const [prefix, speak] of [
    ['/topics', speakKafkaRest],
    ['/streams', speakApiGateway],
  ] as const) {
    app.register(async (scope) => {
      speak(scope);
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
