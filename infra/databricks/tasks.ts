/** What the two jobs do, task by task, with the notebooks and widgets that they name: pure, so that it can be checked. */
import type { Settings } from '../configuration/settings.ts';
import { mountPoint } from './access.ts';

/** One notebook run of a job. */
export interface Task {
  readonly key: string;
  readonly notebook: string;
  readonly after: readonly string[];
  /** Values of the notebook's widgets. */
  readonly widgets: Readonly<Record<string, string>>;
  readonly retries: number;
}

export interface TaskArguments {
  readonly access: Settings['databricks']['access'];
  readonly lakePath: string;
  readonly region: string;
  readonly bucket: string;
  readonly userPrefix: string;
  readonly serviceCredential: string;
  /** Where the views of the live answers lie, behind its catalog where there is one. */
  readonly liveSchema: string;
}

/** Landing files to silver and the nine answers. */
export function batchTasks({ access, lakePath, bucket }: TaskArguments): readonly Task[] {
  const mount: readonly Task[] =
    access === 'mount'
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
  return [
    ...mount,
    {
      key: 'batch',
      notebook: 'pinterest_batch_data',
      after: mount.map(({ key }) => key),
      widgets: { landing: lakePath, lake: lakePath },
      retries: 2,
    },
  ];
}

/** Views of the live answers, then streams to silver, for ever. */
export function streamingTasks(given: TaskArguments): readonly Task[] {
  const { lakePath, region, userPrefix, serviceCredential, liveSchema } = given;
  return [
    {
      key: 'views',
      notebook: 'pinterest_live_views',
      after: [],
      widgets: { lake: lakePath, schema: liveSchema },
      retries: 1,
    },
    {
      key: 'streaming',
      notebook: 'pinterest_streaming_data',
      after: ['views'],
      widgets: { lake: lakePath, region, userPrefix, serviceCredential, trigger: 'continuous' },
      // A continuous job tries again by itself.
      retries: 0,
    },
  ];
}
