/** Permissions of the Kafka client: write the pipeline's topics, install its software, be reached by Session Manager. */
import { allow, type PolicyDocument, policy } from '../iam/document.ts';
import type { KafkaArns } from '../kafka/arns.ts';

export interface ClientPolicyArgs {
  readonly kafka: KafkaArns;
  readonly topics: readonly string[];
  /** ARN of the bucket of artefacts. */
  readonly artefacts: string;
}

export function clientPolicy({ kafka, topics, artefacts }: ClientPolicyArgs): PolicyDocument {
  const ours = topics.map((topic) => kafka.topic(topic));
  return policy(
    allow('ConnectToCluster', ['kafka-cluster:Connect', 'kafka-cluster:DescribeCluster'], [kafka.cluster]),
    allow(
      'WriteTopics',
      [
        'kafka-cluster:DescribeTopic',
        'kafka-cluster:DescribeTopicDynamicConfiguration',
        'kafka-cluster:WriteData',
      ],
      ours,
    ),
    // Idempotence is a right on the cluster, by which each write on a topic is meant.
    allow('WriteIdempotently', ['kafka-cluster:WriteDataIdempotently'], [kafka.cluster]),
    allow('GetArtefacts', ['s3:GetObject'], [`${artefacts}/artefacts/*`]),
    // Session Manager's agent: these actions know no resources
    // (https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html).
    allow(
      'ConnectSessionManager',
      [
        'ssm:UpdateInstanceInformation',
        'ssmmessages:CreateControlChannel',
        'ssmmessages:CreateDataChannel',
        'ssmmessages:OpenControlChannel',
        'ssmmessages:OpenDataChannel',
      ],
      ['*'],
    ),
  );
}
