/** MSK Connect: topics to landing files, with Confluent's S3 sink. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { artefactNamed } from '../artefacts/table.ts';
import type { Uploads } from '../artefacts/uploads.ts';
import type { Settings } from '../configuration/settings.ts';
import { type AccountRegion, trustOfService } from '../iam/document.ts';
import { Role } from '../iam/role.ts';
import { kafkaArns } from '../kafka/arns.ts';
import type { Kafka } from '../kafka/cluster.ts';
import type { PrivateBucket } from '../lake/bucket.ts';
import { sinkConfiguration, workerProperties } from './configuration.ts';
import { connectorPolicy } from './policy.ts';

export interface ConnectorArgs {
  readonly connectorName: string;
  readonly accountRegion: AccountRegion;
  readonly connector: Settings['connector'];
  readonly kafka: Kafka;
  readonly topics: readonly string[];
  readonly lake: PrivateBucket;
  readonly artefacts: PrivateBucket;
  readonly uploads: Uploads;
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly securityGroupId: pulumi.Input<string>;
  readonly iamPropagationSeconds: number;
}

/** The connector, its plug-in and its role. */
export class Connector extends pulumi.ComponentResource {
  readonly connectorName: string;

  constructor(
    private readonly name: string,
    args: ConnectorArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:connect:Connector', name, {}, opts);
    this.connectorName = args.connectorName;
    const { connector, kafka } = args;
    const child = { parent: this };
    const role = this.role(args);
    const plugin = this.plugin(args);
    // Neither can be changed, and a name is taken until deletion has ended: the version is in it.
    const workers = new aws.mskconnect.WorkerConfiguration(
      name,
      {
        propertiesFileContent: workerProperties(),
        description: 'Bytes in, bytes out, from the first record',
      },
      child,
    );
    const logs = new aws.cloudwatch.LogGroup(
      name,
      { name: `/pinterest/${args.connectorName}`, retentionInDays: 14 },
      child,
    );
    new aws.mskconnect.Connector(
      name,
      {
        name: args.connectorName,
        kafkaconnectVersion: connector.kafkaConnectVersion,
        connectorConfiguration: args.lake.ready.apply((bucket) =>
          sinkConfiguration({ region: args.accountRegion.region, bucket, topics: args.topics, connector }),
        ),
        capacity: capacityOf(connector),
        kafkaCluster: {
          apacheKafkaCluster: {
            bootstrapServers: kafka.bootstrapServers,
            vpc: { subnets: [...args.subnetIds], securityGroups: [args.securityGroupId] },
          },
        },
        kafkaClusterClientAuthentication: { authenticationType: 'IAM' },
        kafkaClusterEncryptionInTransit: { encryptionType: 'TLS' },
        plugins: [{ customPlugin: { arn: plugin.arn, revision: plugin.latestRevision } }],
        workerConfiguration: { arn: workers.arn, revision: workers.latestRevision },
        serviceExecutionRoleArn: role.arn,
        logDelivery: { workerLogDelivery: { cloudwatchLogs: { enabled: true, logGroup: logs.name } } },
      },
      // Two connectors of one group would divide the partitions: the old one goes first.
      { ...child, dependsOn: [...kafka.topics], deleteBeforeReplace: true },
    );
    this.registerOutputs({ connectorName: this.connectorName });
  }

  private plugin({ artefacts, uploads }: ConnectorArgs): aws.mskconnect.CustomPlugin {
    const { version } = artefactNamed('s3-sink');
    return new aws.mskconnect.CustomPlugin(
      `${this.name}-s3-sink`,
      {
        contentType: 'ZIP',
        description: `Confluent S3 sink ${version}`,
        location: { s3: { bucketArn: artefacts.arn, fileKey: uploads.keyOf('s3-sink') } },
      },
      { parent: this },
    );
  }

  private role({ accountRegion, kafka, topics, lake, iamPropagationSeconds }: ConnectorArgs): Role {
    return new Role(
      `${this.name}-role`,
      {
        description: 'The S3 sink reads the topics and writes landing files',
        trust: trustOfService('kafkaconnect.amazonaws.com', accountRegion),
        permissions: kafka.clusterArn.apply((arn) =>
          connectorPolicy({ kafka: kafkaArns(arn), topics, bucket: lake.arn }),
        ),
        iamPropagationSeconds,
      },
      { parent: this },
    );
  }
}

/** Fixed where fewest equals most: a connector that scales has its `tasks.max` overridden by MSK Connect. */
function capacityOf(connector: Settings['connector']): aws.types.input.mskconnect.ConnectorCapacity {
  const { unitsPerWorker: mcuCount, fewestWorkers, mostWorkers } = connector;
  if (fewestWorkers === mostWorkers) {
    return { provisionedCapacity: { mcuCount, workerCount: fewestWorkers } };
  }
  return {
    autoscaling: {
      mcuCount,
      minWorkerCount: fewestWorkers,
      maxWorkerCount: mostWorkers,
      scaleOutPolicy: { cpuUtilizationPercentage: 80 },
      scaleInPolicy: { cpuUtilizationPercentage: 20 },
    },
  };
}
