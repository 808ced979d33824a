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
  readonly statistic: 'Maximum' | 'Sum' | 'Average';
  readonly above: number;
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
          comparisonOperator: 'GreaterThanThreshold',
          threshold: one.above,
          period: 300,
          evaluationPeriods: one.minutes / 5,
          // A quiet pipeline has no numbers.
          treatMissingData: 'notBreaching',
          alarmActions: [topicArn],
          okActions: [topicArn],
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}

/** A stream that nobody reads fast enough, or at all. */
export function watchedStream(stream: string): Watched {
  return {
    name: `stream-${stream}`,
    says: `The oldest record of ${stream} waits for 15 minutes: does the streaming job run?`,
    namespace: 'AWS/Kinesis',
    metric: 'GetRecords.IteratorAgeMilliseconds',
    dimensions: { StreamName: stream },
    statistic: 'Maximum',
    above: 15 * 60_000,
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
    above: 85,
    minutes: 10,
  };
}

/** A connector with a task that has failed: it stays so until someone restarts it. */
export function watchedConnector(connectorName: string): Watched {
  return {
    name: 'connector',
    says: `A task of ${connectorName} has failed: its log group says why`,
    namespace: 'AWS/KafkaConnect',
    metric: 'ErroredTaskCount',
    dimensions: { ConnectorName: connectorName },
    statistic: 'Maximum',
    above: 0,
    minutes: 10,
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
    above: 5,
    minutes: 5,
  };
}

/** A Kafka client that the load balancer finds unhealthy. */
export function watchedClient(
  loadBalancer: pulumi.Input<string>,
  targetGroup: pulumi.Input<string>,
): Watched {
  return {
    name: 'kafka-client',
    says: 'The REST proxy does not answer: its machine is replaced by itself; if that does not help, see its log',
    namespace: 'AWS/ApplicationELB',
    metric: 'UnHealthyHostCount',
    dimensions: { LoadBalancer: loadBalancer, TargetGroup: targetGroup },
    statistic: 'Maximum',
    above: 0,
    minutes: 15,
  };
}
