/** The whole pipeline, wired in three steps: the AWS foundation, streaming and landing, Databricks and operations. */
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
import { Operators } from './databricks/operators.ts';
import { Api } from './gateway/api.ts';
import { VpcLink } from './gateway/vpc_link.ts';
import { emulatorPolicy } from './iam/emulator.ts';
import { Kafka } from './kafka/cluster.ts';
import { Streams } from './kinesis/streams.ts';
import { Lake } from './lake/lake.ts';
import { Alarms } from './monitoring/alarms.ts';
import { Watch, watchedIn } from './monitoring/watch.ts';
import { Network } from './network/network.ts';
import type { NetworkRole } from './network/roles.ts';
import { SecurityGroups } from './network/security_groups.ts';

/** Inputs of the program besides the stack's configuration. */
export interface ProgramArgs {
  readonly stack: string;
  /** The year in which the program runs, in UTC. */
  readonly year: number;
  readonly configuration: Configuration;
  readonly datasets: readonly Dataset[];
  readonly queries: readonly Query[];
  /** Sources of the Databricks notebooks by name. */
  readonly notebooks: Readonly<Record<string, string>>;
  /** Builds the OpenAPI document with its integrations. */
  readonly openApi: (integrations: Integrations) => object;
  /** Requires that the artefacts have been fetched. */
  readonly artefactsRequired: boolean;
}

type Context = ReturnType<typeof contextOf>;
type Foundation = ReturnType<typeof foundation>;
type Streaming = ReturnType<typeof streamingAndLanding>;
type Operations = ReturnType<typeof databricksAndOperations>;

/** Declares everything, and gives the stack's outputs. */
export function pipeline(args: ProgramArgs): Record<string, unknown> {
  const context = contextOf(args);
  const base = foundation(context);
  const streaming = streamingAndLanding(context, base);
  const operations = databricksAndOperations(context, base, streaming);
  const outputs = outputsOf(context, base, streaming, operations);
  return Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined));
}

/** Names and switches that all three steps share. */
function contextOf(args: ProgramArgs) {
  const { stack, configuration, datasets } = args;
  const { settings } = configuration;
  const { accountId, region, paused, protectData } = settings;
  const prefix = `pinterest-${stack}`;
  const tags = {
    project: 'pinterest-pipeline',
    stack,
    owner: settings.owner,
    data: protectData ? 'protected' : 'disposable',
  };
  const names = datasets.map((dataset) => namesOf(dataset, settings.userPrefix));
  const provider = new aws.Provider('aws', {
    region,
    // A stack never touches another account, whichever credentials the environment holds.
    allowedAccountIds: [accountId],
    defaultTags: { tags },
  });
  return {
    ...args,
    settings,
    prefix,
    tags,
    region,
    paused,
    protectData,
    accountRegion: { accountId, region },
    iamPropagationSeconds: settings.roleSettlingSeconds,
    topics: names.map(({ topic }) => topic),
    streamNames: names.map(({ stream }) => stream),
    clientMachine: `${prefix}-kafka-client`,
    withAirflow: settings.airflow.enabled && !paused,
    streamIsRead: settings.databricks.streaming === 'running' && !paused,
    provider,
    options: { providers: [provider] },
  };
}

/** Network, buckets, database, Kafka, streams and the alarms' topic: everything that other systems stand on. */
function foundation(context: Context) {
  const { settings, prefix, accountRegion, region, paused, protectData, options } = context;
  const network = new Network('network', { region, network: settings.network, paused }, options);
  const groups = new SecurityGroups(
    'groups',
    {
      vpcId: network.vpcId,
      roles: rolesOf(context),
      privateWebserver: context.withAirflow && settings.airflow.webserver === 'private',
      existingDatabase: settings.database.kind === 'existing' ? settings.database : undefined,
    },
    options,
  );
  const subnetIds = network.privateSubnetIds;
  const lake = new Lake('lake', { prefix, ...accountRegion, lake: settings.lake, protectData }, options);
  const uploads = new Uploads(
    'artefacts',
    { bucket: lake.artefacts.ready, required: context.artefactsRequired },
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
      topics: context.topics,
      protectData,
    },
    options,
  );
  const streams = new Streams(
    'streams',
    { names: context.streamNames, streams: settings.streams, protectData },
    options,
  );
  const alarms = new Alarms('alarms', { prefix, accountRegion, watching: settings.watching }, options);
  return { network, groups, subnetIds, lake, uploads, database, kafka, streams, alarms };
}

