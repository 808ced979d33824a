/** The Kafka REST proxy's part of the API (version 2): topics, and records for them. */
import {
  type Integration,
  jsonContentType,
  kafkaContentType,
  type OpenApiDocument,
  type Operation,
  type Parameter,
  produceContentType,
  schemaNamed,
} from './document.ts';
import { type Integrations, integrationTimeoutMilliseconds, type RestProxy } from './integrations.ts';

const topic: Parameter = {
  name: 'topic',
  in: 'path',
  required: true,
  description: 'The topic of a dataset, such as `pin`.',
  schema: { type: 'string' },
};

const topicNotFound = { description: 'There is no such topic (`error_code` 40401).' };

const topicsPaused = { description: 'Nobody takes topics at the moment: try again later.' };

/** The paths. With integrations, each request is forwarded to the REST proxy unchanged. */
export function kafkaPaths(integrations: Integrations | undefined): OpenApiDocument['paths'] {
  const listTopics: Operation = {
    operationId: 'listTopics',
    summary: 'Names the topics.',
    responses: { 200: { description: 'A list of names.' }, 503: topicsPaused },
    ...toRestProxy(integrations, 'GET', '/topics'),
  };
  const describeTopic: Operation = {
    operationId: 'describeTopic',
    summary: 'Describes a topic and its partitions.',
    parameters: [topic],
    responses: {
      200: { description: 'Its name, settings and partitions.' },
      404: topicNotFound,
      503: topicsPaused,
    },
    ...toRestProxy(integrations, 'GET', '/topics/{topic}'),
  };
  const produce: Operation = {
    operationId: 'produce',
    summary: 'Appends records to a topic.',
    parameters: [topic],
    requestBody: {
      required: true,
      content: { [produceContentType]: { schema: schemaNamed('ProduceRequest') } },
    },
    responses: {
      200: { description: 'Partition and offset of each record, or what was wrong with it.' },
      404: topicNotFound,
      413: { description: 'The request is too large.' },
      415: { description: `The content type is not ${produceContentType}.` },
      422: { description: 'A record is no event of the topic (`error_code` 42203), or there is none.' },
      503: topicsPaused,
    },
    ...toRestProxy(integrations, 'POST', '/topics/{topic}'),
  };
  return { '/topics': { get: listTopics }, '/topics/{topic}': { get: describeTopic, post: produce } };
}

function toRestProxy(
  integrations: Integrations | undefined,
  httpMethod: string,
  path: string,
): { 'x-amazon-apigateway-integration'?: Integration } {
  if (integrations === undefined) {
    return {};
  }
  const { restProxy } = integrations;
  return {
    'x-amazon-apigateway-integration':
      restProxy === undefined ? respond503 : throughVpcLink(restProxy, httpMethod, path),
  };
}

function throughVpcLink({ url, vpcLinkId, loadBalancerArn }: RestProxy, httpMethod: string, path: string) {
  const hasTopic = path.includes('{topic}');
  return {
    type: 'http_proxy',
    httpMethod,
    uri: `${url}${path}`,
    connectionType: 'VPC_LINK',
    connectionId: vpcLinkId,
    integrationTarget: loadBalancerArn,
    requestParameters: {
      ...(hasTopic ? { 'integration.request.path.topic': 'method.request.path.topic' } : {}),
      // Without this the proxy may answer in the first version of its API.
      'integration.request.header.Accept': `'${kafkaContentType}'`,
    },
    passthroughBehavior: 'when_no_match',
    timeoutInMillis: integrationTimeoutMilliseconds,
  } as const satisfies Integration;
}

/** API Gateway itself responds, in the form of the proxy's errors, so that clients try again. */
const status503 = '{"statusCode": 503}';
const respond503: Integration = {
  type: 'mock',
  requestTemplates: { [jsonContentType]: status503, [produceContentType]: status503 },
  passthroughBehavior: 'never',
  responses: {
    default: {
      statusCode: '503',
      responseTemplates: {
        [jsonContentType]:
          '{"error_code": 503, "message": "Topics are paused: nobody takes them at the moment."}',
      },
    },
  },
};
