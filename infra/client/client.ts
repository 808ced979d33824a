/** The Kafka client: machines with Kafka and the REST proxy, replaced when anything about them changes. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { artefactNamed } from '../artefacts/table.ts';
import type { Uploads } from '../artefacts/uploads.ts';
import type { Settings } from '../configuration/settings.ts';
import { trustOfMachines } from '../iam/document.ts';
import { propagation, Role } from '../iam/role.ts';
import { kafkaArns } from '../kafka/arns.ts';
import type { Kafka } from '../kafka/cluster.ts';
import type { PrivateBucket } from '../lake/bucket.ts';
import { clientPolicy } from './policy.ts';
import { userData } from './user_data.ts';

export interface KafkaClientArgs {
  /** The name that the machine carries, and that people and the emulator find it by. */
  readonly machineName: string;
  readonly region: string;
  readonly client: Settings['client'];
  readonly iamPropagationSeconds: number;
  readonly kafka: Kafka;
  readonly topics: readonly string[];
  readonly artefacts: PrivateBucket;
  readonly uploads: Uploads;
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly securityGroupId: pulumi.Input<string>;
  /** The target group that the load balancer sends requests to. */
  readonly targetGroupArn: pulumi.Input<string>;
  readonly tags: Readonly<Record<string, string>>;
}

/** Amazon Linux 2023's newest image, as AWS names it to those who ask. */
const image = 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

/** A group of machines: a change starts others, waits until they answer, and only then ends the first. */
export class KafkaClient extends pulumi.ComponentResource {
  readonly groupName: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    args: KafkaClientArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:client:KafkaClient', name, {}, opts);
    const template = this.launchTemplate(args);
    const group = new aws.autoscaling.Group(
      name,
      {
        minSize: args.client.machines,
        maxSize: args.client.machines * 2,
        desiredCapacity: args.client.machines,
        vpcZoneIdentifiers: [...args.subnetIds],
        targetGroupArns: [args.targetGroupArn],
        // A machine counts as healthy when the REST proxy answers, whether or not Kafka is well.
        healthCheckType: 'ELB',
        healthCheckGracePeriod: 300,
        launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
        instanceRefresh: {
          strategy: 'Rolling',
          // No rollback: Auto Scaling has none where the image is an alias (API_RollbackInstanceRefresh).
          preferences: { minHealthyPercentage: 100, maxHealthyPercentage: 200 },
        },
        tags: Object.entries({ ...args.tags, Name: args.machineName }).map(([key, value]) => ({
          key,
          value,
          propagateAtLaunch: true,
        })),
      },
      // The proxy answers only when its topics are there.
      { parent: this, dependsOn: [...args.kafka.topics] },
    );
    this.groupName = group.name;
    this.registerOutputs({ groupName: this.groupName });
  }

  private launchTemplate(args: KafkaClientArgs): aws.ec2.LaunchTemplate {
    const { name } = this;
    const profile = this.instanceProfile(args);
    const tags = { ...args.tags, Name: args.machineName };
    return new aws.ec2.LaunchTemplate(
      name,
      {
        imageId: image,
        instanceType: args.client.instanceType,
        updateDefaultVersion: true,
        iamInstanceProfile: { arn: profile.arn },
        vpcSecurityGroupIds: [args.securityGroupId],
        metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          { deviceName: '/dev/xvda', ebs: { volumeSize: 16, volumeType: 'gp3', encrypted: 'true' } },
        ],
        tagSpecifications: ['instance', 'volume'].map((resourceType) => ({ resourceType, tags })),
        userData: this.userData(args).apply((script) => Buffer.from(script).toString('base64')),
      },
      { parent: this },
    );
  }

  private userData({ region, client, artefacts, uploads, kafka }: KafkaClientArgs): pulumi.Output<string> {
    const installed = (name: 'kafka' | 'kafka-rest' | 'msk-iam-auth') =>
      uploads.keyOf(name).apply((key) => ({ key, sha256: artefactNamed(name).sha256 }));
    return pulumi
      .all([kafka.bootstrapServers, installed('kafka'), installed('kafka-rest'), installed('msk-iam-auth')])
      .apply(([bootstrapServers, tools, restProxy, iamAuth]) =>
        userData({
          region,
          bucket: artefacts.bucketName,
          bootstrapServers,
          kafka: tools,
          restProxy,
          iamAuth,
          heapMib: client.heapMib,
        }),
      );
  }

  private instanceProfile({
    kafka,
    topics,
    artefacts,
    iamPropagationSeconds,
  }: KafkaClientArgs): aws.iam.InstanceProfile {
    const permissions = kafka.clusterArn.apply((arn) =>
      clientPolicy({ kafka: kafkaArns(arn), topics, artefacts: artefacts.arn }),
    );
    const role = new Role(
      `${this.name}-role`,
      { description: 'The Kafka client writes the topics', trust: trustOfMachines(), permissions },
      { parent: this },
    );
    return new aws.iam.InstanceProfile(
      this.name,
      { role: role.roleName },
      { parent: this, ...propagation(this.name, iamPropagationSeconds) },
    );
  }
}
