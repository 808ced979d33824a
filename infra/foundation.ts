/** The AWS foundation of a stack. */
import { Uploads } from './artefacts/uploads.ts';
import type { Context } from './context.ts';
import { Database } from './database/database.ts';
import { Kafka } from './kafka/cluster.ts';
import { Streams } from './kinesis/streams.ts';
import { Lake } from './lake/lake.ts';
import { Alarms } from './monitoring/alarms.ts';
import { Network } from './network/network.ts';
import type { NetworkRole } from './network/roles.ts';
import { SecurityGroups } from './network/security_groups.ts';

/** Network, buckets, database, Kafka, streams and the alarms' topic: everything that other systems stand on. */
export function foundation(context: Context) {
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

export type Foundation = ReturnType<typeof foundation>;

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
