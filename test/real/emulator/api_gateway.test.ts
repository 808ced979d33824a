import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { openApiDocument, operationsOf } from '../../../pipeline/api/openapi.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { aws, describeReal } from '../systems.ts';

type Server = Awaited<ReturnType<typeof aws.start>>;

const resources = z.object({
  item: z.array(
    z.object({
      id: z.string(),
      path: z.string(),
      resourceMethods: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});
const integration = z.object({
  type: z.string(),
  httpMethod: z.string(),
  uri: z.string(),
  requestTemplates: z.record(z.string(), z.string()).nullish(),
});

describeReal('the OpenAPI document', [aws], () => {
  let server: Server;
  beforeAll(async () => {
    server = await aws.start();
  });
  afterAll(() => server?.stop());

  async function ask(path: string, method = 'GET', body?: unknown): Promise<unknown> {
    const response = await fetch(`${server.endpoint}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        // Tells the server which service is meant.
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${server.region}/apigateway/aws4_request, SignedHeaders=host, Signature=0`,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    expect(response.ok, JSON.stringify(answer)).toBe(true);
    return answer;
  }

  it('is imported by an API Gateway, with every path, method and template', async () => {
    const document = openApiDocument(datasets, {
      region: server.region,
      kinesisRoleArn: 'arn:aws:iam::123456789012:role/api',
      streamPrefix: 'streaming-',
      restProxy: {
        vpcLinkId: 'link',
        loadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/front/1',
        url: 'http://front.internal:8082',
      },
      authorisation: 'key',
    });
    const api = z
      .object({ id: z.string(), name: z.string(), description: z.string() })
      .parse(await ask('/restapis?mode=import&failonwarnings=true', 'POST', document));
    expect(api).toMatchObject({ name: document.info.title, description: document.info.description });

    const { item } = resources.parse(await ask(`/restapis/${api.id}/resources`));
    const imported = item.flatMap(({ path, resourceMethods = {} }) =>
      Object.keys(resourceMethods).map((method) => `${method} ${path}`),
    );
    const operations = operationsOf(document);
    expect(imported.sort()).toEqual(
      operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`).sort(),
    );

    for (const { path, method, operation } of operations) {
      const id = item.find((resource) => resource.path === path)?.id;
      const found = integration.parse(
        await ask(`/restapis/${api.id}/resources/${id}/methods/${method.toUpperCase()}/integration`),
      );
      const wanted = operation['x-amazon-apigateway-integration'];
      expect(found.uri).toBe(wanted?.uri);
      expect(found.type.toLowerCase()).toBe(wanted?.type);
      expect(found.requestTemplates ?? {}).toEqual(wanted?.requestTemplates ?? {});
    }
  });
});
