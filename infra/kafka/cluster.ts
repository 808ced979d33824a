/** Kafka: MSK with provisioned brokers that take TLS and IAM alone, and the topics of the pipeline. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../configuration/settings.ts';

export interface KafkaArgs {
  readonly clusterName: string;
  readonly kafka: Settings['kafka'];
  /** One a zone. */
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly securityGroupId: pulumi.Input<string>;
  readonly topics: readonly string[];
  readonly protectData: boolean;
}

/** A cluster with its topics. */
export class Kafka extends pulumi.ComponentResource {
  readonly clusterName: string;
  readonly clusterArn: pulumi.Output<string>;
  /** `host:9098,…`: with IAM, over TLS. */
  readonly bootstrapServers: pulumi.Output<string>;
  readonly topics: readonly aws.msk.Topic[];

  constructor(
    private readonly name: string,
    args: KafkaArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:kafka:Kafka', name, {}, opts);
    const cluster = this.cluster(args);
    this.clusterName = args.clusterName;
    this.clusterArn = cluster.arn;
    this.bootstrapServers = cluster.bootstrapBrokersSaslIam;
    this.growStorage(cluster.arn, args.kafka);
    this.topics = args.topics.map(
      (topic) =>
        new aws.msk.Topic(
          `${name}-${topic}`,
          {
            clusterArn: cluster.arn,
            name: topic,
            partitionCount: args.kafka.partitions,
            replicationFactor: args.kafka.replication,
            configs: topicConfiguration(args.kafka),
          },
          { parent: this, protect: args.protectData },
        ),
    );
    this.registerOutputs({ clusterArn: this.clusterArn });
  }

  private cluster(args: KafkaArgs): aws.msk.Cluster {
    const { name } = this;
    const { kafka } = args;
    const logs = new aws.cloudwatch.LogGroup(
      `${name}-brokers`,
      { name: `/pinterest/${args.clusterName}/brokers`, retentionInDays: 14 },
      { parent: this },
    );
    const configuration = new aws.msk.Configuration(
      name,
      {
        kafkaVersions: [kafka.version],
        serverProperties: serverProperties(kafka),
        description: 'Topics are declared, never made by writing to them',
      },
      { parent: this },
    );
    return new aws.msk.Cluster(
      name,
      {
        clusterName: args.clusterName,
        kafkaVersion: kafka.version,
        numberOfBrokerNodes: kafka.brokers,
        brokerNodeGroupInfo: {
          instanceType: kafka.instanceType,
          clientSubnets: [...args.subnetIds],
          securityGroups: [args.securityGroupId],
          storageInfo: { ebsStorageInfo: { volumeSize: kafka.volumeGib } },
          connectivityInfo: { publicAccess: { type: 'DISABLED' } },
        },
        clientAuthentication: { sasl: { iam: true }, unauthenticated: false },
        encryptionInfo: { encryptionInTransit: { clientBroker: 'TLS', inCluster: true } },
        configurationInfo: { arn: configuration.arn, revision: configuration.latestRevision },
        enhancedMonitoring: 'DEFAULT',
        loggingInfo: { brokerLogs: { cloudwatchLogs: { enabled: true, logGroup: logs.name } } },
      },
      {
        parent: this,
        protect: args.protectData,
        // Storage grows by itself and never shrinks: what the stack says is where it began.
        ignoreChanges: ['brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize'],
      },
    );
  }

  private growStorage(
    clusterArn: pulumi.Input<string>,
    { volumeGib, largestVolumeGib }: Settings['kafka'],
  ): void {
    if (largestVolumeGib === volumeGib) {
      return;
    }
    const target = new aws.appautoscaling.Target(
      `${this.name}-storage`,
      {
        serviceNamespace: 'kafka',
        resourceId: clusterArn,
        scalableDimension: 'kafka:broker-storage:VolumeSize',
        minCapacity: 1,
        maxCapacity: largestVolumeGib,
      },
      { parent: this },
    );
    new aws.appautoscaling.Policy(
      `${this.name}-storage`,
      {
        serviceNamespace: target.serviceNamespace,
        resourceId: target.resourceId,
        scalableDimension: target.scalableDimension,
        policyType: 'TargetTrackingScaling',
        targetTrackingScalingPolicyConfiguration: {
          targetValue: 60,
          disableScaleIn: true,
          predefinedMetricSpecification: { predefinedMetricType: 'KafkaBrokerStorageUtilization' },
        },
      },
      { parent: this },
    );
  }
}

/** `server.properties` of the brokers; keys as Kafka documents them, in the order in which they matter. */
function serverProperties({ replication, partitions, retentionHours }: Settings['kafka']): string {
  const properties = {
    'auto.create.topics.enable': false,
    'default.replication.factor': replication,
    'min.insync.replicas': Math.max(1, replication - 1),
    'num.partitions': partitions,
    'log.retention.hours': retentionHours,
    'unclean.leader.election.enable': false,
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** A topic's configuration as the provider takes it: a JSON object of texts. */
function topicConfiguration({ replication, retentionHours }: Settings['kafka']): string {
  const configuration = {
    'cleanup.policy': 'delete',
    'min.insync.replicas': String(Math.max(1, replication - 1)),
    'retention.ms': String(retentionHours * 3_600_000),
  };
  return JSON.stringify(configuration);
}
