/** The parts of an OpenAPI 3.0.1 document that API Gateway imports. The types exclude what it ignores or refuses. */

/**
 * A schema. API Gateway's models are JSON Schema draft 4 and leave out much of OpenAPI's: no `anyOf`,
 * `oneOf`, `additionalProperties`, `minItems`, `exclusiveMinimum`, `format: int64`, `default` or `example`
 * (Developer Guide, "Amazon API Gateway important notes"). It ignores `nullable`, which is in no document for it.
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
  | {
      readonly type: 'string';
      readonly description?: string;
      readonly enum?: readonly string[];
      readonly nullable?: true;
    }
  | {
      readonly type: 'integer' | 'number';
      readonly description?: string;
      readonly minimum?: number;
      readonly maximum?: number;
      readonly nullable?: true;
    };

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description: string;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

/** API Gateway's response when the integration's status matches (`default`, or a regular expression). */
export interface IntegrationResponse {
  readonly statusCode: string;
  readonly responseTemplates?: Readonly<Record<string, string>>;
}

/** `x-amazon-apigateway-integration`: the target of a request, and the templates that rewrite it. */
export interface Integration {
  readonly type: 'aws' | 'http_proxy' | 'mock';
  /** Both absent where API Gateway itself responds. */
  readonly httpMethod?: string;
  readonly uri?: string;
  readonly credentials?: string;
  readonly connectionType?: 'VPC_LINK';
  readonly connectionId?: string;
  /** The load balancer behind a VPC link. */
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

/** Every operation of the API. A server implements all of them. */
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

/** The content type of plain JSON. */
export const jsonContentType = 'application/json';

/** The content type of requests to the Kafka REST proxy: JSON that carries JSON records. */
export const produceContentType = 'application/vnd.kafka.json.v2+json';

/** The content type of the Kafka REST proxy's responses. */
export const kafkaContentType = 'application/vnd.kafka.v2+json';

/** Refers to a schema of the document. */
export function schemaNamed(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}
