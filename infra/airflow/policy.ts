/** Permissions of the Airflow environment: read its DAGs and its one connection, write its logs, report failures. */
import { type AccountRegion, allow, deny, type PolicyDocument, policy } from '../iam/document.ts';
import { notifyStatements } from '../monitoring/alarms.ts';

export interface AirflowPolicyArgs {
  readonly accountRegion: AccountRegion;
  readonly environmentName: string;
  /** ARN of the bucket with `dags/`. */
  readonly bucket: string;
  /** ARN of the secret with the connection to Databricks. */
  readonly connection: string;
  /** ARN of the topic that failures are told to. */
  readonly alarms: string;
  /** ARN of the key that the topic is encrypted with. */
  readonly alarmsKey: string;
}

/** As https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-create-role.html lists, with an AWS-owned key. */
export function airflowPolicy(args: AirflowPolicyArgs): PolicyDocument {
  const { accountRegion, environmentName, bucket, connection, alarms, alarmsKey } = args;
  const { region, accountId } = accountRegion;
  const logs = `arn:aws:logs:${region}:${accountId}:log-group:airflow-${environmentName}-*`;
  return policy(
    allow(
      'PublishMetrics',
      ['airflow:PublishMetrics'],
      [`arn:aws:airflow:${region}:${accountId}:environment/${environmentName}`],
    ),
    allow('ReadDags', ['s3:GetObject', 's3:GetObjectVersion'], [`${bucket}/dags/*`, `${bucket}/airflow/*`]),
    allow('ListDags', ['s3:ListBucket', 's3:GetBucketVersioning', 's3:GetBucketPublicAccessBlock'], [bucket]),
    deny('DenyListBuckets', ['s3:ListAllMyBuckets'], ['*']),
    allow(
      'WriteLogs',
      [
        'logs:CreateLogGroup',
        'logs:CreateLogStream',
        'logs:GetLogEvents',
        'logs:GetLogGroupFields',
        'logs:GetLogRecord',
        'logs:GetQueryResults',
        'logs:PutLogEvents',
      ],
      [`${logs}:*`, `${logs}:log-stream:*`],
    ),
    // These know no resources, and MWAA asks for them at its start.
    allow('DescribeAccount', ['logs:DescribeLogGroups', 's3:GetAccountPublicAccessBlock'], ['*']),
    allow('PutMetricData', ['cloudwatch:PutMetricData'], ['*'], {
      StringLike: { 'cloudwatch:namespace': ['AmazonMWAA', 'AWS/MWAA'] },
    }),
    allow(
      'QueueTasks',
      [
        'sqs:ChangeMessageVisibility',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:GetQueueUrl',
        'sqs:ReceiveMessage',
        'sqs:SendMessage',
      ],
      // The queues lie in an account of AWS.
      [`arn:aws:sqs:${region}:*:airflow-celery-*`],
    ),
    allow(
      'UseQueueKey',
      ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
      [`arn:aws:kms:${region}:*:key/*`],
      { StringLike: { 'kms:ViaService': [`sqs.${region}.amazonaws.com`] } },
    ),
    allow(
      'GetDatabricksConnection',
      ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
      [connection],
    ),
    ...notifyStatements(alarms, alarmsKey),
  );
}
