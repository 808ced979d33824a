/** Permissions of Databricks in the AWS account, by role. */
import { type AccountRegion, allow, type PolicyDocument, policy, type Statement } from '../iam/document.ts';

/** Databricks' own AWS account, from which it takes on the roles below (docs.databricks.com, "cross-account role"). */
const databricksAccount = '414351767826';
/** The role with which Unity Catalog takes on the roles of credentials. */
const catalogRole = `arn:aws:iam::${databricksAccount}:role/unity-catalog-prod-UCMasterRole-14S5ZJVKOTYTL`;

const readObjects = ['s3:GetObject'];
const writeObjects = [
  's3:PutObject',
  's3:DeleteObject',
  's3:AbortMultipartUpload',
  's3:ListMultipartUploadParts',
];

/** Reading and writing the lake: objects below one folder, and the list of them. */
export function lakeStatements(bucketArn: string, folder: string): readonly Statement[] {
  return [
    allow('GetBucketLocation', ['s3:GetBucketLocation', 's3:ListBucketMultipartUploads'], [bucketArn]),
    allow('ListLake', ['s3:ListBucket'], [bucketArn]),
    allow('ReadWriteLake', [...readObjects, ...writeObjects], [`${bucketArn}/${folder}/*`]),
  ];
}

/** Writing landing files again, or removing them: objects below the topics alone. */
export function landingStatements(bucketArn: string, folder: string): readonly Statement[] {
  return [
    allow('ListLandingFiles', ['s3:ListBucket'], [bucketArn], {
      StringLike: { 's3:prefix': [`${folder}/topics/*`] },
    }),
    allow(
      'ReplaceLandingFiles',
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      [`${bucketArn}/${folder}/topics/*`],
    ),
  ];
}

/** Reading the pipeline's streams, and nothing else of Kinesis but the list of a stream's shards. */
export function streamStatements(streamArns: readonly string[]): readonly Statement[] {
  return [
    allow(
      'ReadStreams',
      [
        'kinesis:DescribeStream',
        'kinesis:DescribeStreamSummary',
        'kinesis:GetRecords',
        'kinesis:GetShardIterator',
        'kinesis:ListShards',
      ],
      streamArns,
    ),
  ];
}

/** Giving a role to machines that are started. */
export function passInstanceRole(roleArn: string): Statement {
  return allow('PassInstanceRole', ['iam:PassRole'], [roleArn], {
    StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' },
  });
}

/** Permissions of Unity Catalog with a credential: its statements, and to assume the role itself, as it demands. */
export function credentialPolicy(roleArn: string, statements: readonly Statement[]): PolicyDocument {
  return policy(...statements, allow('AssumeSelf', ['sts:AssumeRole'], [roleArn]));
}

/**
 * Trust in Unity Catalog for one credential, known by its external id, and in the role itself: Databricks refuses
 * roles that cannot take on themselves. The role cannot be named as principal before it is there, hence the condition.
 */
export function credentialTrust(
  { accountId }: AccountRegion,
  roleArn: string,
  externalId: string,
): PolicyDocument {
  return policy(
    {
      Sid: 'AssumedByUnityCatalog',
      Effect: 'Allow',
      Principal: { AWS: catalogRole },
      Action: ['sts:AssumeRole'],
      Condition: { StringEquals: { 'sts:ExternalId': externalId } },
    },
    {
      Sid: 'AssumedBySelf',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: ['sts:AssumeRole'],
      Condition: {
        ArnEquals: { 'aws:PrincipalArn': roleArn },
        StringEquals: { 'sts:ExternalId': externalId },
      },
    },
  );
}

