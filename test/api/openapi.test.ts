import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { operationIds } from '../../pipeline/api/document.ts';
import { type Integrations, openApiDocument, operationsOf } from '../../pipeline/api/openapi.ts';
import { datasets } from '../../pipeline/datasets/index.ts';

const integrations: Integrations = {
  region: 'eu-west-1',
  kinesisRoleArn: 'arn:aws:iam::123456789012:role/api',
  streamPrefix: 'streaming-',
  restProxy: {
    vpcLinkId: 'link',
    loadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/front/1',
    url: 'http://front.internal:8082',
  },
  authorisation: 'key',
};

const documents = {
  'without integrations': openApiDocument(datasets),
  'with a key': openApiDocument(datasets, integrations),
  'with IAM': openApiDocument(datasets, { ...integrations, authorisation: 'iam' }),
};

/** Every object within a document. */
function objectsIn(value: unknown): object[] {
  return typeof value === 'object' && value !== null
    ? [value, ...Object.values(value).flatMap(objectsIn)]
    : [];
}

describe.each(Object.entries(documents))('the OpenAPI document %s', (title, document) => {
  it('is valid OpenAPI 3.0 by a public validator', async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  it('has each operation once; holders of a key neither create nor delete streams', () => {
    const refused = title === 'with a key' ? ['createStream', 'deleteStream'] : [];
    expect(
      operationsOf(document)
        .map(({ operation }) => operation.operationId)
        .sort(),
    ).toEqual(operationIds.filter((id) => !refused.includes(id)).sort());
  });

  it('uses no keyword that API Gateway’s models do not support', () => {
    const unknown = [
      ...(title === 'without integrations' ? [] : ['nullable']),
      'oneOf',
      'anyOf',
      'additionalProperties',
      'minItems',
      'maxItems',
      'exclusiveMinimum',
      'discriminator',
      'example',
      'default',
      'format',
      'readOnly',
    ];
    for (const schema of objectsIn(document.components.schemas)) {
      expect(Object.keys(schema).filter((keyword) => unknown.includes(keyword))).toEqual([]);
    }
  });

  it('names models and parameters as API Gateway accepts them', () => {
    for (const name of Object.keys(document.components.schemas)) {
      expect(name).toMatch(/^[A-Za-z0-9]+$/);
    }
    for (const path of Object.keys(document.paths)) {
      expect(path).toMatch(/^(\/([A-Za-z0-9_.,:-]+|\{[A-Za-z0-9_.-]+\}))+$/);
    }
  });

  it('refers only to schemas that it defines', () => {
    const defined = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    for (const object of objectsIn(document)) {
      if ('$ref' in object) {
        expect(defined).toContain(object.$ref);
      }
    }
  });

  it('declares every path parameter', () => {
    for (const { path, operation } of operationsOf(document)) {
      const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(declared.map(({ name }) => name)).toEqual(inPath);
    }
  });
});

describe('with integrations', () => {
  it('every operation has one, requires authorisation, and declares the statuses that it maps', () => {
    for (const { operation } of operationsOf(documents['with a key'])) {
      const integration = operation['x-amazon-apigateway-integration'];
      expect(integration, operation.operationId).toBeDefined();
      expect(operation.security).toEqual([{ key: [] }]);
      for (const { statusCode } of Object.values(integration?.responses ?? {})) {
        expect(Object.keys(operation.responses)).toContain(statusCode);
      }
    }
  });

  it('requires signatures under IAM authorisation', () => {
    const { securitySchemes } = documents['with IAM'].components;
    expect(securitySchemes).toEqual({
      iam: {
        type: 'apiKey',
        name: 'Authorization',
        in: 'header',
        'x-amazon-apigateway-authtype': 'awsSigv4',
      },
    });
  });

  it('has none without integrations', () => {
    expect(JSON.stringify(documents['without integrations'])).not.toContain(
      'x-amazon-apigateway-integration',
    );
  });
});

describe('schemas', () => {
  const ind = { type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 };
  const geo = {
    type: 'object',
    description:
      'Where and when a post was made. Fields: ind (bigint), timestamp (text or null), latitude (double or null), ' +
      'longitude (double or null), country (text or null).',
    required: ['ind'],
  };

  it('of an event require its key, and give other fields the types of the dataset, or null', () => {
    expect(documents['without integrations'].components.schemas.GeoEvent).toEqual({
      ...geo,
      properties: {
        ind,
        timestamp: { type: 'string', nullable: true },
        latitude: { type: 'number', nullable: true },
        longitude: { type: 'number', nullable: true },
        country: { type: 'string', nullable: true },
      },
    });
  });

  it('of an event for API Gateway, which cannot say "or null", leave its other fields open', () => {
    const { schemas } = documents['with a key'].components;
    expect(schemas.GeoEvent).toEqual({ ...geo, properties: { ind } });
    expect(schemas.Event).toMatchObject({ properties: { index: ind, ind } });
  });
});
