/** The Kafka REST proxy's part of the API (version 2): topics, and records for them. */
import {
  type Integration,
  kafkaContentType,
  type OpenApiDocument,
  type Operation,
  type Parameter,
  produceContentType,
  schemaNamed,
} from './document.ts';
import { type Integrations, integrationTimeoutMilliseconds } from './integrations.ts';

const topic: Parameter = {
  name: 'topic',
  in: 'path',
  required: true,
  description: 'The topic of a dataset, such as `pin`.',
  schema: { type: 'string' },
};

const topicNotFound = { description: 'There is no such topic (`error_code` 40401).' };

/** The paths; with integrations, each request goes on to the REST proxy as it came. */
export function kafkaPaths(integrations: Integrations | undefined): OpenApiDocument['paths'] {
  const listTopics: Operation = {
    operationId: 'listTopics',
    summary: 'Names the topics.',
    responses: { 200: { description: 'A list of names.' } },
    ...toRestProxy(integrations, 'GET', '/topics'),
  };
  const describeTopic: Operation = {
    operationId: 'describeTopic',
    summary: 'Describes a topic and its partitions.',
    parameters: [topic],
    responses: { 200: { description: 'Its name, settings and partitions.' }, 404: topicNotFound },
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
  const { restProxyUrl, vpcLinkId, loadBalancerArn } = integrations;
  const hasTopic = path.includes('{topic}');
  return {
    'x-amazon-apigateway-integration': {
      type: 'http_proxy',
      httpMethod,
      uri: `${restProxyUrl}${path}`,
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
    },
  };
}
