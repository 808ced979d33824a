/** What is watched, as a table: each line says what went wrong in words, and what to look at. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

/** One number of CloudWatch that should stay below a limit. */
export interface Watched {
  readonly name: string;
  /** What a person reads who is woken by it. */
  readonly says: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, pulumi.Input<string>>>;
  readonly statistic: 'Maximum' | 'Sum';
  /** The alarm goes off above, or below, this number. */
  readonly limit: { readonly above: number } | { readonly below: number };
  /** What it means that there are no numbers: nothing to do, or nobody who does it. */
  readonly silence: 'well' | 'wrong';
  /** For how many minutes, a multiple of 5. */
  readonly minutes: number;
}

export interface WatchArguments {
  readonly watched: readonly Watched[];
  readonly topicArn: pulumi.Input<string>;
}

/** An alarm for each, which tells the topic when it begins and when it is over. */
export class Watch extends pulumi.ComponentResource {
  constructor(
    name: string,
    { watched, topicArn }: WatchArguments,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:watching:Watch', name, {}, options);
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
          period: 300,
          evaluationPeriods: one.minutes / 5,
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

/**
 * A stream that is not read fast enough, or not at all: Kinesis counts the age of records as they are read, so where a
 * job should be reading, no number says that it is not.
 */
export function watchedStream(stream: string, isRead: boolean): Watched {
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
export function watchedBroker(clusterName: string, broker: number): Watched {
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
export function watchedConnector(connectorName: string): Watched {
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
export function watchedApi(apiName: string, stage: string): Watched {
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

/** A load balancer that finds no Kafka client well, whether it is ill or not there. */
export function watchedClient(
  loadBalancer: pulumi.Input<string>,
  targetGroup: pulumi.Input<string>,
): Watched {
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
