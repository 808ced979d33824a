import { describe, expect, it } from 'vitest';
import { jsonOf } from '../../infra/tools/policies/declared.ts';
import { simulate } from './simulate.ts';
import { graphOf, one } from './stacks.ts';

const accountId = '444455556666';
const lake = 'arn:aws:s3:::pinterest-prod-lake-444455556666-eu-west-1';

describe('who may assume a role', () => {
  const assume = 'sts:AssumeRole';
  const own = `arn:aws:iam::${accountId}:role`;
  const catalogRole = 'arn:aws:iam::414351767826:role/unity-catalog-prod-UCMasterRole-14S5ZJVKOTYTL';
  const externalId = '1b671a64-40d5-491e-99b0-da01ff1f3341';
  const databricksAccount = '00000000-0000-4000-8000-00000000000a';
  const fromHere = { 'aws:SourceAccount': accountId };

  it.each([
    ['connector-role', 'kafkaconnect.amazonaws.com', fromHere, 'Allowed'],
    [
      'connector-role',
      'kafkaconnect.amazonaws.com',
      { 'aws:SourceAccount': '999999999999' },
      'ImplicitlyDenied',
    ],
    ['connector-role', 'ec2.amazonaws.com', fromHere, 'ImplicitlyDenied'],
    ['airflow-role', 'airflow-env.amazonaws.com', fromHere, 'Allowed'],
    ['airflow-role', 'airflow.amazonaws.com', { 'aws:SourceAccount': '999999999999' }, 'ImplicitlyDenied'],
    ['api-kinesis', 'apigateway.amazonaws.com', {}, 'Allowed'],
    ['api-kinesis', 'lambda.amazonaws.com', fromHere, 'ImplicitlyDenied'],
    ['kafka-client-role', 'ec2.amazonaws.com', {}, 'Allowed'],
    ['kafka-client-role', 'lambda.amazonaws.com', {}, 'ImplicitlyDenied'],
    ['databricks-catalog-lake', catalogRole, { 'sts:ExternalId': externalId }, 'Allowed'],
    ['databricks-catalog-lake', catalogRole, { 'sts:ExternalId': 'another' }, 'ImplicitlyDenied'],
    [
      'databricks-catalog-lake',
      'arn:aws:iam::999999999999:role/x',
      { 'sts:ExternalId': externalId },
      'ImplicitlyDenied',
    ],
    ['databricks-catalog-landing', catalogRole, { 'sts:ExternalId': externalId }, 'Allowed'],
    ['databricks-catalog-landing', catalogRole, {}, 'ImplicitlyDenied'],
    [
      'databricks-workspace-machines',
      'arn:aws:iam::414351767826:root',
      { 'sts:ExternalId': databricksAccount },
      'Allowed',
    ],
    [
      'databricks-workspace-machines',
      'arn:aws:iam::414351767826:root',
      { 'sts:ExternalId': 'another' },
      'ImplicitlyDenied',
    ],
  ] as const)('%s by %s with %j: %s', async (role, principal, context, answer) => {
    const node = one(await graphOf('prod'), 'aws:iam/role:Role', role);
    const resource = jsonOf(node.inputs.assumeRolePolicy);
    const name = String(node.inputs.name ?? role);
    const identity = { ...one(await graphOf('prod'), 'aws:iam/rolePolicy:RolePolicy', 'connector-role') };
    // A principal of another account also needs that account's permission: here it has it.
    const everything = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: assume, Resource: '*' }],
    };
    const result = await simulate(
      { principal, action: assume, resource: `${own}/${name}`, accountId, context: { ...context } },
      principal.startsWith('arn:')
        ? { resource, identity: { ...identity, inputs: { policy: everything } } }
        : { resource },
    );
    expect(result).toBe(answer);
  });

  it('buckets answer over TLS alone', async () => {
    const policy = one(await graphOf('prod'), 'aws:s3/bucketPolicy:BucketPolicy', 'lake-data');
    const identity = one(await graphOf('prod'), 'aws:iam/rolePolicy:RolePolicy', 'databricks-catalog-lake');
    const ask = (secure: string) =>
      simulate(
        {
          principal: `${own}/pinterest-prod-lake-credential`,
          action: 's3:GetObject',
          resource: `${lake}/lake/gold/x`,
          accountId,
          context: { 'aws:SecureTransport': secure },
        },
        { identity, resource: jsonOf(policy.inputs.policy) },
      );
    expect(await ask('true')).toBe('Allowed');
    expect(await ask('false')).toBe('ExplicitlyDenied');
  });
});
