/** MWAA: Airflow with the one DAG, which starts the batch job every day. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../configuration/settings.ts';
import { type AccountRegion, type PolicyDocument, policy } from '../iam/document.ts';
import { Role } from '../iam/role.ts';
import type { PrivateBucket } from '../lake/bucket.ts';
import type { Alarms } from '../monitoring/alarms.ts';
import { airflowPolicy } from './policy.ts';
import { connectionsPrefix, type Principal } from './principal.ts';
import { pluginsFile, requirements } from './requirements.ts';

export interface AirflowArgs {
  readonly environmentName: string;
  readonly accountRegion: AccountRegion;
  readonly airflow: Settings['airflow'];
  readonly bucket: PrivateBucket;
  readonly principal: Principal;
  readonly batchJobId: pulumi.Input<string>;
  readonly alarms: Alarms;
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly securityGroupId: pulumi.Input<string>;
  readonly iamPropagationSeconds: number;
  /** Requires the wheels of a private web server to have been fetched. */
  readonly pluginsRequired: boolean;
}

/** An Airflow environment with its files in the bucket of artefacts. */
export class Airflow extends pulumi.ComponentResource {
  readonly environmentName: string;
  /** The address of its web server, which is reachable only from the VPC when the server is private. */
  readonly url: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    args: AirflowArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:airflow:Airflow', name, {}, opts);
    this.environmentName = args.environmentName;
    const files = this.upload(args);
    const role = this.role(args);
    const logs = { enabled: true, logLevel: 'INFO' };
    const environment = new aws.mwaa.Environment(
      name,
      {
        name: args.environmentName,
        airflowVersion: args.airflow.version,
        environmentClass: args.airflow.environmentClass,
        maxWorkers: args.airflow.mostWorkers,
        minWorkers: 1,
        sourceBucketArn: args.bucket.arn,
        dagS3Path: 'dags',
        requirementsS3Path: files.requirements.key,
        requirementsS3ObjectVersion: files.requirements.versionId,
        ...(files.plugins === undefined
          ? {}
          : { pluginsS3Path: files.plugins.key, pluginsS3ObjectVersion: files.plugins.versionId }),
        executionRoleArn: role.arn,
        // Public is behind IAM: who may not create a login token of MWAA sees nothing.
        webserverAccessMode: args.airflow.webserver === 'public' ? 'PUBLIC_ONLY' : 'PRIVATE_ONLY',
        // MWAA takes two subnets, in two zones.
        networkConfiguration: {
          subnetIds: args.subnetIds.slice(0, 2),
          securityGroupIds: [args.securityGroupId],
        },
        loggingConfiguration: {
          dagProcessingLogs: logs,
          schedulerLogs: { ...logs, logLevel: 'WARNING' },
          taskLogs: logs,
          webserverLogs: { ...logs, logLevel: 'WARNING' },
          workerLogs: { ...logs, logLevel: 'WARNING' },
        },
        airflowConfigurationOptions: pulumi
          .all([args.batchJobId, args.alarms.topicArn])
          .apply(([job, topic]) => configurationOptions(job, topic)),
      },
      { parent: this, dependsOn: Object.values(files).filter((file) => file !== undefined) },
    );
    this.url = pulumi.interpolate`https://${environment.webserverUrl}`;
    this.registerOutputs({ environmentName: this.environmentName });
  }

  private upload({ airflow, bucket, pluginsRequired }: AirflowArgs) {
    const upload = (key: string, source: { readonly content: string } | { readonly file: string }) =>
      new aws.s3.BucketObjectv2(
        `${this.name}-${key.replaceAll(/[/.]/g, '-')}`,
        {
          bucket: bucket.ready,
          key,
          ...('file' in source
            ? { source: new pulumi.asset.FileAsset(source.file) }
            : // The content alone is compared, whatever else S3 says about the object.
              { content: source.content, sourceHash: sha256(source.content) }),
        },
        { parent: this },
      );
    return {
      dag: upload('dags/pinterest_daily.py', { content: fileHere('../dags/pinterest_daily.py') }),
      constraints: upload('dags/constraints.txt', {
        content: fileHere(`./constraints-${airflow.version}.txt`),
      }),
      requirements: upload('airflow/requirements.txt', { content: requirements(airflow) }),
      plugins:
        airflow.webserver === 'public'
          ? undefined
          : upload('airflow/plugins.zip', { file: pluginsFile(airflow.version, pluginsRequired) }),
    };
  }

  private role({
    accountRegion,
    environmentName,
    bucket,
    principal,
    alarms,
    iamPropagationSeconds,
  }: AirflowArgs): Role {
    return new Role(
      `${this.name}-role`,
      {
        description: 'Airflow reads its DAGs and signs in to Databricks',
        trust: environmentTrust(accountRegion),
        permissions: pulumi
          .all([principal.secretArn, alarms.topicArn, alarms.keyArn])
          .apply(([connection, topic, alarmsKey]) =>
            airflowPolicy({
              accountRegion,
              environmentName,
              bucket: bucket.arn,
              connection,
              alarms: topic,
              alarmsKey,
            }),
          ),
        iamPropagationSeconds,
      },
      { parent: this },
    );
  }
}

function fileHere(path: string): string {
  return readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Airflow's own settings, and under `pinterest` what the DAG reads. */
export function configurationOptions(batchJobId: string, alarmsTopic: string): Record<string, string> {
  return {
    'core.load_examples': 'False',
    'secrets.backend': 'airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend',
    'secrets.backend_kwargs': JSON.stringify({
      connections_prefix: connectionsPrefix,
      variables_prefix: null,
      config_prefix: null,
    }),
    'pinterest.batch_job_id': batchJobId,
    'pinterest.alarms_topic': alarmsTopic,
  };
}

/** MWAA is two services. */
function environmentTrust({ accountId }: AccountRegion): PolicyDocument {
  return policy({
    Sid: 'AssumedByAirflow',
    Effect: 'Allow',
    Principal: { Service: ['airflow.amazonaws.com', 'airflow-env.amazonaws.com'] },
    Action: ['sts:AssumeRole'],
    Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
  });
}
