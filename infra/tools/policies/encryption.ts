/** Encryption everywhere: at rest and on the way. */
import { type Declared, type Rule, type Violation, valueAt } from './declared.ts';

/** By type: the path of an input, the values that are right, and what is said otherwise. */
const required: Readonly<Record<string, readonly (readonly [string, readonly unknown[]])[]>> = {
  'aws:kinesis/stream:Stream': [['encryptionType', ['KMS']]],
  'aws:msk/cluster:Cluster': [
    ['encryptionInfo.encryptionInTransit.clientBroker', ['TLS']],
    ['encryptionInfo.encryptionInTransit.inCluster', [true]],
    ['clientAuthentication.unauthenticated', [false]],
  ],
  'aws:mskconnect/connector:Connector': [
    ['kafkaClusterEncryptionInTransit.encryptionType', ['TLS']],
    ['kafkaClusterClientAuthentication.authenticationType', ['IAM']],
  ],
  'aws:rds/instance:Instance': [
    ['storageEncrypted', [true]],
    ['manageMasterUserPassword', [true]],
  ],
  'aws:ec2/launchTemplate:LaunchTemplate': [
    ['metadataOptions.httpTokens', ['required']],
    ['blockDeviceMappings.0.ebs.encrypted', ['true', true]],
  ],
};

/** By type: inputs that must be there, whatever they say. */
const present: Readonly<Record<string, readonly string[]>> = {
  'aws:sns/topic:Topic': ['kmsMasterKeyId'],
  'aws:kinesis/stream:Stream': ['kmsKeyId'],
};

/** Rules that hold between resources: a bucket is encrypted by another resource. */
const companions: readonly (readonly [string, string, string])[] = [
  [
    'aws:s3/bucket:Bucket',
    'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration',
    'needs a BucketServerSideEncryptionConfiguration',
  ],
  [
    'aws:s3/bucket:Bucket',
    'aws:s3/bucketPolicy:BucketPolicy',
    'needs a BucketPolicy that refuses what is not TLS',
  ],
];

export const encryption: Rule = {
  name: 'encrypted-everywhere',
  description: 'What holds or carries data is encrypted.',
  each: ({ type, inputs }) => [
    ...(required[type] ?? []).flatMap(([path, right]) => wrongValue(inputs, path, right)),
    ...(present[type] ?? []).flatMap((path) =>
      valueAt(inputs, path) === undefined ? [`${path} must be set`] : [],
    ),
    ...(type === 'aws:rds/parameterGroup:ParameterGroup' && !asksForTls(inputs)
      ? ['parameters must set require_secure_transport to 1']
      : []),
    ...(type === 'aws:s3/bucketPolicy:BucketPolicy' && !JSON.stringify(inputs).includes('aws:SecureTransport')
      ? ['must refuse requests without TLS (aws:SecureTransport)']
      : []),
  ],
  all: (resources) =>
    companions.flatMap(([type, companion, says]) => alone(resources, type, companion, says)),
};

/** Resources of a type without a companion of the same bucket. */
export function alone(
  resources: readonly Declared[],
  type: string,
  companion: string,
  says: string,
): readonly (readonly [Declared, Violation])[] {
  const covered = new Set(
    resources.filter((resource) => resource.type === companion).map(({ name }) => name),
  );
  return resources
    .filter((resource) => resource.type === type && !covered.has(resource.name))
    .map((resource) => [resource, says]);
}

function wrongValue(inputs: unknown, path: string, right: readonly unknown[]): readonly Violation[] {
  const value = valueAt(inputs, path);
  return right.includes(value) ? [] : [`${path} must be ${right[0]}, and is ${JSON.stringify(value)}`];
}

function asksForTls(inputs: unknown): boolean {
  const parameters = valueAt(inputs, 'parameters');
  return (
    Array.isArray(parameters) &&
    parameters.some(
      (one) => valueAt(one, 'name') === 'require_secure_transport' && valueAt(one, 'value') === '1',
    )
  );
}
