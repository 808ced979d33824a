/** The batch job and the streaming job, each on machines of its own that end with it. */
import * as databricks from '@pulumi/databricks';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../configuration/settings.ts';
import type { Alarms } from '../monitoring/alarms.ts';
import type { LakeAccess } from './access.ts';
import { clusterShape } from './compute.ts';
import type { Notebooks } from './notebooks.ts';
import {
  batchTasks,
  eraseTasks,
  erasureParameters,
  maintenanceTasks,
  streamingTasks,
  type Task,
  type TaskArgs,
} from './tasks.ts';

export interface JobsArgs {
  readonly prefix: string;
  readonly region: string;
  readonly bucket: string;
  readonly userPrefix: string;
  readonly bronzeDays: number | null;
  readonly databricks: Settings['databricks'];
  readonly access: LakeAccess;
  readonly notebooks: Notebooks;
  readonly policyId: pulumi.Input<string>;
  /** Airflow starts the batch, so that the job has no schedule of its own. */
  readonly startedByAirflow: boolean;
  readonly paused: boolean;
  /** The topic that is notified when the batch fails; Airflow notifies it where it starts the batch. */
  readonly alarms: Alarms;
  readonly emails: readonly string[];
  readonly provider: databricks.Provider;
  readonly tags: Readonly<Record<string, string>>;
  /** Resources that must exist before a run can work. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** The key of the cluster that a job's tasks share. */
const jobClusterKey = 'job';

export class Jobs extends pulumi.ComponentResource {
  readonly batchJobId: pulumi.Output<string>;
  readonly batchJobName: string;
  readonly streamingJobId: pulumi.Output<string>;
  /** All jobs, by what they do. */
  readonly ids: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(
    private readonly name: string,
    private readonly args: JobsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:databricks:Jobs', name, {}, opts);
    this.batchJobName = `${args.prefix}-batch`;
    this.batchJobId = this.batchJob().id;
    this.streamingJobId = this.streamingJob().id;
    this.ids = {
      batch: this.batchJobId,
      streaming: this.streamingJobId,
      maintenance: this.maintenanceJob().id,
      erase: this.eraseJob().id,
    };
    this.registerOutputs({});
  }

  private batchJob(): databricks.Job {
    const { args } = this;
    const serverless = args.databricks.batchCompute === 'serverless';
    const topic = args.startedByAirflow ? undefined : args.alarms.topicArn;
    return new databricks.Job(
      `${this.name}-batch`,
      {
        ...this.common(this.batchJobName),
        ...this.compute(serverless),
        tasks: this.tasks(batchTasks, topic, serverless),
        timeoutSeconds: 6 * 3600,
        ...(args.startedByAirflow
          ? {}
          : {
              // A machine that does not start cannot tell the topic that it has not.
              emailNotifications: { onFailures: [...args.emails], noAlertForSkippedRuns: true },
              schedule: {
                quartzCronExpression: args.databricks.schedule,
                timezoneId: 'UTC',
                pauseStatus: args.databricks.scheduled && !args.paused ? 'UNPAUSED' : 'PAUSED',
              },
            }),
      },
      this.options(),
    );
  }

  private streamingJob(): databricks.Job {
    const { args } = this;
    const running = args.databricks.streaming === 'running' && !args.paused;
    return new databricks.Job(
      `${this.name}-streaming`,
      {
        ...this.common(`${args.prefix}-streaming`),
        ...this.compute(false),
        // A run keeps the notebook that it began with: a change of this tag makes Pulumi start another.
        tags: { ...args.tags, notebook: args.notebooks.digestOf('pinterest_streaming_data') },
        tasks: this.tasks(streamingTasks, undefined, false),
        // Pausing a continuous job lets its run go on: Pulumi ends it, and starts it again with a changed job
        // (https://github.com/databricks/terraform-provider-databricks/pull/2466).
        controlRunState: true,
        continuous: { pauseStatus: running ? 'UNPAUSED' : 'PAUSED', taskRetryMode: 'ON_FAILURE' },
      },
      this.options(),
    );
  }

