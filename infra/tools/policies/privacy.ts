/** Nothing public: no address, bucket, port or method that the world may use. */
import { type Declared, jsonOf, type Rule, type Violation, valueAt } from './declared.ts';
import { alone } from './encryption.ts';

/** By type: inputs that must have this value. */
const required: Readonly<Record<string, readonly (readonly [string, unknown])[]>> = {
  'aws:ec2/subnet:Subnet': [['mapPublicIpOnLaunch', false]],
  'aws:lb/loadBalancer:LoadBalancer': [['internal', true]],
  'aws:msk/cluster:Cluster': [['brokerNodeGroupInfo.connectivityInfo.publicAccess.type', 'DISABLED']],
  'aws:rds/instance:Instance': [['publiclyAccessible', false]],
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': [
    ['blockPublicAcls', true],
    ['blockPublicPolicy', true],
    ['ignorePublicAcls', true],
    ['restrictPublicBuckets', true],
  ],
  'aws:s3/bucketOwnershipControls:BucketOwnershipControls': [['rule.objectOwnership', 'BucketOwnerEnforced']],
};

export const privacy: Rule = {
  name: 'nothing-public',
  description: 'Nothing of the pipeline can be reached or used by everyone.',
  each: (resource) => [
    ...(required[resource.type] ?? []).flatMap(([path, right]) => wrongValue(resource, path, right)),
    ...openIngress(resource),
    ...openMethods(resource),
  ],
  all: (resources) =>
    alone(
      resources,
      'aws:s3/bucket:Bucket',
      'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock',
      'needs a BucketPublicAccessBlock',
    ),
};

function wrongValue({ type, inputs }: Declared, path: string, right: unknown): readonly Violation[] {
  const value = valueAt(inputs, path);
  // AWS gives no public address where nothing is said.
  if (type === 'aws:ec2/subnet:Subnet' && value === undefined) {
    return [];
  }
  return value === right ? [] : [`${path} must be ${String(right)}, and is ${JSON.stringify(value)}`];
}

function openIngress({ type, inputs }: Declared): readonly Violation[] {
  if (type === 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule') {
    return valueAt(inputs, 'referencedSecurityGroupId') === undefined
      ? ['must let in a security group, never addresses']
      : [];
  }
  const inline = valueAt(inputs, 'ingress');
  return type.startsWith('aws:ec2/') && Array.isArray(inline) && inline.length > 0
    ? ['must have no rules of its own: infra/network/roles.ts is where they are']
    : [];
}

/** Every method of the API asks for a key or a signature. */
function openMethods({ type, inputs }: Declared): readonly Violation[] {
  if (type !== 'aws:apigateway/restApi:RestApi') {
    return [];
  }
  const paths = valueAt(jsonOf(valueAt(inputs, 'body')), 'paths');
  if (typeof paths !== 'object' || paths === null) {
    return [];
  }
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item ?? {}).flatMap(([method, operation]) => {
      const security = valueAt(operation, 'security');
      return Array.isArray(security) && security.length > 0
        ? []
        : [`${method.toUpperCase()} ${path} must ask for a key or a signature`];
    }),
  );
}