/** The HTTP API with the REST proxy behind it, and the connector that lands topics. */
function streamingAndLanding(context: Context, base: Foundation) {
  const { settings, prefix, topics, accountRegion, region, options } = context;
  const { network, groups, subnetIds, lake, uploads, kafka, streams } = base;
  // Link and client are of no use without each other, and both are paid by the hour.
  const vpcLink = context.paused
    ? undefined
    : new VpcLink(
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
  const shared = { kafka, topics, artefacts: lake.artefacts, uploads, subnetIds };
  if (vpcLink !== undefined) {
    new KafkaClient(
      'kafka-client',
      {
        ...shared,
        machineName: context.clientMachine,
        client: settings.client,
        iamPropagationSeconds: context.iamPropagationSeconds,
        region,
        securityGroupId: groups.of('kafka-client'),
        targetGroupArn: vpcLink.targetGroupArn,
        tags: context.tags,
      },
      options,
    );
  }
  const connector = context.paused
    ? undefined
    : new Connector(
        'connector',
        {
          ...shared,
          connectorName: `${prefix}-landing`,
          accountRegion,
          connector: settings.connector,
          lake: lake.data,
          securityGroupId: groups.of('connector'),
          iamPropagationSeconds: context.iamPropagationSeconds,
        },
        options,
      );
  const api = new Api(
    'api',
    {
      apiName: `${prefix}-events`,
      accountRegion,
      api: settings.api,
      streamPrefix: streamPrefixOf(settings.userPrefix),
      ownStreams: streams.names,
      vpcLink,
      document: context.openApi,
    },
    // Callers of the API find the streams there.
    { ...options, dependsOn: [streams] },
  );
  return { vpcLink, connector, api };
}

/** The lakehouse, Airflow in front of it, alarms, and the policy of those who run the emulator. */
function databricksAndOperations(context: Context, base: Foundation, streaming: Streaming) {
  const { settings, prefix, accountRegion, iamPropagationSeconds, options } = context;
  const { network, groups, subnetIds, lake, database, streams, alarms } = base;
  const lakehouse = new Lakehouse(
    'databricks',
    {
      ...context,
      settings: settings.databricks,
      lake: lake.data,
      streamArns: streams.arns,
      network,
      groups,
      userPrefix: settings.userPrefix,
      startedByAirflow: context.withAirflow,
      alarms,
      emails: settings.watching.emails,
    },
    options,
  );
  const { host, provider } = lakehouse.workspace;
  const { batchJobId } = lakehouse.jobs;
  const principal = context.withAirflow
    ? new Principal('airflow-principal', { prefix, host, year: context.year, provider }, options)
    : undefined;
  const { workspace, admins, scheduled } = settings.databricks;
  new Operators(
    'databricks-operators',
    {
      admins,
      assignAdmins: workspace.kind === 'new',
      jobs: lakehouse.jobs.ids,
      airflow: principal && {
        applicationId: principal.applicationId,
        // Before there were operators, the principal had the job's permissions by itself.
        alias: { name: 'airflow-principal', parent: principal },
      },
      folder: lakehouse.notebooks.folder,
      provider,
      dependsOn: [lakehouse.notebooks],
    },
    options,
  );
  let airflow: Airflow | undefined;
  if (principal !== undefined) {
    airflow = new Airflow(
      'airflow',
      {
        environmentName: prefix,
        accountRegion,
        airflow: settings.airflow,
        bucket: lake.artefacts,
        principal,
        batchJobId,
        alarms,
        subnetIds,
        securityGroupId: groups.of('airflow'),
        iamPropagationSeconds,
        pluginsRequired: context.artefactsRequired,
      },
      options,
    );
  }
  const watched = watchedIn({
    streams: streams.names,
    streamIsRead: context.streamIsRead,
    clusterName: prefix,
    brokers: settings.kafka.brokers,
    batchBucket: context.withAirflow || (scheduled && !context.paused) ? lake.data.bucketName : undefined,
    ...streaming,
  });
  new Watch('watch', { topicArn: alarms.topicArn, watched }, options);
  const policy = pulumi
    .all([streaming.api.executionArn, database.secretArn])
    .apply(([api, databaseSecret]) =>
      JSON.stringify(
        emulatorPolicy({ accountRegion, api, databaseSecret, clientMachine: context.clientMachine }),
      ),
    );
  const description =
    'For those who run the emulator: post events, read the source database, and nothing of the lake';
  const emulator = new aws.iam.Policy('emulator', { description, policy }, { provider: context.provider });
  return { emulatorPolicyArn: emulator.arn, lakehouse, airflow };
}

function outputsOf(context: Context, base: Foundation, streaming: Streaming, operations: Operations) {
  const { settings, region, topics, clientMachine } = context;
  const { streams, database, kafka, lake, alarms } = base;
  const { api, vpcLink } = streaming;
  return {
    region,
    apiUrl: api.url,
    apiAuthorisation: settings.api.authorisation,
    // A secret: `pulumi stack output apiKey --show-secrets`.
    apiKey: api.key,
    userPrefix: settings.userPrefix,
    topics,
    streams: streams.names,
    databaseHost: database.host,
    databasePort: database.port,
    databaseName: database.schema,
    databaseSecretArn: database.secretArn,
    // Session Manager reaches the database through the machine of this name; none runs while paused.
    tunnelMachine: vpcLink === undefined ? undefined : clientMachine,
    emulatorPolicyArn: operations.emulatorPolicyArn,
    bootstrapServers: kafka.bootstrapServers,
    lakeUrl: lake.url,
    alarmsTopicArn: alarms.topicArn,
    airflowUrl: operations.airflow?.url,
    ...operations.lakehouse.outputs,
  };
}

/** The prefix of streams that callers of the API may use. */
function streamPrefixOf(userPrefix: string): string {
  return namesOf({ name: '', sourceTable: '' }, userPrefix).stream;
}

/** The roles in the VPC that this stack has something for. */
function rolesOf({ settings, withAirflow }: Context): readonly NetworkRole[] {
  const always = ['load-balancer', 'api-link', 'kafka-client', 'brokers', 'connector'] as const;
  return [
    ...always,
    ...(settings.database.kind === 'new' ? (['database'] as const) : []),
    ...(withAirflow ? (['airflow'] as const) : []),
    ...(settings.databricks.workspace.kind === 'new' ? (['databricks'] as const) : []),
  ];
}
