/** Databricks, Airflow, and who watches and operates them. */

import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { Airflow } from './airflow/environment.ts';
import { Principal } from './airflow/principal.ts';
import type { Context } from './context.ts';
import { Lakehouse } from './databricks/lakehouse.ts';
import { Operators } from './databricks/operators.ts';
import type { Foundation } from './foundation.ts';
import { emulatorPolicy } from './iam/emulator.ts';
import { Watch, watchedIn } from './monitoring/watch.ts';
import type { Streaming } from './streaming.ts';

/** The lakehouse, Airflow in front of it, alarms, and the policy of those who run the emulator. */
export function databricksAndOperations(context: Context, base: Foundation, streaming: Streaming) {
  const { settings, prefix, accountRegion, iamPropagationSeconds, options } = context;
  const { network, groups, subnetIds, lake, database, streams, alarms } = base;
  const lakehouse = new Lakehouse(
    'databricks',
    {
      ...context,
      settings: settings.databricks,
      bronzeDays: settings.lake.bronzeDays,
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

export type Operations = ReturnType<typeof databricksAndOperations>;
