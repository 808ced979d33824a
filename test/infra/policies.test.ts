import { beforeAll, describe, expect, it } from 'vitest';
import type { Settings } from '../../infra/configuration/settings.ts';
import type { Declared } from '../../infra/tools/policies/declared.ts';
import { violations } from '../../infra/tools/policies/rules.ts';
import { declaredIn, graphOf, settingsOf } from './stacks.ts';

describe('the policies', () => {
  let dev: readonly Declared[];
  let mount: readonly Declared[];
  let prod: readonly Declared[];
  beforeAll(async () => {
    dev = declaredIn(await graphOf('dev'));
    mount = declaredIn(await graphOf('mount'));
    prod = declaredIn(await graphOf('prod'));
  });

  it('hold for all stacks', () => {
    expect(violations(dev)).toEqual([]);
    expect(violations(mount)).toEqual([]);
    expect(violations(prod)).toEqual([]);
  });

  it.each<[string, string, (settings: Settings) => Partial<Settings>]>([
    ['dev', 'with Airflow', ({ airflow }) => ({ airflow: { ...airflow, enabled: true } })],
    ['mount', 'with the catalog', ({ databricks }) => ({ databricks: { ...databricks, access: 'catalog' } })],
    ['dev', 'streaming', ({ databricks }) => ({ databricks: { ...databricks, streaming: 'running' } })],
    ['dev', 'with streams on demand', ({ streams }) => ({ streams: { ...streams, mode: 'on-demand' } })],
    ['dev', 'with signed requests', ({ api }) => ({ api: { ...api, authorisation: 'iam' } })],
    [
      'dev',
      'with NAT in each zone',
      ({ network }) => ({ network: { ...network, natGateways: 'one-a-zone' } }),
    ],
    ['dev', 'keeping landing files', ({ lake }) => ({ lake: { ...lake, landingDays: null } })],
    ['dev', 'protected', () => ({ protectData: true })],
    ['dev', 'paused', () => ({ paused: true })],
    ['prod', 'paused', () => ({ paused: true })],
    [
      'prod',
      'with a private web server',
      ({ airflow }) => ({ airflow: { ...airflow, webserver: 'private' } }),
    ],
    [
      'mount',
      'changing all warehouses',
      ({ databricks }) => ({ databricks: { ...databricks, changeAllWarehouses: true } }),
    ],
    ['prod', 'without Airflow', ({ airflow }) => ({ airflow: { ...airflow, enabled: false } })],
    ['prod', 'not streaming', ({ databricks }) => ({ databricks: { ...databricks, streaming: 'paused' } })],
    ['prod', 'with keys', ({ api }) => ({ api: { ...api, authorisation: 'key' } })],
  ])('hold for %s %s', async (stack, _, change) => {
    const graph = await graphOf(stack, change(settingsOf(stack)));
    expect(violations(declaredIn(graph))).toEqual([]);
  });

  /** Prod with the inputs of one resource changed. */
  function prodWith(type: string, name: string, inputs: Record<string, unknown>): readonly Declared[] {
    expect(prod.some((one) => one.type === type && one.name === name)).toBe(true);
    return prod.map((one) =>
      one.type === type && one.name === name ? { ...one, inputs: { ...one.inputs, ...inputs } } : one,
    );
  }

  const policyOf = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const withRollback = { instanceRefresh: { preferences: { autoRollback: true } } };
  const fixedByScaling = { capacity: { autoscaling: { minWorkerCount: 2, maxWorkerCount: 2 } } };
  const bucketBlock = 'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock';

  it.each([
    ['aws:rds/instance:Instance', 'database', { storageEncrypted: false }, 'storageEncrypted must be true'],
    [
      'aws:rds/instance:Instance',
      'database',
      { publiclyAccessible: true },
      'publiclyAccessible must be false',
    ],
    [
      'aws:rds/instance:Instance',
      'database',
      { password: 'hunter2' },
      'password holds a secret in plain text',
    ],
    ['aws:rds/parameterGroup:ParameterGroup', 'database', { parameters: [] }, 'require_secure_transport'],
    [
      'aws:kinesis/stream:Stream',
      'streams-streaming-pin',
      { encryptionType: 'NONE' },
      'encryptionType must be KMS',
    ],
    ['aws:msk/cluster:Cluster', 'kafka', { encryptionInfo: {} }, 'clientBroker must be TLS'],
    ['aws:sns/topic:Topic', 'alarms', { kmsMasterKeyId: undefined }, 'kmsMasterKeyId must be set'],
    ['aws:s3/bucketPolicy:BucketPolicy', 'lake-data', { policy: '{}' }, 'aws:SecureTransport'],
    [bucketBlock, 'lake-data', { blockPublicAcls: false }, 'blockPublicAcls must be true'],
    ['aws:lb/loadBalancer:LoadBalancer', 'rest-proxy', { internal: false }, 'internal must be true'],
    [
      'aws:mwaa/environment:Environment',
      'airflow',
      { webserverAccessMode: 'PRIVATE_ONLY' },
      'must set pluginsS3Path',
    ],
    ['aws:autoscaling/group:Group', 'kafka-client', withRollback, 'must not set autoRollback'],
    [
      'aws:apigateway/methodSettings:MethodSettings',
      'api',
      { settings: { metricsEnabled: true } },
      'must not set metricsEnabled',
    ],
    ['aws:mskconnect/connector:Connector', 'connector', fixedByScaling, 'must have provisionedCapacity'],
    ['aws:msk/cluster:Cluster', 'kafka', { kafkaVersion: '3.9.x' }, 'must be one without ZooKeeper'],
    [
      'databricks:index/sqlEndpoint:SqlEndpoint',
      'databricks-compute',
      { autoStopMins: 5 },
      'must be 0 or 10 and more',
    ],
    [
      'databricks:index/job:Job',
      'databricks-jobs-streaming',
      { controlRunState: undefined },
      'must set controlRunState',
    ],
    ['databricks:index/job:Job', 'databricks-jobs-batch', { controlRunState: true }, 'and there alone'],
    [
      'databricks:index/externalLocation:ExternalLocation',
      'databricks-catalog',
      { enableFileEvents: undefined },
      'must set enableFileEvents to false',
    ],
    [
      'databricks:index/permissions:Permissions',
      'databricks-operators-streaming',
      { jobId: 'databricks-jobs-batch-id' },
      'is the second list of permissions',
    ],
    [
      'aws:ec2/subnet:Subnet',
      'network-private-eu-west-1a',
      { mapPublicIpOnLaunch: true },
      'mapPublicIpOnLaunch',
    ],
    [
      'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule',
      'groups-connector-to-brokers',
      { referencedSecurityGroupId: undefined, cidrIpv4: '0.0.0.0/0' },
      'must let in a security group',
    ],
    [
      'aws:apigateway/restApi:RestApi',
      'api',
      { body: '{"paths":{"/topics":{"get":{}}}}' },
      'GET /topics must ask for a key or a signature',
    ],
    [
      'aws:iam/rolePolicy:RolePolicy',
      'connector-role',
      { policy: policyOf({ Sid: 'Wide', Effect: 'Allow', Action: ['s3:*'], Resource: ['arn:aws:s3:::b'] }) },
      'Wide allows s3:*: name the actions',
    ],
    [
      'aws:iam/rolePolicy:RolePolicy',
      'connector-role',
      { policy: policyOf({ Sid: 'All', Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['*'] }) },
      'All allows s3:GetObject on every resource: name the resources',
    ],
    [
      'aws:iam/role:Role',
      'connector-role',
      {
        assumeRolePolicy: policyOf({
          Sid: 'Any',
          Effect: 'Allow',
          Action: ['sts:AssumeRole'],
          Principal: '*',
        }),
      },
      'Any is for everyone: name the principal',
    ],
    [
      'aws:ec2/launchTemplate:LaunchTemplate',
      'kafka-client',
      { userData: 'AKIAABCDEFGHIJKLMNOP' },
      'an AWS access key',
    ],
  ])('refuse %s %s with %j', (type, name, inputs, says) => {
    expect(violations(prodWith(type, name, inputs)).join('\n')).toContain(says);
  });

  it('refuse a bucket whose block or encryption is left out', () => {
    const without = (type: string) => prod.filter((one) => !(one.type === type && one.name === 'lake-data'));
    expect(violations(without(bucketBlock))).toEqual([
      'nothing-public: aws:s3/bucket:Bucket lake-data: needs a BucketPublicAccessBlock',
    ]);
    expect(
      violations(
        without('aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration'),
      ),
    ).toEqual([
      'encrypted-everywhere: aws:s3/bucket:Bucket lake-data: needs a BucketServerSideEncryptionConfiguration',
    ]);
  });

  it('refuse data that matters without protection, and resources without tags', () => {
    const careless = prod.map((one) =>
      one.type === 'aws:msk/cluster:Cluster' ? { ...one, protect: false } : one,
    );
    expect(violations(careless)).toEqual([
      'data-is-protected: aws:msk/cluster:Cluster kafka: holds data that matters: it must have the option protect',
    ]);
    const untagged = prod.map((one) =>
      one.type === 'aws:sns/topic:Topic' ? { ...one, provider: undefined } : one,
    );
    expect(violations(untagged)).toContain(
      'tagged: aws:sns/topic:Topic alarms: must be made by a provider whose defaultTags name owner',
    );
  });
});
