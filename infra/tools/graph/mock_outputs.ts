/**
 * Mock outputs of AWS and Databricks: those that the program reads, in the shape that they really
 * have. For running the program with no account: the preview's graph, and the tests' offline provider.
 */

export interface MockResource {
  readonly id: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

type Inputs = Readonly<Record<string, unknown>>;

interface AccountRegion {
  readonly region: string;
  readonly accountId: string;
}

/** A resource as its provider would give it back: its inputs, a name where it has none, and what is computed. */
export function mockOutputs(
  type: string,
  name: string,
  inputs: Inputs,
  accountRegion: AccountRegion,
): MockResource {
  const physical = textOf(inputs.name) ?? textOf(inputs.bucket) ?? name;
  const computed = computedOutputs[type]?.({ name, physical, inputs, ...accountRegion }) ?? {};
  const id = idOf(type, name, inputs);
  const named = 'name' in inputs || unnamed.test(type) ? {} : { name };
  return { id, outputs: { ...named, ...inputs, ...computed } };
}

interface Asked extends AccountRegion {
  readonly name: string;
  /** Its name at its provider. */
  readonly physical: string;
  readonly inputs: Inputs;
}

const number = '1b671a64-40d5-491e-99b0-da01ff1f3341';

const arn = (service: string, kind: string) => (asked: Asked) => ({
  arn: `arn:aws:${service}:${asked.region}:${asked.accountId}:${kind}${asked.physical}`,
});
const iamArn = (kind: string) => (asked: Asked) => ({
  arn: `arn:aws:iam::${asked.accountId}:${kind}/${asked.physical}`,
});

/** By type: what only the provider knows. */
const computedOutputs: Readonly<Record<string, (asked: Asked) => Readonly<Record<string, unknown>>>> = {
  'aws:apigateway/apiKey:ApiKey': () => ({ value: 'made-up-api-key-value' }),
  'aws:apigateway/deployment:Deployment': () => ({}),
  'aws:apigateway/stage:Stage': ({ inputs, region, accountId }) => ({
    invokeUrl: `https://${textOf(inputs.restApi)}.execute-api.${region}.amazonaws.com/${textOf(inputs.stageName)}`,
    executionArn: `arn:aws:execute-api:${region}:${accountId}:${textOf(inputs.restApi)}/${textOf(inputs.stageName)}`,
  }),
  'aws:autoscaling/group:Group': arn('autoscaling', 'autoScalingGroup:'),
  'aws:cloudwatch/logGroup:LogGroup': arn('logs', 'log-group:'),
  'aws:ec2/launchTemplate:LaunchTemplate': () => ({ latestVersion: 1 }),
  'aws:iam/instanceProfile:InstanceProfile': iamArn('instance-profile'),
  'aws:iam/policy:Policy': iamArn('policy'),
  'aws:iam/role:Role': iamArn('role'),
  'aws:kinesis/stream:Stream': arn('kinesis', 'stream/'),
  'aws:kms/key:Key': arn('kms', 'key/'),
  'aws:lb/listener:Listener': arn('elasticloadbalancing', 'listener/app/'),
  'aws:lb/loadBalancer:LoadBalancer': (asked) => ({
    ...arn('elasticloadbalancing', 'loadbalancer/app/')(asked),
    arnSuffix: `app/${asked.physical}/50dc6c495c0c9188`,
    dnsName: `internal-${asked.physical}.${asked.region}.elb.amazonaws.com`,
  }),
  'aws:lb/targetGroup:TargetGroup': (asked) => ({
    ...arn('elasticloadbalancing', 'targetgroup/')(asked),
    arnSuffix: `targetgroup/${asked.physical}/73e2d6bc24d8a067`,
  }),
  'aws:msk/cluster:Cluster': ({ inputs, region, accountId }) => ({
    arn: `arn:aws:kafka:${region}:${accountId}:cluster/${textOf(inputs.clusterName)}/${number}-1`,
    bootstrapBrokersSaslIam: [1, 2]
      .map((broker) => `b-${broker}.${textOf(inputs.clusterName)}.c1.kafka.${region}.amazonaws.com:9098`)
      .join(','),
  }),
  'aws:msk/configuration:Configuration': (asked) => ({
    ...arn('kafka', 'configuration/')(asked),
    latestRevision: 1,
  }),
  'aws:mskconnect/customPlugin:CustomPlugin': (asked) => ({
    ...arn('kafkaconnect', 'custom-plugin/')(asked),
    latestRevision: 1,
  }),
  'aws:mskconnect/workerConfiguration:WorkerConfiguration': (asked) => ({
    ...arn('kafkaconnect', 'worker-configuration/')(asked),
    latestRevision: 1,
  }),
  'aws:mwaa/environment:Environment': ({ region }) => ({
    webserverUrl: `${number}.c1.airflow.${region}.on.aws`,
  }),
  'aws:rds/instance:Instance': ({ name, region, accountId }) => ({
    address: `${name}.c1.${region}.rds.amazonaws.com`,
    masterUserSecrets: [
      {
        secretArn: `arn:aws:secretsmanager:${region}:${accountId}:secret:rds!db-${number}-Ab12Cd`,
        secretStatus: 'active',
      },
    ],
  }),
  'aws:s3/bucketObjectv2:BucketObjectv2': () => ({ versionId: 'made-up-version' }),
  'aws:secretsmanager/secret:Secret': ({ physical, region, accountId }) => ({
    arn: `arn:aws:secretsmanager:${region}:${accountId}:secret:${physical}-Ab12Cd`,
  }),
  'aws:sns/topic:Topic': arn('sns', ''),
  'databricks:index/credential:Credential': ({ inputs }) => ({
    awsIamRole: withExternalId(inputs.awsIamRole),
  }),
  'databricks:index/mwsCredentials:MwsCredentials': () => ({ credentialsId: number }),
  'databricks:index/mwsNetworks:MwsNetworks': () => ({ networkId: number }),
  'databricks:index/mwsStorageConfigurations:MwsStorageConfigurations': () => ({
    storageConfigurationId: number,
  }),
  'databricks:index/mwsWorkspaces:MwsWorkspaces': () => ({
    workspaceId: '1234567890123456',
    workspaceUrl: 'https://dbc-12345678-90ab.cloud.databricks.com',
    // The provider's default, without which it would make the workspace anew.
    isNoPublicIpEnabled: true,
  }),
  'databricks:index/servicePrincipal:ServicePrincipal': () => ({ applicationId: number }),
  'databricks:index/servicePrincipalSecret:ServicePrincipalSecret': () => ({
    secret: 'made-up-oauth-secret',
  }),
  'databricks:index/sqlEndpoint:SqlEndpoint': () => ({
    odbcParams: {
      hostname: 'dbc-12345678-90ab.cloud.databricks.com',
      path: '/sql/1.0/warehouses/1234567890abcdef',
      port: 443,
      protocol: 'https',
    },
  }),
  'databricks:index/storageCredential:StorageCredential': ({ inputs }) => ({
    awsIamRole: withExternalId(inputs.awsIamRole),
  }),
};

/** Types that have no name of their own at their provider, so that none may be added. */
const unnamed = /^(pulumi:|pinterest:)/;

/** Ids that other code takes apart must look as they really do; the others say whose they are. */
function idOf(type: string, name: string, inputs: Inputs): string {
  switch (type) {
    case 'aws:ec2/vpc:Vpc':
      return 'vpc-0a1b2c3d4e5f60718';
    case 'aws:s3/bucket:Bucket':
      return textOf(inputs.bucket) ?? name;
    // A replaced one has another id, which its stage has to be told.
    case 'aws:apigateway/deployment:Deployment':
      return `${name}-${JSON.stringify(inputs.triggers)
        .replaceAll(/[^a-z0-9]/g, '')
        .slice(-8)}`;
    default:
      return `${name}-id`;
  }
}

function withExternalId(role: unknown): Readonly<Record<string, unknown>> {
  return { ...(typeof role === 'object' ? role : {}), externalId: number };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
