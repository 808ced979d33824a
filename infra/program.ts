/** The whole pipeline, wired: what each system is told of the others is readable here, top to bottom. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Integrations } from '../pipeline/api/integrations.ts';
import { namesOf } from '../pipeline/naming.ts';
import type { Dataset } from '../pipeline/plan/dataset.ts';
import type { Query } from '../pipeline/plan/query.ts';
import { Airflow } from './airflow/environment.ts';
import { Principal } from './airflow/principal.ts';
import { Uploads } from './artefacts/uploads.ts';
import { KafkaClient } from './client/client.ts';
import type { Configuration } from './configuration/from_pulumi.ts';
import { Connector } from './connect/connector.ts';
import { Database } from './database/database.ts';
import { Lakehouse } from './databricks/lakehouse.ts';
import { Api } from './gateway/api.ts';
import { PrivateFront } from './gateway/vpc_link.ts';
import { emulatorPolicy } from './iam/emulator.ts';
import { Kafka } from './kafka/cluster.ts';
import { Streams } from './kinesis/streams.ts';
import { Lake } from './lake/lake.ts';
import { Alarms } from './monitoring/alarms.ts';
import {
  Watch,
  watchedApi,
  watchedBroker,
  watchedClient,
  watchedConnector,
  watchedStream,
} from './monitoring/watch.ts';
import { Network } from './network/network.ts';
import type { NetworkRole } from './network/roles.ts';
import { SecurityGroups } from './network/security_groups.ts';

/** What the program is made from, besides the stack's configuration. */
export interface ProgramArguments {
  readonly stack: string;
  readonly configuration: Configuration;
  readonly datasets: readonly Dataset[];
  readonly queries: readonly Query[];
  /** Sources of the Databricks notebooks by name. */
  readonly notebooks: Readonly<Record<string, string>>;
  /** Builds the OpenAPI document with its integrations. */
  readonly openApi: (integrations: Integrations) => object;
  /** Whether the artefacts must have been fetched. */
  readonly artefactsRequired: boolean;
}