/** Trust in Databricks for one Databricks account, to start machines. */
export function workspaceTrust(databricksAccountId: string): PolicyDocument {
  return policy({
    Sid: 'AssumedByDatabricks',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${databricksAccount}:root` },
    Action: ['sts:AssumeRole'],
    Condition: { StringEquals: { 'sts:ExternalId': databricksAccountId } },
  });
}

/**
 * Machines of the workspace, in our VPC alone and marked as Databricks' own: "customer-managed VPC with custom
 * restrictions" of https://docs.databricks.com/aws/en/admin/account-settings-e2/credentials, as
 * `databricks_aws_crossaccount_policy` writes it for `policy_type = "restricted"`: a test compares the two. It takes fleets and
 * launch templates too, for Databricks starts machines by them when it likes.
 */
export function workspacePolicy({ region, accountId }: AccountRegion, vpcId: string): PolicyDocument {
  const ec2 = (kind: string) => `arn:aws:ec2:${region}:${accountId}:${kind}/*`;
  const inVpc = { ArnEquals: { 'ec2:vpc': `arn:aws:ec2:${region}:${accountId}:vpc/${vpcId}` } };
  const marked = { StringEquals: { 'aws:RequestTag/Vendor': 'Databricks' } };
  const own = { StringEquals: { 'ec2:ResourceTag/Vendor': 'Databricks' } };
  const spotRole = `arn:aws:iam::${accountId}:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot`;
  return policy(
    allow('DescribeEc2', describeActions, ['*']),
    allow('TagResources', ['ec2:CreateTags', 'ec2:DeleteTags'], ['instance', 'volume'].map(ec2)),
    allow('RunTaggedInstances', ['ec2:RunInstances'], ['instance', 'volume'].map(ec2), marked),
    allow(
      'RunInstancesInVpc',
      ['ec2:RunInstances'],
      ['network-interface', 'subnet', 'security-group'].map(ec2),
      inVpc,
    ),
    // Images are Databricks' own and lie in its account: their marks cannot be seen from here.
    allow(
      'RunInstancesFromImages',
      ['ec2:RunInstances'],
      [`arn:aws:ec2:${region}::image/*`, `arn:aws:ec2:${region}::snapshot/*`],
    ),
    allow('AssignPrivateIps', ['ec2:AssignPrivateIpAddresses'], [ec2('network-interface')]),
    allow(
      'RequestSpotInstances',
      ['ec2:RequestSpotInstances'],
      [
        ...['network-interface', 'security-group', 'spot-instances-request', 'subnet'].map(ec2),
        `arn:aws:ec2:${region}::image/*`,
      ],
    ),
    // The role by which EC2 answers to spot requests, which an account has once it has used spot machines.
    allow('CreateSpotRole', ['iam:CreateServiceLinkedRole'], [spotRole], {
      StringLike: { 'iam:AWSServiceName': 'spot.amazonaws.com' },
    }),
    allow('UpdateSpotRole', ['iam:PutRolePolicy'], [spotRole]),
    allow('DescribeFleets', ['ec2:DescribeFleetHistory', 'ec2:DescribeFleetInstances'], [ec2('fleet')]),
    allow(
      'ManageFleets',
      ['ec2:CreateFleet', 'ec2:DeleteFleets', 'ec2:ModifyFleet'],
      [
        ...[
          'fleet',
          'instance',
          'launch-template',
          'network-interface',
          'security-group',
          'subnet',
          'volume',
        ].map(ec2),
        `arn:aws:ec2:${region}::image/*`,
        `arn:aws:ec2:${region}::snapshot/*`,
      ],
    ),
    allow(
      'ManageLaunchTemplates',
      [
        'ec2:CreateLaunchTemplate',
        'ec2:CreateLaunchTemplateVersion',
        'ec2:DeleteLaunchTemplate',
        'ec2:DeleteLaunchTemplateVersions',
        'ec2:ModifyLaunchTemplate',
      ],
      [ec2('launch-template')],
    ),
    allow('ReadLaunchTemplates', ['ec2:GetLaunchTemplateData'], [ec2('instance')]),
    allow('RunInstancesFromTemplates', ['ec2:RunInstances'], ['launch-template', 'placement-group'].map(ec2)),
    allow('CancelSpotRequests', ['ec2:CancelSpotInstanceRequests'], [ec2('spot-instances-request')]),
    allow(
      'DescribeVpcAttribute',
      ['ec2:DescribeVpcAttribute'],
      [`arn:aws:ec2:${region}:${accountId}:vpc/${vpcId}`],
    ),
    allow('CreateVolumes', ['ec2:CreateVolume'], [ec2('volume')], marked),
    allow(
      'ManageInstances',
      [
        'ec2:AssociateIamInstanceProfile',
        'ec2:DisassociateIamInstanceProfile',
        'ec2:ReplaceIamInstanceProfileAssociation',
        'ec2:TerminateInstances',
      ],
      [ec2('instance')],
      own,
    ),
    allow('AttachVolumes', ['ec2:AttachVolume', 'ec2:DetachVolume'], ['instance', 'volume'].map(ec2), own),
    allow('DeleteVolumes', ['ec2:DeleteVolume'], [ec2('volume')], own),
    allow(
      'ManageSecurityGroupRules',
      [
        'ec2:AuthorizeSecurityGroupEgress',
        'ec2:AuthorizeSecurityGroupIngress',
        'ec2:RevokeSecurityGroupEgress',
        'ec2:RevokeSecurityGroupIngress',
      ],
      [ec2('security-group')],
      inVpc,
    ),
  );
}

/** Questions to EC2, which knows no resources for them. */
const describeActions = [
  'ec2:DescribeAvailabilityZones',
  'ec2:DescribeFleets',
  'ec2:DescribeIamInstanceProfileAssociations',
  'ec2:DescribeInstanceStatus',
  'ec2:DescribeInstances',
  'ec2:DescribeInternetGateways',
  'ec2:DescribeLaunchTemplateVersions',
  'ec2:DescribeLaunchTemplates',
  'ec2:DescribeNatGateways',
  'ec2:DescribeNetworkAcls',
  'ec2:DescribePrefixLists',
  'ec2:DescribeReservedInstancesOfferings',
  'ec2:DescribeRouteTables',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSpotInstanceRequests',
  'ec2:DescribeSpotPriceHistory',
  'ec2:DescribeSubnets',
  'ec2:DescribeVolumes',
  'ec2:DescribeVpcs',
  'ec2:GetSpotPlacementScores',
];

/** Permissions of Databricks on the workspace's own bucket, by the bucket's policy. */
export function rootBucketStatement(bucketArn: string, databricksAccountId: string): Statement {
  return {
    Sid: 'UsedByDatabricks',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${databricksAccount}:root` },
    Action: [
      's3:GetBucketLocation',
      's3:ListBucket',
      ...readObjects,
      's3:GetObjectVersion',
      's3:PutObject',
      's3:DeleteObject',
    ],
    Resource: [bucketArn, `${bucketArn}/*`],
    Condition: { StringEquals: { 'aws:PrincipalTag/DatabricksAccountId': databricksAccountId } },
  };
}
