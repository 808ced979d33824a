/** The batch job and the streaming job, each on machines of its own that end with it. */
import * as databricks from '@pulumi/databricks';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../configuration/settings.ts';
import type { Alarms } from '../monitoring/alarms.ts';
import type { LakeAccess } from './access.ts';
import { clusterShape } from './compute.ts';
import type { Notebooks } from './notebooks.ts';
import { batchTasks, streamingTasks, type Task, type TaskArguments } from './tasks.ts';

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
  /** Who is told when the batch fails; Airflow tells them where it starts it. */
  readonly alarms: Alarms;
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
    const topic = given.startedByAirflow ? undefined : given.alarms.topicArn;
    return new databricks.Job(
      `${this.name}-batch`,
      {
        ...this.common(this.batchJobName),
        tasks: this.tasks(batchTasks, topic),
        timeoutSeconds: 6 * 3600,
        ...(given.startedByAirflow
          ? {}
          : {
              // A machine that does not start cannot tell the topic that it has not.
              emailNotifications: { onFailures: [...given.emails], noAlertForSkippedRuns: true },
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
    return new databricks.Job(
      `${this.name}-streaming`,
      {
        ...this.common(`${given.prefix}-streaming`),
        tasks: this.tasks(streamingTasks, undefined),
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

  private tasks(
    tasksOf: (given: TaskArguments) => readonly Task[],
    alarmsTopic: pulumi.Output<string> | undefined,
  ) {
    const { given } = this;
    const { serviceCredential, liveSchema } = given.access;
    return pulumi.all([serviceCredential, liveSchema, alarmsTopic]).apply(([credential, schema, topic]) =>
      tasksOf({
        access: given.databricks.access,
        lakePath: given.access.lakePath,
        region: given.region,
        bucket: given.bucket,
        userPrefix: given.userPrefix,
        serviceCredential: credential,
        liveSchema: schema,
        alarmsTopic: topic,
      }).map((task) => this.task(task)),
    );
  }

  private task(task: Task) {
    return {
      taskKey: task.key,
      jobClusterKey,
      dependsOns: task.after.map((taskKey) => ({ taskKey })),
      ...(task.onFailure ? { runIf: 'AT_LEAST_ONE_FAILED' } : {}),
      notebookTask: {
        notebookPath: this.given.notebooks.pathOf(task.notebook),
        source: 'WORKSPACE',
        baseParameters: { ...task.widgets },
      },
      maxRetries: task.retries,
      ...(task.retries > 0 ? { minRetryIntervalMillis: 60_000 } : {}),
    };
  }

  private options(): pulumi.CustomResourceOptions {
    return { parent: this, provider: this.given.provider, dependsOn: [...this.given.dependsOn] };
  }
}