/** Declares everything, and gives the stack's outputs. */
export function pipeline(given: ProgramArguments): Record<string, unknown> {
  const { stack, configuration, datasets, queries, notebooks, openApi } = given;
  const { settings } = configuration;
  const {
    accountId,
    region,
    userPrefix,
    paused,
    protectData,
    roleSettlingSeconds: settlingSeconds,
  } = settings;
  const prefix = `pinterest-${stack}`;
  const place = { accountId, region };
  const tags = {
    project: 'pinterest-pipeline',
    stack,
    owner: settings.owner,
    data: protectData ? 'protected' : 'disposable',
  };
  const names = datasets.map((dataset) => namesOf(dataset, userPrefix));
  const topics = names.map(({ topic }) => topic);
  const withAirflow = settings.airflow.enabled && !paused;
  const isStreamRead = settings.databricks.streaming === 'running' && !paused;

  const provider = new aws.Provider('aws', {
    region,
    // A stack never touches another account, whoever's credentials are in the environment.
    allowedAccountIds: [accountId],
    defaultTags: { tags },
  });
  const options = { providers: [provider] };

  const network = new Network('network', { region, network: settings.network, paused }, options);
  const groups = new SecurityGroups(
    'groups',
    {
      vpcId: network.vpcId,
      roles: rolesOf(configuration, withAirflow),
      existingDatabase: settings.database.kind === 'existing' ? settings.database : undefined,
    },
    options,
  );
  const subnetIds = network.privateSubnetIds;

  const lake = new Lake('lake', { prefix, accountId, region, lake: settings.lake, protectData }, options);
  const uploads = new Uploads(
    'artefacts',
    { bucket: lake.artefacts.ready, required: given.artefactsRequired },
    options,
  );
  const database = new Database(
    'database',
    { database: settings.database, subnetIds, securityGroupId: groups.of('database'), protectData, prefix },
    options,
  );
  const kafka = new Kafka(
    'kafka',
    {
      clusterName: prefix,
      kafka: settings.kafka,
      subnetIds,
      securityGroupId: groups.of('brokers'),
      topics,
      protectData,
    },
    options,
  );
  const streams = new Streams(
    'streams',
    { names: names.map(({ stream }) => stream), streams: settings.streams, protectData },
    options,
  );
  const alarms = new Alarms('alarms', { prefix, place, watching: settings.watching }, options);

  // The way in and whom it leads to: neither is of use without the other, and both are paid by the hour.
  const clientMachine = `${prefix}-kafka-client`;
  const front = paused
    ? undefined
    : new PrivateFront(
        'rest-proxy',
        {
          prefix,
          vpcId: network.vpcId,
          subnetIds,
          loadBalancerGroupId: groups.of('load-balancer'),
          linkGroupId: groups.of('api-link'),
        },
        options,
      );
  if (front !== undefined) {
    new KafkaClient(
      'kafka-client',
      {
        machineName: clientMachine,
        region,
        kafka,
        topics,
        artefacts: lake.artefacts,
        uploads,
        subnetIds,
        securityGroupId: groups.of('kafka-client'),
        targetGroupArn: front.targetGroupArn,
        tags,
      },
      options,
    );
  }
  const connector = paused
    ? undefined
    : new Connector(
        'connector',
        {
          connectorName: `${prefix}-landing`,
          place,
          connector: settings.connector,
          kafka,
          topics,
          lake: lake.data,
          artefacts: lake.artefacts,
          uploads,
          subnetIds,
          securityGroupId: groups.of('connector'),
          settlingSeconds,
        },
        options,
      );
  const api = new Api(
    'api',
    {
      apiName: `${prefix}-events`,
      place,
      api: settings.api,
      streamPrefix: streamPrefixOf(userPrefix),
      ownStreams: streams.names,
      front,
      document: openApi,
    },
    // Whoever can call it finds the streams there.
    { ...options, dependsOn: [streams] },
  );

  const lakehouse = new Lakehouse(
    'databricks',
    {
      prefix,
      place,
      settings: settings.databricks,
      configuration,
      lake: lake.data,
      streamArns: streams.arns,
      network,
      groups,
      queries,
      notebooks,
      userPrefix,
      startedByAirflow: withAirflow,
      paused,
      alarms,
      emails: settings.watching.emails,
      tags,
      settlingSeconds,
      protectData,
    },
    options,
  );
  if (withAirflow) {
    const principal = new Principal(
      'airflow-principal',
      {
        prefix,
        host: lakehouse.workspace.host,
        batchJobId: lakehouse.jobs.batchJobId,
        provider: lakehouse.workspace.provider,
      },
      options,
    );
    new Airflow(
      'airflow',
      {
        environmentName: prefix,
        place,
        airflow: settings.airflow,
        bucket: lake.artefacts,
        principal,
        batchJobId: lakehouse.jobs.batchJobId,
        alarms,
        subnetIds,
        securityGroupId: groups.of('airflow'),
        settlingSeconds,
      },
      options,
    );
  }

  new Watch(
    'watch',
    {
      topicArn: alarms.topicArn,
      watched: [
        ...streams.names.map((stream) => watchedStream(stream, isStreamRead)),
        ...Array.from({ length: settings.kafka.brokers }, (_, index) => watchedBroker(prefix, index + 1)),
        watchedApi(api.apiName, api.stageName),
        ...(connector === undefined ? [] : [watchedConnector(connector.connectorName)]),
        ...(front === undefined
          ? []
          : [watchedClient(front.loadBalancer.arnSuffix, front.targetGroup.arnSuffix)]),
      ],
    },
    options,
  );
  const emulator = new aws.iam.Policy(
    'emulator',
    {
      description:
        'For those who run the emulator: post events, read the source database, and nothing of the lake',
      policy: pulumi
        .all([api.executionArn, database.secretArn])
        .apply(([executionArn, databaseSecret]) =>
          JSON.stringify(emulatorPolicy({ place, api: executionArn, databaseSecret, clientMachine })),
        ),
    },
    { provider },
  );

  const outputs = {
    region,
    apiUrl: api.url,
    apiAuthorisation: settings.api.authorisation,
    // A secret: `pulumi stack output apiKey --show-secrets`.
    apiKey: api.key,
    userPrefix,
    topics,
    streams: streams.names,
    databaseHost: database.host,
    databasePort: database.port,
    databaseName: database.schema,
    databaseSecretArn: database.secretArn,
    // The machine with this name is the way to the database, by Session Manager; there is none while paused.
    tunnelMachine: front === undefined ? undefined : clientMachine,
    emulatorPolicyArn: emulator.arn,
    bootstrapServers: kafka.bootstrapServers,
    lakeUrl: lake.url,
    alarmsTopicArn: alarms.topicArn,
    ...lakehouse.outputs,
  };
  return Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined));
}

/** What streams that callers of the API may use begin with. */
export function streamPrefixOf(userPrefix: string): string {
  const { stream } = namesOf({ name: '', sourceTable: '' }, userPrefix);
  return stream;
}

/** The roles in the VPC that this stack has something for. */
function rolesOf({ settings }: Configuration, withAirflow: boolean): readonly NetworkRole[] {
  const always = ['load-balancer', 'api-link', 'kafka-client', 'brokers', 'connector'] as const;
  return [
    ...always,
    ...(settings.database.kind === 'new' ? (['database'] as const) : []),
    ...(withAirflow ? (['airflow'] as const) : []),
    ...(settings.databricks.workspace.kind === 'new' ? (['databricks'] as const) : []),
  ];
}