  /** On Sundays, when no batch runs. */
  private maintenanceJob(): databricks.Job {
    const { args } = this;
    const serverless = args.databricks.batchCompute === 'serverless';
    return new databricks.Job(
      `${this.name}-maintenance`,
      {
        ...this.common(`${args.prefix}-maintenance`),
        ...this.compute(serverless),
        tasks: this.tasks(maintenanceTasks, undefined, serverless),
        timeoutSeconds: 6 * 3600,
        emailNotifications: { onFailures: [...args.emails], noAlertForSkippedRuns: true },
        schedule: {
          quartzCronExpression: '0 0 4 ? * 1',
          timezoneId: 'UTC',
          pauseStatus: args.paused ? 'PAUSED' : 'UNPAUSED',
        },
      },
      this.options(),
    );
  }

  /** Run by hand. A run without keys carries out what was erased before. */
  private eraseJob(): databricks.Job {
    const { args } = this;
    const serverless = args.databricks.batchCompute === 'serverless';
    const defaults: Readonly<Record<string, string>> = { letReturn: 'no' };
    return new databricks.Job(
      `${this.name}-erase`,
      {
        ...this.common(`${args.prefix}-erase`),
        // Without a queue a second run is skipped, and its keys with it.
        queue: { enabled: true },
        ...this.compute(serverless),
        parameters: erasureParameters.map((name) => ({ name, default: defaults[name] ?? '' })),
        tasks: this.tasks(eraseTasks, undefined, serverless),
        timeoutSeconds: 6 * 3600,
        emailNotifications: { onFailures: [...args.emails], noAlertForSkippedRuns: true },
      },
      this.options(),
    );
  }

  private common(jobName: string) {
    const { args } = this;
    return {
      name: jobName,
      maxConcurrentRuns: 1,
      tags: { ...args.tags },
    };
  }

  /** The cluster that a job's tasks share; none where they run on Databricks' own machines. */
  private compute(serverless: boolean) {
    const { args } = this;
    if (serverless) {
      return {};
    }
    return {
      jobClusters: [
        {
          jobClusterKey,
          newCluster: {
            policyId: args.policyId,
            ...clusterShape(args, args.access.dataSecurityMode.job),
          },
        },
      ],
    };
  }

  private tasks(
    tasksOf: (args: TaskArgs) => readonly Task[],
    alarmsTopic: pulumi.Output<string> | undefined,
    serverless: boolean,
  ) {
    const { args } = this;
    const { serviceCredential, landingCredential, liveSchema, answersSchema } = args.access;
    const told = pulumi.all([serviceCredential, landingCredential, liveSchema, answersSchema, alarmsTopic]);
    return told.apply(([credential, landing, schema, answers, topic]) =>
      tasksOf({
        access: args.databricks.access,
        lakePath: args.access.lakePath,
        region: args.region,
        bucket: args.bucket,
        userPrefix: args.userPrefix,
        bronzeDays: args.bronzeDays,
        serviceCredential: credential,
        landingCredential: landing,
        liveSchema: schema,
        answersSchema: answers,
        alarmsTopic: topic,
      }).map((task) => this.task(task, serverless)),
    );
  }

  private task(task: Task, serverless: boolean) {
    return {
      taskKey: task.key,
      ...(serverless ? {} : { jobClusterKey }),
      dependsOns: task.after.map((taskKey) => ({ taskKey })),
      ...(task.onFailure ? { runIf: 'AT_LEAST_ONE_FAILED' } : {}),
      notebookTask: {
        notebookPath: this.args.notebooks.pathOf(task.notebook),
        source: 'WORKSPACE',
        baseParameters: { ...task.widgets },
      },
      maxRetries: task.retries,
      ...(task.retries > 0 ? { minRetryIntervalMillis: 60_000 } : {}),
    };
  }

  private options(): pulumi.CustomResourceOptions {
    return { parent: this, provider: this.args.provider, dependsOn: [...this.args.dependsOn] };
  }
}
