/** The tasks of the jobs, with the notebooks and widgets that they name: pure, so that they can be checked. */
import type { Settings } from '../configuration/settings.ts';
import { lakeFolder } from '../lake/lake.ts';
import { mountPoint } from './access.ts';

/** One notebook run of a job. */
export interface Task {
  readonly key: string;
  readonly notebook: string;
  readonly after: readonly string[];
  /** Run only when one of those has failed; otherwise when all of them have come through. */
  readonly onFailure?: true;
  /** Values of the notebook's widgets. */
  readonly widgets: Readonly<Record<string, string>>;
  readonly retries: number;
}

export interface TaskArgs {
  readonly access: Settings['databricks']['access'];
  readonly lakePath: string;
  readonly region: string;
  readonly bucket: string;
  readonly userPrefix: string;
  readonly serviceCredential: string;
  /** The service credential with which landing files are written again; empty where the instance profile does. */
  readonly landingCredential: string;
  /** The schema of the views of the live answers, after its catalog where there is one. */
  readonly liveSchema: string;
  /** The schema of the answers' tables, after its catalog; empty where there is no catalog. */
  readonly answersSchema: string;
  /** Days for which lines of landing files are kept in bronze; null where none are. */
  readonly bronzeDays: number | null;
  /** ARN of the topic that is told when the batch fails; undefined where Airflow tells it. */
  readonly alarmsTopic: string | undefined;
}

/** Makes the lake's bucket a folder, where the stack reaches it so. */
function mountTasks({ access, bucket }: TaskArgs): readonly Task[] {
  return access === 'mount'
    ? [
        {
          key: 'mount',
          notebook: 'mount_s3_bucket',
          after: [],
          widgets: { bucket, mount: mountPoint },
          retries: 1,
        },
      ]
    : [];
}

/** Landing files to silver and the nine answers. */
function batchTask({ lakePath, answersSchema, bronzeDays }: TaskArgs, after: readonly string[]): Task {
  return {
    key: 'batch',
    notebook: 'pinterest_batch_data',
    after,
    widgets: {
      landing: lakePath,
      lake: lakePath,
      tables: answersSchema,
      ...(bronzeDays === null ? {} : { bronze: 'begin' }),
    },
    retries: 2,
  };
}

/** The views of the live answers, and the states below them. */
function viewsTask({ lakePath, liveSchema }: TaskArgs, after: readonly string[]): Task {
  return {
    key: 'views',
    notebook: 'pinterest_live_views',
    after,
    widgets: { lake: lakePath, schema: liveSchema },
    retries: 1,
  };
}

/** Landing files to silver and the nine answers; beside it the views of the live answers, which need no batch. */
export function batchTasks(args: TaskArgs): readonly Task[] {
  const mount = mountTasks(args);
  const after = mount.map(({ key }) => key);
  const work: readonly Task[] = [...mount, batchTask(args, after), viewsTask(args, after)];
  return [...work, ...notifyTask(work, args)];
}

/** Notifies the topic by a task, because Databricks tells addresses and webhooks of a job's failure, and no topic of AWS. */
function notifyTask(work: readonly Task[], args: TaskArgs): readonly Task[] {
  const { region, serviceCredential, alarmsTopic } = args;
  if (alarmsTopic === undefined) {
    return [];
  }
  return [
    {
      key: 'tell',
      notebook: 'pinterest_tell_of_failure',
      after: work.map(({ key }) => key),
      onFailure: true,
      widgets: {
        topic: alarmsTopic,
        region,
        serviceCredential,
        // Databricks fills these in: https://docs.databricks.com/aws/en/jobs/dynamic-value-references.
        job: '{{job.name}}',
        run: 'job {{job.id}}, run {{job.run_id}}',
      },
      retries: 0,
    },
  ];
}

/** Streams to silver, for ever. One task: a continuous job may have no task that waits for another. */
export function streamingTasks(args: TaskArgs): readonly Task[] {
  const { lakePath, region, userPrefix, serviceCredential } = args;
  return [
    {
      key: 'streaming',
      notebook: 'pinterest_streaming_data',
      after: [],
      widgets: {
        lake: lakePath,
        region,
        userPrefix,
        serviceCredential,
        trigger: 'continuous',
        // Each micro-batch is commits and files: a minute is fresh enough, and a sixth of them.
        interval: '60 seconds',
      },
      // A continuous job tries again by itself.
      retries: 0,
    },
  ];
}

/** The parameters that someone fills in who erases posts. */
export const erasureParameters = ['keys', 'reason', 'letReturn'] as const;

/** Erases the posts that someone names, then makes the answers anew, and the states of the live ones. */
export function eraseTasks(args: TaskArgs): readonly Task[] {
  const mount = mountTasks(args);
  const { lakePath, bucket, region, landingCredential } = args;
  return [
    ...mount,
    {
      key: 'erase',
      notebook: 'pinterest_erase',
      after: mount.map(({ key }) => key),
      widgets: {
        lake: lakePath,
        // Behind a mount, too: S3 itself replaces an object in one step.
        landing: `s3://${bucket}/${lakeFolder}`,
        region,
        serviceCredential: landingCredential,
      },
      // Erased twice with leave to return, a post that has returned meanwhile would go.
      retries: 0,
    },
    batchTask(args, ['erase']),
    viewsTask(args, ['erase']),
  ];
}

/** Compacts and clears the lake's tables, which predictive optimization does not do for external ones. */
export function maintenanceTasks({ lakePath, bronzeDays }: TaskArgs): readonly Task[] {
  return [
    {
      key: 'maintenance',
      notebook: 'pinterest_maintenance',
      after: [],
      widgets: { lake: lakePath, ...(bronzeDays === null ? {} : { bronzeDays: String(bronzeDays) }) },
      retries: 1,
    },
  ];
}
