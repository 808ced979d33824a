/** The batch job and the streaming job, each on machines of its own that end with it. */
import * as databricks from '@pulumi/databricks';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../configuration/settings.ts';
import type { LakeAccess } from './access.ts';
import { clusterShape } from './compute.ts';
import type { Notebooks } from './notebooks.ts';
import { batchTasks, streamingTasks, type Task } from './tasks.ts';

export interface JobsArguments {
  readonly prefix: string;
  readonly region: string;
  readonly bucket: string;
  readonly userPrefix: string;
  readonly databricks: Settings['databricks'];
  readonly access: LakeAccess;
  readonly notebooks: Notebooks;
  readonly policyId: pulumi.Input<string>;
  /** Where Airflow starts the batch, the job has no schedule of its own. */
  readonly startedByAirflow: boolean;
  readonly paused: boolean;
  readonly emails: readonly string[];
  readonly provider: databricks.Provider;
  readonly tags: Readonly<Record<string, string>>;
  /** What must be there before a run could work. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** The key of the cluster that a job's tasks share. */
export const jobClusterKey = 'job';

export class Jobs extends pulumi.ComponentResource {
  readonly batchJobId: pulumi.Output<string>;
  readonly batchJobName: string;
  readonly streamingJobId: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly given: JobsArguments,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:databricks:Jobs', name, {}, options);
    this.batchJobName = `${given.prefix}-batch`;
    this.batchJobId = this.batchJob().id;
    this.streamingJobId = this.streamingJob().id;
    this.registerOutputs({});
  }

  private batchJob(): databricks.Job {
    const { given } = this;
    return new databricks.Job(
      `${this.name}-batch`,
      {
        ...this.common(this.batchJobName),
        tasks: batchTasks(this.taskArguments('', '')).map((task) => this.task(task)),
        timeoutSeconds: 6 * 3600,
        ...(given.startedByAirflow
          ? {}
          : {
              schedule: {
                quartzCronExpression: given.databricks.schedule,
                timezoneId: 'UTC',
                pauseStatus: 'PAUSED',
              },
            }),
      },
      this.options(),
    );
  }

  private streamingJob(): databricks.Job {
    const { given } = this;
    const running = given.databricks.streaming === 'running' && !given.paused;
    const { serviceCredential, liveSchema } = given.access;
    return new databricks.Job(
      `${this.name}-streaming`,
      {
        ...this.common(`${given.prefix}-streaming`),
        tasks: pulumi
          .all([serviceCredential, liveSchema])
          .apply(([credential, schema]) =>
            streamingTasks(this.taskArguments(credential, schema)).map((task) => this.task(task)),
          ),
        continuous: { pauseStatus: running ? 'UNPAUSED' : 'PAUSED', taskRetryMode: 'ON_FAILURE' },
      },
      this.options(),
    );
  }

  private common(jobName: string) {
    const { given } = this;
    return {
      name: jobName,
      maxConcurrentRuns: 1,
      tags: { ...given.tags },
      emailNotifications: { onFailures: [...given.emails], noAlertForSkippedRuns: true },
      jobClusters: [
        {
          jobClusterKey,
          newCluster: {
            policyId: given.policyId,
            ...clusterShape(given, given.access.dataSecurityMode.job),
          },
        },
      ],
    };
  }

  private task(task: Task) {
    return {
      taskKey: task.key,
      jobClusterKey,
      dependsOns: task.after.map((taskKey) => ({ taskKey })),
      notebookTask: {
        notebookPath: this.given.notebooks.pathOf(task.notebook),
        source: 'WORKSPACE',
        baseParameters: { ...task.widgets },
      },
      maxRetries: task.retries,
      ...(task.retries > 0 ? { minRetryIntervalMillis: 60_000 } : {}),
    };
  }

  private taskArguments(serviceCredential: string, liveSchema: string) {
    const { given } = this;
    return {
      access: given.databricks.access,
      lakePath: given.access.lakePath,
      region: given.region,
      bucket: given.bucket,
      userPrefix: given.userPrefix,
      serviceCredential,
      liveSchema,
    };
  }

  private options(): pulumi.CustomResourceOptions {
    return { parent: this, provider: this.given.provider, dependsOn: [...this.given.dependsOn] };
  }
}
