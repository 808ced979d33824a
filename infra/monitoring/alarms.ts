/** One topic that tells people, and who may write to it; the budget writes to it too. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../configuration/settings.ts';
import { type AccountRegion, allow, type PolicyDocument, policy, type Statement } from '../iam/document.ts';

export interface AlarmsArgs {
  readonly prefix: string;
  readonly accountRegion: AccountRegion;
  readonly watching: Settings['watching'];
}

/** The topic that notifies people, encrypted, with their addresses, and the budget that is required. */
export class Alarms extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;
  readonly keyArn: pulumi.Output<string>;

  constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { prefix, accountRegion, watching } = args;
    super('pinterest:watching:Alarms', name, {}, opts);
    const child = { parent: this };
    // CloudWatch cannot write to a topic under AWS's own key: that key's policy cannot be changed.
    const key = new aws.kms.Key(
      name,
      {
        description: `Alarms of ${prefix}`,
        enableKeyRotation: true,
        deletionWindowInDays: 7,
        policy: JSON.stringify(keyPolicy(accountRegion)),
      },
      child,
    );
    const topic = new aws.sns.Topic(name, { name: `${prefix}-alarms`, kmsMasterKeyId: key.id }, child);
    const allowed = new aws.sns.TopicPolicy(
      name,
      { arn: topic.arn, policy: topic.arn.apply((arn) => JSON.stringify(topicPolicy(accountRegion, arn))) },
      child,
    );
    for (const email of watching.emails) {
      new aws.sns.TopicSubscription(
        `${name}-${email.replaceAll(/[^a-z0-9]+/gi, '-')}`,
        { topic: topic.arn, protocol: 'email', endpoint: email },
        child,
      );
    }
    const notify = (threshold: number, notificationType: string) => ({
      comparisonOperator: 'GREATER_THAN',
      threshold,
      thresholdType: 'PERCENTAGE',
      notificationType,
      subscriberSnsTopicArns: [topic.arn],
    });
    new aws.budgets.Budget(
      name,
      {
        name: `${prefix}-month`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        limitAmount: String(watching.monthlyBudgetDollars),
        limitUnit: 'USD',
        notifications: [notify(50, 'ACTUAL'), notify(80, 'ACTUAL'), notify(100, 'FORECASTED')],
      },
      { parent: this, dependsOn: [allowed] },
    );
    this.topicArn = topic.arn;
    this.keyArn = key.arn;
    this.registerOutputs({ topicArn: this.topicArn });
  }
}

const writers = ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'];

/** CloudWatch and the budget write to the topic, for this account. */
function topicPolicy({ accountId }: AccountRegion, topicArn: string): PolicyDocument {
  return policy({
    Sid: 'PublishAlarms',
    Effect: 'Allow',
    Principal: { Service: writers },
    Action: ['sns:Publish'],
    Resource: [topicArn],
    Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
  });
}

/** The account rules its key by IAM, and the topic's writers use it. In a key's policy `*` is the key itself. */
function keyPolicy({ accountId }: AccountRegion): PolicyDocument {
  return policy(
    {
      Sid: 'AdministerKey',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: ['kms:*'],
      Resource: ['*'],
    },
    {
      Sid: 'EncryptAlarms',
      Effect: 'Allow',
      Principal: { Service: writers },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: ['*'],
      Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
    },
  );
}

/** Telling the topic, for a role of this account: with the right to its key, for the topic is encrypted. */
export function notifyStatements(topicArn: string, keyArn: string): readonly Statement[] {
  return [
    allow('PublishFailures', ['sns:Publish'], [topicArn]),
    allow('EncryptMessages', ['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]),
  ];
}
