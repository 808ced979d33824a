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
}

/** Files that Airflow reads from the bucket, by key: the DAG and its requirements. */
export const airflowFiles = {
  'dags/pinterest_daily.py': '../dags/pinterest_daily.py',
  'dags/constraints.txt': './constraints.txt',
  'airflow/requirements.txt': './requirements.txt',
} as const;

/** An Airflow environment whose web server is reached from inside the VPC alone. */
export class Airflow extends pulumi.ComponentResource {
  readonly environmentName: string;

  constructor(
    private readonly name: string,
    args: AirflowArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:airflow:Airflow', name, {}, opts);
    this.environmentName = args.environmentName;
    const files = this.upload(args.bucket);
    const role = this.role(args);
    const logs = { enabled: true, logLevel: 'INFO' };
    new aws.mwaa.Environment(
      name,
      {
        name: args.environmentName,
        airflowVersion: args.airflow.version,
        environmentClass: args.airflow.environmentClass,
        maxWorkers: args.airflow.mostWorkers,
        minWorkers: 1,
        sourceBucketArn: args.bucket.arn,
        dagS3Path: 'dags',
        requirementsS3Path: files['airflow/requirements.txt'].key,
        requirementsS3ObjectVersion: files['airflow/requirements.txt'].versionId,
        executionRoleArn: role.arn,
        webserverAccessMode: 'PRIVATE_ONLY',
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
      { parent: this, dependsOn: Object.values(files) },
    );
    this.registerOutputs({ environmentName: this.environmentName });
  }

  private upload(bucket: PrivateBucket): Record<keyof typeof airflowFiles, aws.s3.BucketObjectv2> {
    const upload = (key: keyof typeof airflowFiles) => {
      const text = readFileSync(fileURLToPath(new URL(airflowFiles[key], import.meta.url)), 'utf8');
      return new aws.s3.BucketObjectv2(
        `${this.name}-${key.replaceAll(/[/.]/g, '-')}`,
        {
          bucket: bucket.ready,
          key,
          content: text,
          // The content alone is compared, whatever else S3 says about the object.
          sourceHash: createHash('sha256').update(text).digest('hex'),
        },
        { parent: this },
      );
    };
    return {
      'dags/pinterest_daily.py': upload('dags/pinterest_daily.py'),
      'dags/constraints.txt': upload('dags/constraints.txt'),
      'airflow/requirements.txt': upload('airflow/requirements.txt'),
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
export function environmentTrust({ accountId }: AccountRegion): PolicyDocument {
  return policy({
    Sid: 'AssumedByAirflow',
    Effect: 'Allow',
    Principal: { Service: ['airflow.amazonaws.com', 'airflow-env.amazonaws.com'] },
    Action: ['sts:AssumeRole'],
    Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
  });
}
