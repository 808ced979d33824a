import { describe, expect, it } from 'vitest';
import { jsonOf, valueAt } from '../../infra/tools/policies/declared.ts';
import { graphOf, input, one } from './stacks.ts';

/**
 * Limits that API Gateway documents for REST APIs:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html and
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */
const limits = {
  definitionBytes: 6 * 1024 * 1024,
  resources: 300,
  modelBytes: 400 * 1024,
  templateBytes: 300 * 1024,
  timeoutMilliseconds: [50, 29_000],
  descriptionCharacters: 1024,
  accessLogFormatBytes: 3 * 1024,
} as const;

describe.each(['dev', 'mount', 'prod'])('the API of %s, as API Gateway gets it', async (stack) => {
  const graph = await graphOf(stack);
  const api = one(graph, 'aws:apigateway/restApi:RestApi', 'api');
  const body = jsonOf(api.inputs.body);
  const text = JSON.stringify(body);
  const paths = entriesOf(valueAt(body, 'paths'));
  const operations = paths.flatMap(([path, item]) =>
    entriesOf(item).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
  );
  const integrations = operations.map(({ name, operation }) => ({
    name,
    integration: valueAt(operation, 'x-amazon-apigateway-integration'),
  }));

  it('is OpenAPI 3.0.1, small enough to import', () => {
    expect(valueAt(body, 'openapi')).toBe('3.0.1');
    expect(text.length).toBeLessThan(limits.definitionBytes);
  });

  it('has no more resources than may be, each part of a path counted', () => {
    const resources = new Set(
      paths.flatMap(([path]) => {
        const parts = path.split('/').slice(1);
        return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
      }),
    );
    expect(resources.size).toBeLessThanOrEqual(limits.resources);
    for (const [path] of paths) {
      expect(path).toMatch(/^(\/([\w.-]+|\{[\w.-]+\}))+$/);
    }
  });

  it('has models that it takes: names of letters and digits, not too large', () => {
    for (const [name, model] of entriesOf(valueAt(body, 'components.schemas'))) {
      expect(name).toMatch(/^[a-zA-Z0-9]+$/);
      expect(JSON.stringify(model).length).toBeLessThan(limits.modelBytes);
    }
  });

  it('has integrations within their time, with templates within their size', () => {
    const [least, most] = limits.timeoutMilliseconds;
    for (const { name, integration } of integrations) {
      const timeout = Number(valueAt(integration, 'timeoutInMillis'));
      expect(timeout, name).toBeGreaterThanOrEqual(least);
      expect(timeout, name).toBeLessThanOrEqual(most);
      for (const [, template] of entriesOf(valueAt(integration, 'requestTemplates'))) {
        expect(String(template).length, name).toBeLessThan(limits.templateBytes);
      }
    }
  });

  it('says who answers each request, and asks for a caller at each', () => {
    for (const { name, integration } of integrations) {
      const type = valueAt(integration, 'type');
      if (type === 'aws') {
        expect(valueAt(integration, 'credentials'), name).toMatch(/^arn:aws:iam::\d{12}:role\//);
        expect(valueAt(integration, 'uri'), name).toMatch(
          /^arn:aws:apigateway:eu-west-1:kinesis:action\/[A-Z]/,
        );
      } else {
        expect(type, name).toBe('http_proxy');
        expect(valueAt(integration, 'connectionType'), name).toBe('VPC_LINK');
        expect(valueAt(integration, 'integrationTarget'), name).toContain(':loadbalancer/app/');
      }
    }
    for (const { name, operation } of operations) {
      expect(valueAt(operation, 'security'), name).toEqual([stack === 'prod' ? { iam: [] } : { key: [] }]);
    }
  });

  it('has descriptions and a log format of the length that is taken', () => {
    for (const [, description] of text.matchAll(/"description":"((?:[^"\\]|\\.)*)"/g)) {
      expect(description?.length).toBeLessThanOrEqual(limits.descriptionCharacters);
    }
    const format = input(one(graph, 'aws:apigateway/stage:Stage', 'api'), 'accessLogSettings.format');
    expect(JSON.stringify(jsonOf(format)).length).toBeLessThan(limits.accessLogFormatBytes);
  });
});

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
