/** The Kinesis part of the API: streams, and records in them, after AWS's tutorial of a Kinesis proxy. */
import {
  type Integration,
  jsonContentType,
  type OpenApiDocument,
  type Operation,
  type OperationId,
  type Parameter,
  schemaNamed,
} from './document.ts';
import { type Integrations, integrationTimeoutMilliseconds } from './integrations.ts';
import * as templates from './templates.ts';

/** The action of the Kinesis API behind an operation, and the templates of its request and response. */
interface Action {
  readonly action: string;
  readonly request: string;
  readonly response?: string;
}

/** The Kinesis action of each operation. `prefix` selects the streams that are listed. */
export function kinesisActions(prefix: string) {
  return {
    listStreams: {
      action: 'ListStreams',
      request: templates.listStreamsRequest,
      response: templates.listStreamsResponse(prefix),
    },
    createStream: { action: 'CreateStream', request: templates.createStreamRequest },
    describeStream: { action: 'DescribeStream', request: templates.streamNameRequest },
    deleteStream: { action: 'DeleteStream', request: templates.streamNameRequest },
    putRecord: { action: 'PutRecord', request: templates.putRecordRequest },
    putRecords: { action: 'PutRecords', request: templates.putRecordsRequest },
    getShardIterator: { action: 'GetShardIterator', request: templates.getShardIteratorRequest },
    getRecords: { action: 'GetRecords', request: templates.getRecordsRequest },
  } satisfies Partial<Record<OperationId, Action>>;
}

/** The paths. With integrations, each request becomes one of the Kinesis API. */
export function kinesisPaths(integrations: Integrations | undefined): OpenApiDocument['paths'] {
  const operation = (
    operationId: keyof ReturnType<typeof kinesisActions>,
    summary: string,
    { parameters = [], body }: { parameters?: readonly Parameter[]; body?: string } = {},
  ): Operation => ({
    operationId,
    summary,
    parameters,
    ...(body === undefined ? {} : { requestBody: bodyOf(body) }),
    responses: {
      200: { description: 'The answer of the Kinesis API.' },
      400: { description: 'The request is wrong; `__type` names the error where Kinesis found it.' },
      429: { description: 'Too much at once: wait, and try again.' },
      500: { description: 'Kinesis failed: try again.' },
    },
    ...toKinesis(integrations, operationId),
  });
  const inStream = { parameters: [streamName] };
  // A key is handed around: its holders post and read, and neither make nor delete streams.
  return {
    '/streams': {
      get: operation('listStreams', 'Names the streams.', { parameters: [nextToken] }),
    },
    '/streams/{stream-name}': {
      get: operation('describeStream', 'Describes a stream and its shards.', inStream),
      ...(integrations?.authorisation === 'key'
        ? {}
        : {
            post: operation('createStream', 'Creates a stream.', {
              ...inStream,
              body: 'CreateStreamRequest',
            }),
            delete: operation('deleteStream', 'Deletes a stream and its records.', inStream),
          }),
    },
    '/streams/{stream-name}/record': {
      put: operation('putRecord', 'Appends one record.', { ...inStream, body: 'PutRecordRequest' }),
    },
    '/streams/{stream-name}/records': {
      get: operation('getRecords', 'Reads records.', { parameters: [streamName, shardIterator, limit] }),
      put: operation('putRecords', 'Appends records.', { ...inStream, body: 'PutRecordsRequest' }),
    },
    '/streams/{stream-name}/sharditerator': {
      get: operation('getShardIterator', 'Gives a place in a shard to read from.', {
        parameters: [streamName, shardId, shardIteratorType, startingSequenceNumber],
      }),
    },
  };
}

function bodyOf(schema: string): NonNullable<Operation['requestBody']> {
  return { required: true, content: { [jsonContentType]: { schema: schemaNamed(schema) } } };
}

function toKinesis(
  integrations: Integrations | undefined,
  operationId: keyof ReturnType<typeof kinesisActions>,
): { 'x-amazon-apigateway-integration'?: Integration } {
  if (integrations === undefined) {
    return {};
  }
  const { region, kinesisRoleArn, streamPrefix } = integrations;
  const { action, request, response }: Action = kinesisActions(streamPrefix)[operationId];
  const inJson = (template: string) => ({ responseTemplates: { [jsonContentType]: template } });
  return {
    'x-amazon-apigateway-integration': {
      type: 'aws',
      httpMethod: 'POST',
      uri: `arn:aws:apigateway:${region}:kinesis:action/${action}`,
      credentials: kinesisRoleArn,
      requestParameters: { 'integration.request.header.Content-Type': "'application/x-amz-json-1.1'" },
      requestTemplates: { [jsonContentType]: request },
      // A body of another type would reach Kinesis as its sender wrote it.
      passthroughBehavior: 'never',
      timeoutInMillis: integrationTimeoutMilliseconds,
      responses: {
        default: { statusCode: '200', ...(response === undefined ? {} : inJson(response)) },
        '4\\d{2}': { statusCode: '400', ...inJson(templates.errorResponse) },
        '5\\d{2}': { statusCode: '500', ...inJson(templates.errorResponse) },
      },
    },
  };
}

function parameter(
  location: Parameter['in'],
  name: string,
  description: string,
  { required = false, type = 'string' as 'string' | 'integer' } = {},
): Parameter {
  return { name, in: location, required, description, schema: { type } };
}

const streamName = parameter('path', 'stream-name', 'The stream of a dataset.', { required: true });
const nextToken = parameter('query', 'next-token', 'Where the last answer ended, as it said.');
const shardId = parameter('query', 'shard-id', 'The shard to read.', { required: true });
const shardIteratorType = parameter(
  'query',
  'shard-iterator-type',
  'TRIM_HORIZON (when it is not said), LATEST, AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER.',
);
const startingSequenceNumber = parameter(
  'query',
  'starting-sequence-number',
  'For AT_SEQUENCE_NUMBER and AFTER_SEQUENCE_NUMBER.',
);
const limit = parameter('query', 'limit', 'How many records at most: 1 to 10,000.', { type: 'integer' });
// A header, because iterators are too long for some clients' URLs.
const shardIterator = parameter('header', 'Shard-Iterator', 'The place to read from.', { required: true });
