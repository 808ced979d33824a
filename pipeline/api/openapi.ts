/**
 * The HTTP API as one OpenAPI document, built from the datasets. The local gateway routes and validates by it, and API
 * Gateway imports it.
 */
import type { Dataset } from '../plan/dataset.ts';
import { jsonContentType, type OpenApiDocument, type PathItem } from './document.ts';
import type { Integrations } from './integrations.ts';
import { kafkaPaths } from './kafka_paths.ts';
import { kinesisPaths } from './kinesis_paths.ts';
import { schemasOf } from './schemas.ts';

export type { OpenApiDocument } from './document.ts';
export type { Integrations } from './integrations.ts';

/**
 * Builds the document; for API Gateway, within what it imports without a warning.
 * @param integrations API Gateway's targets and authorisation; left out for an API of its own
 */
export function openApiDocument(
  datasets: readonly Dataset[],
  integrations?: Integrations | undefined,
): OpenApiDocument {
  const scheme = integrations && securitySchemes[integrations.authorisation];
  const paths = { ...kafkaPaths(integrations), ...kinesisPaths(integrations) };
  return {
    openapi: '3.0.1',
    info: {
      title: 'Pinterest events',
      description: `Takes events (${datasets.map(({ name }) => name).join(', ')}) for Kafka topics and for Kinesis streams.`,
      version: '1',
    },
    paths: scheme ? withSecurity(paths, scheme.name) : paths,
    components: {
      schemas: schemasOf(datasets, integrations !== undefined),
      ...(scheme ? { securitySchemes: { [scheme.name]: scheme.definition } } : {}),
    },
    'x-amazon-apigateway-request-validators': {
      everything: { validateRequestBody: true, validateRequestParameters: true },
    },
    'x-amazon-apigateway-request-validator': 'everything',
    'x-amazon-apigateway-gateway-responses': {
      // Says also which field was wrong.
      BAD_REQUEST_BODY: {
        statusCode: 400,
        responseTemplates: {
          [jsonContentType]:
            '{"message": $context.error.messageString, "detail": "$context.error.validationErrorString"}',
        },
      },
    },
  };
}

const securitySchemes = {
  key: { name: 'key', definition: { type: 'apiKey', name: 'x-api-key', in: 'header' } },
  iam: {
    name: 'iam',
    definition: {
      type: 'apiKey',
      name: 'Authorization',
      in: 'header',
      'x-amazon-apigateway-authtype': 'awsSigv4',
    },
  },
} as const satisfies Record<Integrations['authorisation'], unknown>;

function withSecurity(paths: OpenApiDocument['paths'], scheme: string): OpenApiDocument['paths'] {
  return mapValues(paths, (item) =>
    mapValues(item, (operation) => ({ ...operation, security: [{ [scheme]: [] }] })),
  );
}

function mapValues<T, R>(record: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

/** All operations of a document. */
export function operationsOf(document: OpenApiDocument) {
  return Object.entries(document.paths).flatMap(([path, item]: [string, PathItem]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ path, method, operation }] : [];
    }),
  );
}

const methods = ['get', 'post', 'put', 'delete'] as const;
