/** The parts of an OpenAPI 3.0.1 document that API Gateway imports; what it ignores or refuses cannot be written. */

/**
 * A schema. API Gateway's models are JSON Schema draft 4 and leave out much of OpenAPI's: no `nullable`, `anyOf`,
 * `oneOf`, `additionalProperties`, `minItems`, `exclusiveMinimum`, `format: int64`, `default` or `example`
 * (Developer Guide, "Amazon API Gateway important notes").
 */
export type Schema =
  | { readonly $ref: `#/components/schemas/${string}` }
  /** Any JSON. */
  | { readonly description: string }
  | {
      readonly type: 'object';
      readonly description?: string;
      readonly properties?: Readonly<Record<string, Schema>>;
      readonly required?: readonly string[];
    }
  | { readonly type: 'array'; readonly description?: string; readonly items: Schema }
  | { readonly type: 'string'; readonly description?: string; readonly enum?: readonly string[] }
  | {
      readonly type: 'integer' | 'number';
      readonly description?: string;
      readonly minimum?: number;
      readonly maximum?: number;
    };

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description: string;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

/** What API Gateway answers when the integration's status matches (`default`, or a regular expression). */
export interface IntegrationResponse {
  readonly statusCode: string;
  readonly responseTemplates?: Readonly<Record<string, string>>;
}

/** `x-amazon-apigateway-integration`: where API Gateway sends a request, and how it rewrites it on the way. */
export interface Integration {
  readonly type: 'aws' | 'http_proxy' | 'mock';
  /** Both left out where API Gateway answers by itself. */
  readonly httpMethod?: string;
  readonly uri?: string;
  readonly credentials?: string;
  readonly connectionType?: 'VPC_LINK';
  readonly connectionId?: string;
  /** The load balancer that a VPC link leads to. */
  readonly integrationTarget?: string;
  readonly requestParameters?: Readonly<Record<string, string>>;
  readonly requestTemplates?: Readonly<Record<string, string>>;
  readonly passthroughBehavior: 'never' | 'when_no_match';
  readonly timeoutInMillis?: number;
  readonly responses?: Readonly<Record<string, IntegrationResponse>>;
}

export interface Operation {
  readonly operationId: OperationId;
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly 'x-amazon-apigateway-integration'?: Integration;
}

export type Method = 'get' | 'post' | 'put' | 'delete';

export type PathItem = Readonly<Partial<Record<Method, Operation>>>;

export interface OpenApiDocument {
  readonly openapi: '3.0.1';
  readonly info: { readonly title: string; readonly description: string; readonly version: string };
  readonly paths: Readonly<Record<`/${string}`, PathItem>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
  readonly 'x-amazon-apigateway-request-validators': Readonly<
    Record<string, { readonly validateRequestBody: boolean; readonly validateRequestParameters: boolean }>
  >;
  readonly 'x-amazon-apigateway-request-validator': string;
  readonly 'x-amazon-apigateway-gateway-responses': Readonly<
    Record<
      string,
      { readonly statusCode: number; readonly responseTemplates: Readonly<Record<string, string>> }
    >
  >;
}

/** Every operation of the API; whoever serves it answers all of them. */
export const operationIds = [
  'listTopics',
  'describeTopic',
  'produce',
  'listStreams',
  'createStream',
  'describeStream',
  'deleteStream',
  'putRecord',
  'putRecords',
  'getShardIterator',
  'getRecords',
] as const;

export type OperationId = (typeof operationIds)[number];

/** What a request or a response holds when it is plain JSON. */
export const jsonContentType = 'application/json';

/** What the Kafka REST proxy takes: JSON that carries records which are themselves JSON. */
export const produceContentType = 'application/vnd.kafka.json.v2+json';

/** What the Kafka REST proxy answers with. */
export const kafkaContentType = 'application/vnd.kafka.v2+json';

/** Refers to a schema of the document. */
export function schemaNamed(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}
