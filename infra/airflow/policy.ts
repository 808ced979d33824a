/** What the Airflow environment may do: read its DAGs and its one connection, write its logs, tell of failures. */
import { allow, deny, type Place, type PolicyDocument, policy } from '../iam/document.ts';
import { tellingStatements } from '../monitoring/alarms.ts';

export interface AirflowPolicyArguments {
  readonly place: Place;
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
export function airflowPolicy(given: AirflowPolicyArguments): PolicyDocument {
  const { place, environmentName, bucket, connection, alarms, alarmsKey } = given;
  const { region, accountId } = place;
  const logs = `arn:aws:logs:${region}:${accountId}:log-group:airflow-${environmentName}-*`;
  return policy(
    allow(
      'ReportItsHealth',
      ['airflow:PublishMetrics'],
      [`arn:aws:airflow:${region}:${accountId}:environment/${environmentName}`],
    ),
    allow(
      'ReadItsDags',
      ['s3:GetObject', 's3:GetObjectVersion'],
      [`${bucket}/dags/*`, `${bucket}/airflow/*`],
    ),
    allow(
      'ListItsDags',
      ['s3:ListBucket', 's3:GetBucketVersioning', 's3:GetBucketPublicAccessBlock'],
      [bucket],
    ),
    deny('ListNoOtherBuckets', ['s3:ListAllMyBuckets'], ['*']),
    allow(
      'WriteItsLogs',
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
    allow('KnowTheAccount', ['logs:DescribeLogGroups', 's3:GetAccountPublicAccessBlock'], ['*']),
    allow('CountItself', ['cloudwatch:PutMetricData'], ['*'], {
      StringLike: { 'cloudwatch:namespace': ['AmazonMWAA', 'AWS/MWAA'] },
    }),
    allow(
      'QueueItsTasks',
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
      'UseTheKeyOfItsQueues',
      ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
      [`arn:aws:kms:${region}:*:key/*`],
      { StringLike: { 'kms:ViaService': [`sqs.${region}.amazonaws.com`] } },
    ),
    allow(
      'SignInToDatabricks',
      ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
      [connection],
    ),
    ...tellingStatements(alarms, alarmsKey),
  );
}
