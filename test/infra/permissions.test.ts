import { beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../infra/tools/graph/record.ts';
import { simulate } from './simulate.ts';
import { graphOf, one, policyText } from './stacks.ts';

const accountId = '444455556666';
const region = 'eu-west-1';
const cluster = 'pinterest-prod/1b671a64-40d5-491e-99b0-da01ff1f3341-1';
const lake = 'arn:aws:s3:::pinterest-prod-lake-444455556666-eu-west-1';
const artefacts = 'arn:aws:s3:::pinterest-prod-artefacts-444455556666-eu-west-1';
const topic = (name: string) => `arn:aws:kafka:${region}:${accountId}:topic/${cluster}/${name}`;
const group = (name: string) => `arn:aws:kafka:${region}:${accountId}:group/${cluster}/${name}`;
const stream = (name: string) => `arn:aws:kinesis:${region}:${accountId}:stream/${name}`;
const clusterArn = `arn:aws:kafka:${region}:${accountId}:cluster/${cluster}`;
const instance = `arn:aws:ec2:${region}:${accountId}:instance/i-0123456789abcdef0`;
const vpc = { 'ec2:vpc': `arn:aws:ec2:${region}:${accountId}:vpc/vpc-0a1b2c3d4e5f60718` };

type Case = readonly [
  role: string,
  answer: 'Allowed' | 'ImplicitlyDenied' | 'ExplicitlyDenied',
  action: string,
  resource: string,
  context?: Readonly<Record<string, string>>,
];

const cases: readonly Case[] = [
  ['connector-role', 'Allowed', 'kafka-cluster:ReadData', topic('pin')],
  ['connector-role', 'Allowed', 'kafka-cluster:CreateTopic', topic('__amazon_msk_connect_status_x')],
  ['connector-role', 'Allowed', 'kafka-cluster:AlterGroup', group('connect-pinterest-prod-landing')],
  ['connector-role', 'Allowed', 's3:PutObject', `${lake}/lake/topics/pin/partition=0/pin+0+0000000000.json`],
  ['connector-role', 'Allowed', 's3:ListBucket', lake, { 's3:prefix': 'lake/topics/pin/' }],
  ['connector-role', 'ImplicitlyDenied', 's3:PutObject', `${lake}/lake/silver/pin/part-0.parquet`],
  ['connector-role', 'ImplicitlyDenied', 's3:PutObject', `${lake}/lake/bronze/pin/part-0.parquet`],
  ['connector-role', 'ImplicitlyDenied', 's3:GetObject', `${lake}/lake/bronze/pin/part-0.parquet`],
  ['connector-role', 'ImplicitlyDenied', 's3:PutObject', `${artefacts}/artefacts/x`],
  ['connector-role', 'ImplicitlyDenied', 's3:DeleteObject', `${lake}/lake/topics/pin/partition=0/x.json`],
  ['connector-role', 'ImplicitlyDenied', 's3:ListBucket', lake, { 's3:prefix': 'lake/gold/' }],
  ['connector-role', 'ImplicitlyDenied', 's3:ListBucket', lake, { 's3:prefix': 'lake/bronze/pin/' }],
  ['connector-role', 'ImplicitlyDenied', 'kafka-cluster:WriteData', topic('pin')],
  ['connector-role', 'ImplicitlyDenied', 'kafka-cluster:ReadData', topic('other')],
  ['connector-role', 'ImplicitlyDenied', 'kafka-cluster:AlterGroup', group('somebody-else')],

  ['kafka-client-role', 'Allowed', 'kafka-cluster:WriteData', topic('geo')],
  ['kafka-client-role', 'Allowed', 'kafka-cluster:DescribeTopicDynamicConfiguration', topic('geo')],
  ['kafka-client-role', 'Allowed', 'kafka-cluster:WriteDataIdempotently', clusterArn],
  ['kafka-client-role', 'Allowed', 's3:GetObject', `${artefacts}/artefacts/kafka/4.0.0/kafka_2.13-4.0.0.tgz`],
  ['kafka-client-role', 'ImplicitlyDenied', 'kafka-cluster:ReadData', topic('geo')],
  ['kafka-client-role', 'ImplicitlyDenied', 'kafka-cluster:WriteData', topic('other')],
  ['kafka-client-role', 'ImplicitlyDenied', 'kafka-cluster:CreateTopic', topic('pin')],
  ['kafka-client-role', 'ImplicitlyDenied', 'kafka-cluster:DeleteTopic', topic('pin')],
  ['kafka-client-role', 'ImplicitlyDenied', 's3:GetObject', `${lake}/lake/silver/pin/part-0.parquet`],
  ['kafka-client-role', 'ImplicitlyDenied', 's3:GetObject', `${artefacts}/dags/pinterest_daily.py`],

  ['api-kinesis', 'Allowed', 'kinesis:PutRecord', stream('streaming-pin')],
  ['api-kinesis', 'Allowed', 'kinesis:CreateStream', stream('streaming-mine')],
  ['api-kinesis', 'Allowed', 'kinesis:DeleteStream', stream('streaming-mine')],
  ['api-kinesis', 'Allowed', 'kinesis:ListStreams', '*'],
  ['api-kinesis', 'ExplicitlyDenied', 'kinesis:DeleteStream', stream('streaming-pin')],
  ['api-kinesis', 'ExplicitlyDenied', 'kinesis:DeleteStream', stream('streaming-user')],
  ['api-kinesis', 'ImplicitlyDenied', 'kinesis:PutRecord', stream('payments')],
  ['api-kinesis', 'ImplicitlyDenied', 'kinesis:GetRecords', stream('payments')],
  ['api-kinesis', 'ImplicitlyDenied', 'kinesis:DeleteStream', stream('payments')],

  ['databricks-catalog-lake', 'Allowed', 's3:PutObject', `${lake}/lake/gold/x/part-0.parquet`],
  ['databricks-catalog-lake', 'Allowed', 's3:GetObject', `${lake}/lake/topics/pin/partition=0/x.json`],
  ['databricks-catalog-lake', 'Allowed', 's3:DeleteObject', `${lake}/lake/bronze/pin/part-0.parquet`],
  // Versions that somebody has erased stay until the bucket's rule takes them: no job can hasten or hinder it.
  ['databricks-catalog-lake', 'ImplicitlyDenied', 's3:DeleteObjectVersion', `${lake}/lake/bronze/pin/x`],
  ['databricks-catalog-lake', 'ImplicitlyDenied', 's3:PutLifecycleConfiguration', lake],
  ['databricks-catalog-lake', 'ImplicitlyDenied', 's3:GetObject', `${artefacts}/artefacts/x`],
  ['databricks-catalog-lake', 'ImplicitlyDenied', 's3:PutObject', `${lake}/elsewhere/x`],
  ['databricks-catalog-lake', 'ImplicitlyDenied', 'kinesis:GetRecords', stream('streaming-pin')],
  ['databricks-catalog-streams', 'Allowed', 'kinesis:GetRecords', stream('streaming-pin')],
  ['databricks-catalog-streams', 'ImplicitlyDenied', 'kinesis:GetRecords', stream('streaming-mine')],
  ['databricks-catalog-streams', 'ImplicitlyDenied', 'kinesis:PutRecord', stream('streaming-pin')],
  ['databricks-catalog-streams', 'ImplicitlyDenied', 's3:GetObject', `${lake}/lake/gold/x`],
  ['databricks-catalog-streams', 'ImplicitlyDenied', 's3:PutObject', `${lake}/lake/topics/pin/x.json`],
  ['databricks-catalog-landing', 'Allowed', 's3:GetObject', `${lake}/lake/topics/pin/partition=0/x.json`],
  ['databricks-catalog-landing', 'Allowed', 's3:PutObject', `${lake}/lake/topics/a.pin/partition=0/x.json`],
  ['databricks-catalog-landing', 'Allowed', 's3:DeleteObject', `${lake}/lake/topics/pin/partition=0/x.json`],
  ['databricks-catalog-landing', 'Allowed', 's3:ListBucket', lake, { 's3:prefix': 'lake/topics/pin/' }],
  ['databricks-catalog-landing', 'ImplicitlyDenied', 's3:ListBucket', lake, { 's3:prefix': 'lake/silver/' }],
  ['databricks-catalog-landing', 'ImplicitlyDenied', 's3:ListBucket', lake],
  ['databricks-catalog-landing', 'ImplicitlyDenied', 's3:GetObject', `${lake}/lake/silver/pin/x`],
  ['databricks-catalog-landing', 'ImplicitlyDenied', 's3:PutObject', `${lake}/lake/gold/x/part-0.parquet`],
  ['databricks-catalog-landing', 'ImplicitlyDenied', 's3:DeleteObject', `${lake}/lake/erasures/x`],
  ['databricks-catalog-landing', 'ImplicitlyDenied', 's3:DeleteObjectVersion', `${lake}/lake/topics/pin/x`],
  ['databricks-catalog-landing', 'ImplicitlyDenied', 's3:BypassGovernanceRetention', `${lake}/lake/topics/x`],
  ['databricks-catalog-landing', 'ImplicitlyDenied', 's3:GetObject', `${artefacts}/lake/topics/pin/x`],
  ['databricks-catalog-landing', 'ImplicitlyDenied', 'kinesis:GetRecords', stream('streaming-pin')],

  [
    'databricks-workspace-machines',
    'Allowed',
    'ec2:TerminateInstances',
    instance,
    { 'ec2:ResourceTag/Vendor': 'Databricks' },
  ],
  ['databricks-workspace-machines', 'ImplicitlyDenied', 'ec2:TerminateInstances', instance],
  [
    'databricks-workspace-machines',
    'Allowed',
    'ec2:AuthorizeSecurityGroupIngress',
    `arn:aws:ec2:${region}:${accountId}:security-group/sg-0123456789abcdef0`,
    vpc,
  ],
  [
    'databricks-workspace-machines',
    'ImplicitlyDenied',
    'ec2:AuthorizeSecurityGroupIngress',
    `arn:aws:ec2:${region}:${accountId}:security-group/sg-0123456789abcdef0`,
  ],

  [
    'databricks-workspace-machines',
    'Allowed',
    'iam:CreateServiceLinkedRole',
    `arn:aws:iam::${accountId}:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot`,
    { 'iam:AWSServiceName': 'spot.amazonaws.com' },
  ],
  [
    'databricks-workspace-machines',
    'ImplicitlyDenied',
    'iam:CreateServiceLinkedRole',
    `arn:aws:iam::${accountId}:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport`,
    { 'iam:AWSServiceName': 'support.amazonaws.com' },
  ],
  [
    'databricks-workspace-machines',
    'ImplicitlyDenied',
    'iam:PassRole',
    `arn:aws:iam::${accountId}:role/airflow-role`,
  ],
  // Airflow tells the topic in prod: Databricks needs no right to.
  [
    'databricks-catalog-streams',
    'ImplicitlyDenied',
    'sns:Publish',
    `arn:aws:sns:${region}:${accountId}:pinterest-prod-alarms`,
  ],

  ['airflow-role', 'Allowed', 's3:GetObject', `${artefacts}/dags/pinterest_daily.py`],
  [
    'airflow-role',
    'Allowed',
    'secretsmanager:GetSecretValue',
    `arn:aws:secretsmanager:${region}:${accountId}:secret:airflow/connections/databricks_default-Ab12Cd`,
  ],
  ['airflow-role', 'Allowed', 'sns:Publish', `arn:aws:sns:${region}:${accountId}:pinterest-prod-alarms`],
  [
    'airflow-role',
    'ImplicitlyDenied',
    'secretsmanager:GetSecretValue',
    `arn:aws:secretsmanager:${region}:${accountId}:secret:rds!db-1-Ab12Cd`,
  ],
  ['airflow-role', 'ImplicitlyDenied', 's3:GetObject', `${lake}/lake/gold/x`],
  ['airflow-role', 'ImplicitlyDenied', 's3:GetObject', `${lake}/lake/bronze/pin/x`],
  ['airflow-role', 'ImplicitlyDenied', 's3:PutObject', `${artefacts}/dags/pinterest_daily.py`],
  ['airflow-role', 'ExplicitlyDenied', 's3:ListAllMyBuckets', '*'],

  [
    'emulator',
    'Allowed',
    'secretsmanager:GetSecretValue',
    `arn:aws:secretsmanager:${region}:${accountId}:secret:rds!db-1b671a64-40d5-491e-99b0-da01ff1f3341-Ab12Cd`,
  ],
  [
    'emulator',
    'Allowed',
    'execute-api:Invoke',
    `arn:aws:execute-api:${region}:${accountId}:api-id/v1/POST/topics/pin`,
  ],
  [
    'emulator',
    'Allowed',
    'ssm:StartSession',
    instance,
    { 'ssm:resourceTag/Name': 'pinterest-prod-kafka-client' },
  ],
  [
    'emulator',
    'ImplicitlyDenied',
    'ssm:StartSession',
    instance,
    { 'ssm:resourceTag/Name': 'another-machine' },
  ],
  ['emulator', 'ImplicitlyDenied', 's3:GetObject', `${lake}/lake/gold/x`],
  ['emulator', 'ImplicitlyDenied', 's3:GetObject', `${lake}/lake/bronze/pin/x`],
  ['emulator', 'ImplicitlyDenied', 's3:ListBucket', lake],
  ['emulator', 'ImplicitlyDenied', 'kinesis:PutRecord', stream('streaming-pin')],
  ['emulator', 'ImplicitlyDenied', 'kafka-cluster:WriteData', topic('pin')],
];

describe('what each role may do, in prod', () => {
  let prod: Graph;
  beforeAll(async () => {
    prod = await graphOf('prod');
  });

  for (const [role, answer, action, resource, context = {}] of cases) {
    it(`${role}: ${answer}, ${action} on ${resource} ${JSON.stringify(context)}`, async () => {
      const type = role === 'emulator' ? 'aws:iam/policy:Policy' : 'aws:iam/rolePolicy:RolePolicy';
      const identity = one(prod, type, role);
      const principal = `arn:aws:iam::${accountId}:role/${role}`;
      expect(await simulate({ principal, action, resource, accountId, context }, { identity })).toBe(answer);
    });
  }

  // The simulator knows no documents of AWS's own, whose ARNs have no account.
  it('emulator: forwards ports through a session, and opens no shell', () => {
    const policy = policyText(one(prod, 'aws:iam/policy:Policy', 'emulator'));
    expect(policy.match(/document\/[^"]*/g)).toEqual(['document/AWS-StartPortForwardingSessionToRemoteHost']);
  });
});

describe('what each role may do, with mounts', () => {
  const account = '111122223333';
  const profileRole = `arn:aws:iam::${account}:role/databricks-profile-role`;
  const data = 'arn:aws:s3:::pinterest-mount-lake-111122223333-eu-west-1';
  const toMachines = { 'iam:PassedToService': 'ec2.amazonaws.com' };

  const withMounts: readonly Case[] = [
    ['databricks-profile-role', 'Allowed', 's3:PutObject', `${data}/lake/silver/pin/part-0.parquet`],
    // The job that erases posts writes landing files again by S3 itself, with the rights that its machines carry.
    ['databricks-profile-role', 'Allowed', 's3:PutObject', `${data}/lake/topics/pin/partition=0/x.json`],
    ['databricks-profile-role', 'Allowed', 's3:DeleteObject', `${data}/lake/topics/pin/partition=0/x.json`],
    ['databricks-profile-role', 'Allowed', 's3:ListBucket', data, { 's3:prefix': 'lake/topics/pin/' }],
    ['databricks-profile-role', 'ImplicitlyDenied', 's3:PutObject', `${data}/elsewhere/x`],
    [
      'databricks-profile-role',
      'Allowed',
      'sns:Publish',
      `arn:aws:sns:${region}:${account}:pinterest-mount-alarms`,
    ],
    ['databricks-profile-role', 'ImplicitlyDenied', 'sns:Publish', `arn:aws:sns:${region}:${account}:other`],
    ['databricks-profile-role', 'ImplicitlyDenied', 'iam:PassRole', profileRole, toMachines],
    ['databricks-profile-hand-out', 'Allowed', 'iam:PassRole', profileRole, toMachines],
    [
      'databricks-profile-hand-out',
      'ImplicitlyDenied',
      'iam:PassRole',
      profileRole,
      { 'iam:PassedToService': 'lambda.amazonaws.com' },
    ],
    [
      'databricks-profile-hand-out',
      'ImplicitlyDenied',
      'iam:PassRole',
      `arn:aws:iam::${account}:role/connector-role`,
      toMachines,
    ],
  ];
  for (const [role, answer, action, resource, context = {}] of withMounts) {
    it(`${role}: ${answer}, ${action} on ${resource} ${JSON.stringify(context)}`, async () => {
      const identity = one(await graphOf('mount'), 'aws:iam/rolePolicy:RolePolicy', role);
      const principal = `arn:aws:iam::${account}:role/${role}`;
      const request = { principal, action, resource, accountId: account, context };
      expect(await simulate(request, { identity })).toBe(answer);
    });
  }
});
