/** A table of alarms: each line says in words what went wrong, and what to check. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { VpcLink } from '../gateway/vpc_link.ts';
import { batchMetric } from '../lake/lake.ts';

/** One number of CloudWatch that should stay below a limit. */
export interface Watched {
  readonly name: string;
  /** The message for the person whom it wakes. */
  readonly says: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, pulumi.Input<string>>>;
  readonly statistic: 'Maximum' | 'Sum';
  /** The alarm goes off above, or below, this number. */
  readonly limit: { readonly above: number } | { readonly below: number };
  /** The meaning of missing numbers: nothing to do, or nobody who does it. */
  readonly silence: 'well' | 'wrong';
  /** For how many minutes, a multiple of 5; hours, where it is more than a day. */
  readonly minutes: number;
}

export interface WatchArgs {
  readonly watched: readonly Watched[];
  readonly topicArn: pulumi.Input<string>;
}

/** An alarm for each, which tells the topic when it begins and when it is over. */
export class Watch extends pulumi.ComponentResource {
  constructor(name: string, args: WatchArgs, opts?: pulumi.ComponentResourceOptions) {
    const { watched, topicArn } = args;
    super('pinterest:watching:Watch', name, {}, opts);
    for (const one of watched) {
      new aws.cloudwatch.MetricAlarm(
        `${name}-${one.name}`,
        {
          alarmDescription: one.says,
          namespace: one.namespace,
          metricName: one.metric,
          dimensions: { ...one.dimensions },
          statistic: one.statistic,
          comparisonOperator: 'above' in one.limit ? 'GreaterThanThreshold' : 'LessThanThreshold',
          threshold: 'above' in one.limit ? one.limit.above : one.limit.below,
          ...periodsOf(one.minutes),
          treatMissingData: one.silence === 'wrong' ? 'breaching' : 'notBreaching',
          alarmActions: [topicArn],
          okActions: [topicArn],
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}

/** CloudWatch looks back for one day by periods of minutes, and for seven by periods of an hour. */
function periodsOf(minutes: number) {
  const period = minutes > 24 * 60 ? 3600 : 300;
  return { period, evaluationPeriods: (minutes * 60) / period };
}

/** Systems of the stack that alarms are made for. */
export interface WatchedSystems {
  readonly streams: readonly string[];
  /** A job reads the streams, so that silence means that it does not. */
  readonly streamIsRead: boolean;
  readonly clusterName: string;
  readonly brokers: number;
  readonly api: { readonly apiName: string; readonly stageName: string };
  readonly connector: { readonly connectorName: string } | undefined;
  /** The bucket to which a batch writes that it has ended, where one should run each day. */
  readonly batchBucket: string | undefined;
  readonly vpcLink: Pick<VpcLink, 'loadBalancer' | 'targetGroup'> | undefined;
}

/** Every number that is watched in a stack. */
export function watchedIn(systems: WatchedSystems): readonly Watched[] {
  const { api, connector, vpcLink } = systems;
  return [
    ...systems.streams.map((stream) => watchedStream(stream, systems.streamIsRead)),
    ...Array.from({ length: systems.brokers }, (_, index) => watchedBroker(systems.clusterName, index + 1)),
    watchedApi(api.apiName, api.stageName),
    ...(systems.batchBucket === undefined ? [] : [watchedBatch(systems.batchBucket)]),
    ...(connector === undefined ? [] : [watchedConnector(connector.connectorName)]),
    ...(vpcLink === undefined
      ? []
      : [watchedClient(vpcLink.loadBalancer.arnSuffix, vpcLink.targetGroup.arnSuffix)]),
  ];
}

/**
 * A stream that is not read fast enough, or not at all: Kinesis counts the age of records as they are read, so where a
 * job should be reading, no number says that it is not.
 */
function watchedStream(stream: string, isRead: boolean): Watched {
  return {
    name: `stream-${stream}`,
    says: `Records of ${stream} wait for 15 minutes or are not read at all: does the streaming job run?`,
    namespace: 'AWS/Kinesis',
    metric: 'GetRecords.IteratorAgeMilliseconds',
    dimensions: { StreamName: stream },
    statistic: 'Maximum',
    limit: { above: 15 * 60_000 },
    silence: isRead ? 'wrong' : 'well',
    minutes: 15,
  };
}

/** A broker whose disk fills faster than it grows. */
function watchedBroker(clusterName: string, broker: number): Watched {
  return {
    name: `broker-${broker}`,
    says: `Broker ${broker} of ${clusterName} has used 85 % of its disk: is its largest size reached?`,
    namespace: 'AWS/Kafka',
    metric: 'KafkaDataLogsDiskUsed',
    dimensions: { 'Cluster Name': clusterName, 'Broker ID': String(broker) },
    statistic: 'Maximum',
    limit: { above: 85 },
    silence: 'well',
    minutes: 10,
  };
}

/** A connector with a task that has failed, which stays so until someone restarts it; one that has failed whole is silent. */
function watchedConnector(connectorName: string): Watched {
  return {
    name: 'connector',
    says: `${connectorName} or one of its tasks has failed: its log group says why`,
    namespace: 'AWS/KafkaConnect',
    metric: 'ErroredTaskCount',
    dimensions: { ConnectorName: connectorName },
    statistic: 'Maximum',
    limit: { above: 0 },
    silence: 'wrong',
    minutes: 15,
  };
}

/** An API that answers with errors of its own. */
function watchedApi(apiName: string, stage: string): Watched {
  return {
    name: 'api',
    says: `${apiName} answered 5 requests in 5 minutes with an error of its own: its access log says which`,
    namespace: 'AWS/ApiGateway',
    metric: '5XXError',
    dimensions: { ApiName: apiName, Stage: stage },
    statistic: 'Sum',
    limit: { above: 5 },
    silence: 'well',
    minutes: 5,
  };
}

/** A batch that has not run: none of its failures speaks when it is never started. */
function watchedBatch(bucket: string): Watched {
  return {
    name: 'batch',
    says: 'No batch has come to its end for 26 hours: is the DAG or the schedule paused, or its job failing?',
    namespace: 'AWS/S3',
    metric: 'PutRequests',
    dimensions: { BucketName: bucket, FilterId: batchMetric },
    statistic: 'Sum',
    limit: { below: 1 },
    silence: 'wrong',
    minutes: 26 * 60,
  };
}

/** A load balancer that finds no Kafka client well, whether it is ill or not there. */
function watchedClient(loadBalancer: pulumi.Input<string>, targetGroup: pulumi.Input<string>): Watched {
  return {
    name: 'kafka-client',
    says: 'The REST proxy does not answer: its machine is replaced by itself; if that does not help, see its log',
    namespace: 'AWS/ApplicationELB',
    metric: 'HealthyHostCount',
    dimensions: { LoadBalancer: loadBalancer, TargetGroup: targetGroup },
    // Zones are counted one by one, and the machine is in one of them.
    statistic: 'Maximum',
    limit: { below: 1 },
    silence: 'wrong',
    minutes: 15,
  };
}
