/** Permissions of the connector: read three topics, keep its own, and write landing files. */
import { allow, type PolicyDocument, policy } from '../iam/document.ts';
import type { KafkaArns } from '../kafka/arns.ts';
import { lakeFolder } from '../lake/lake.ts';

export interface ConnectorPolicyArgs {
  readonly kafka: KafkaArns;
  readonly topics: readonly string[];
  /** ARN of the lake's bucket. */
  readonly bucket: string;
}

/** As https://docs.aws.amazon.com/msk/latest/developerguide/msk-connect-service-execution-role.html lists. */
export function connectorPolicy({ kafka, topics, bucket }: ConnectorPolicyArgs): PolicyDocument {
  return policy(
    allow('ConnectToCluster', ['kafka-cluster:Connect', 'kafka-cluster:DescribeCluster'], [kafka.cluster]),
    allow(
      'ReadTopics',
      ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'],
      topics.map((topic) => kafka.topic(topic)),
    ),
    allow(
      'ManageConnectTopics',
      [
        'kafka-cluster:CreateTopic',
        'kafka-cluster:DescribeTopic',
        'kafka-cluster:ReadData',
        'kafka-cluster:WriteData',
      ],
      [kafka.topic('__amazon_msk_connect_*')],
    ),
    allow(
      'JoinConsumerGroups',
      ['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'],
      [kafka.group('__amazon_msk_connect_*'), kafka.group('connect-*')],
    ),
    // The bucket's region, and the uploads that it has not ended.
    allow('GetBucketLocation', ['s3:GetBucketLocation', 's3:ListBucketMultipartUploads'], [bucket]),
    allow('ListLandingFiles', ['s3:ListBucket'], [bucket], {
      StringLike: { 's3:prefix': [`${lakeFolder}/topics/*`] },
    }),
    allow(
      'WriteLandingFiles',
      ['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      [`${bucket}/${lakeFolder}/topics/*`],
    ),
  );
}
