/** No wildcard actions or resources, beyond a named few each with its reason. */
import { type Declared, jsonOf, type Rule, type Violation, valueAt } from './declared.ts';

/** The input that holds a policy, by type. */
const documents: Readonly<Record<string, string>> = {
  'aws:iam/policy:Policy': 'policy',
  'aws:iam/role:Role': 'assumeRolePolicy',
  'aws:iam/rolePolicy:RolePolicy': 'policy',
  'aws:kms/key:Key': 'policy',
  'aws:s3/bucketPolicy:BucketPolicy': 'policy',
  'aws:sns/topicPolicy:TopicPolicy': 'policy',
};

/** Actions that may have every resource, and why. */
const onEveryResource: Readonly<Record<string, string>> = {
  'cloudwatch:PutMetricData': 'CloudWatch knows no resources; bound by its namespace',
  'ec2:GetSpotPlacementScores': 'is about no resource; Databricks asks where spot machines are to be had',
  'kinesis:ListStreams':
    'Kinesis knows no resources for listing; the response template leaves out other prefixes',
  'logs:DescribeLogGroups': 'CloudWatch Logs knows no resources for listing; MWAA asks for it',
  's3:GetAccountPublicAccessBlock': 'is about the account; MWAA asks for it',
  'ssm:UpdateInstanceInformation': 'the agent of Session Manager; it knows no resources',
  'ssmmessages:CreateControlChannel': 'the agent of Session Manager; it knows no resources',
  'ssmmessages:CreateDataChannel': 'the agent of Session Manager; it knows no resources',
  'ssmmessages:OpenControlChannel': 'the agent of Session Manager; it knows no resources',
  'ssmmessages:OpenDataChannel': 'the agent of Session Manager; it knows no resources',
};

/** Questions to EC2 know no resources. */
const describes = /^ec2:Describe[A-Za-z]+$/;

/** Whole statements that are wider, by their Sid, and why. */
const wideStatements: Readonly<Record<string, string>> = {
  AdministerKey: "a key's policy is about that key alone, and without this nobody could change it",
  EncryptAlarms: "a key's policy is about that key alone",
};

export const leastPrivilege: Rule = {
  name: 'no-wildcards',
  description: 'Policies name actions and resources; the exceptions are named with their reasons.',
  each: (resource) => statementsOf(resource).flatMap(violationsOf),
};

function statementsOf({ type, inputs }: Declared): readonly unknown[] {
  const key = documents[type];
  const statements = key === undefined ? undefined : valueAt(jsonOf(valueAt(inputs, key)), 'Statement');
  return Array.isArray(statements) ? statements : [];
}

function violationsOf(statement: unknown): readonly Violation[] {
  const sid = String(valueAt(statement, 'Sid'));
  // A denial may be as wide as can be.
  if (valueAt(statement, 'Effect') === 'Deny' || sid in wideStatements) {
    return [];
  }
  const actions = textsOf(valueAt(statement, 'Action'));
  const wideActions = actions.filter((action) => action.includes('*'));
  const wide = textsOf(valueAt(statement, 'Resource')).includes('*');
  const unexplained = wide
    ? actions.filter((action) => !(action in onEveryResource) && !describes.test(action))
    : [];
  const everyone = valueAt(statement, 'Principal') === '*' || valueAt(statement, 'Principal.AWS') === '*';
  return [
    ...wideActions.map((action) => `${sid} allows ${action}: name the actions`),
    ...unexplained.map((action) => `${sid} allows ${action} on every resource: name the resources`),
    ...(everyone ? [`${sid} is for everyone: name the principal`] : []),
    ...(valueAt(statement, 'NotAction') === undefined && valueAt(statement, 'NotResource') === undefined
      ? []
      : [`${sid} allows all but something: say what it allows`]),
  ];
}

function textsOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
}
