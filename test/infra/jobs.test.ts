import { describe, expect, it } from 'vitest';
import { quartzProblems } from '../../infra/configuration/quartz.ts';
import {
  batchTasks,
  eraseTasks,
  erasureParameters,
  maintenanceTasks,
  streamingTasks,
  type Task,
  type TaskArgs,
} from '../../infra/databricks/tasks.ts';
import { notebookSources } from '../../infra/derived.ts';
import { valueAt } from '../../infra/tools/policies/declared.ts';
import { graphOf, input, listAt, one } from './stacks.ts';

const notebooks: Readonly<Record<string, string>> = notebookSources();
const given = (access: TaskArgs['access']): TaskArgs => ({
  access,
  lakePath: 's3://bucket/lake',
  region: 'eu-west-1',
  bucket: 'bucket',
  userPrefix: '',
  serviceCredential: 'streams',
  landingCredential: 'landing',
  liveSchema: 'pinterest.live',
  answersSchema: 'pinterest.answers',
  bronzeDays: 400,
  alarmsTopic: 'arn:aws:sns:eu-west-1:111122223333:alarms',
});
const jobs: readonly (readonly [string, readonly Task[]])[] = [
  ['batch with mounts', batchTasks(given('mount'))],
  ['batch with the catalog', batchTasks(given('catalog'))],
  ['streaming', streamingTasks(given('catalog'))],
  ['maintenance', maintenanceTasks(given('catalog'))],
  ['erasing with mounts', eraseTasks(given('mount'))],
];

describe('the raw copy of landing files', () => {
  it('is begun by the batch and ends by the maintenance, where the stack keeps one', () => {
    const widgets = (bronzeDays: number | null) =>
      [batchTasks, maintenanceTasks].map((tasks) => tasks({ ...given('catalog'), bronzeDays })[0]?.widgets);
    expect(widgets(400)).toMatchObject([{ bronze: 'begin' }, { bronzeDays: '400' }]);
    expect(widgets(null).flatMap((all) => Object.keys(all ?? {}))).not.toContainEqual(
      expect.stringMatching(/bronze/),
    );
  });
});

/** The widgets that a notebook makes, and the values of those that let choose. */
function widgetsOf(source: string): ReadonlyMap<string, readonly string[] | undefined> {
  const made = source.matchAll(/dbutils\.widgets\.(text|dropdown)\("(\w+)", "[^"]*", (?:\[([^\]]*)\])?/g);
  return new Map(
    [...made].map(([, kind, name = '', choices = '']) => [
      name,
      kind === 'dropdown' ? [...choices.matchAll(/"([^"]*)"/g)].map(([, choice = '']) => choice) : undefined,
    ]),
  );
}

describe.each(jobs)('the tasks of %s', (_, tasks) => {
  it('run notebooks that exist, with widgets that these have', () => {
    for (const { notebook, widgets } of tasks) {
      expect(Object.keys(notebooks)).toContain(notebook);
      const known = widgetsOf(notebooks[notebook] ?? '');
      for (const [name, value] of Object.entries(widgets)) {
        expect([...known.keys()], `${notebook} has no widget ${name}`).toContain(name);
        const choices = known.get(name);
        if (choices !== undefined) {
          expect(choices).toContain(value);
        }
      }
    }
  });

  it('have keys of their own, and wait for tasks that come before them', () => {
    const seen = new Set<string>();
    for (const { key, after } of tasks) {
      expect(seen).not.toContain(key);
      for (const earlier of after) {
        expect(seen).toContain(earlier);
      }
      seen.add(key);
    }
  });
});

it('a widget that is missing would be found', () => {
  expect([...widgetsOf(notebooks.pinterest_streaming_data ?? '').entries()]).toContainEqual([
    'trigger',
    ['available-now', 'continuous'],
  ]);
  expect([...widgetsOf(notebooks.pinterest_batch_data ?? '').keys()]).toEqual([
    'landing',
    'lake',
    'tables',
    'bronze',
  ]);
});

it('an erasure takes its keys from the parameters of the job, and is followed by the answers and the live views', () => {
  const widgets = [...widgetsOf(notebooks.pinterest_erase ?? '').keys()];
  expect(widgets).toEqual(['lake', 'landing', 'region', 'serviceCredential', ...erasureParameters]);
  expect(eraseTasks(given('catalog')).map(({ notebook }) => notebook)).toEqual([
    'pinterest_erase',
    'pinterest_batch_data',
    'pinterest_live_views',
  ]);
});

describe.each(['dev', 'mount', 'prod'])('the jobs of %s', (stack) => {
  it.each(['batch', 'streaming', 'maintenance', 'erase'])(
    '%s: every task has a declared cluster and an uploaded notebook',
    async (name) => {
      const graph = await graphOf(stack);
      const job = one(graph, 'databricks:index/job:Job', `databricks-jobs-${name}`);
      const clusters = listAt(job.inputs, 'jobClusters').map((cluster) => valueAt(cluster, 'jobClusterKey'));
      const tasks = listAt(job.inputs, 'tasks');
      const keys = tasks.map((task) => valueAt(task, 'taskKey'));
      const uploaded = graph.nodes
        .filter(({ type }) => type === 'databricks:index/notebook:Notebook')
        .map(({ inputs }) => inputs.path);
      expect(tasks.length).toBeGreaterThan(0);
      for (const task of tasks) {
        // Without a cluster of the job's own a task runs on serverless compute.
        if (clusters.length === 0) {
          expect(valueAt(task, 'jobClusterKey')).toBeUndefined();
        } else {
          expect(clusters).toContain(valueAt(task, 'jobClusterKey'));
        }
        expect(uploaded).toContain(valueAt(task, 'notebookTask.notebookPath'));
        for (const other of listAt(task, 'dependsOns')) {
          expect(keys).toContain(valueAt(other, 'taskKey'));
        }
      }
    },
  );
});

describe('what Databricks does not check when it plans', () => {
  it.each(['dev', 'mount', 'prod'])(
    'a continuous job may have no task that waits for another: %s',
    async (stack) => {
      const job = one(await graphOf(stack), 'databricks:index/job:Job', 'databricks-jobs-streaming');
      expect(input(job, 'continuous.taskRetryMode')).toBe('ON_FAILURE');
      for (const task of listAt(job.inputs, 'tasks')) {
        expect(listAt(task, 'dependsOns')).toEqual([]);
      }
    },
  );
});

describe('a batch that fails', () => {
  const batchOf = async (stack: string, changes = {}) =>
    one(await graphOf(stack, changes), 'databricks:index/job:Job', 'databricks-jobs-batch');
  const tellsOf = (job: Awaited<ReturnType<typeof batchOf>>) =>
    listAt(job.inputs, 'tasks').filter((task) => valueAt(task, 'runIf') === 'AT_LEAST_ONE_FAILED');

  it('tells the one topic by its last task, and people by mail when no machine starts', async () => {
    const job = await batchOf('dev');
    const [tell] = tellsOf(job);
    const others = listAt(job.inputs, 'tasks').filter((task) => task !== tell);
    expect(valueAt(tell, 'notebookTask.baseParameters')).toMatchObject({
      topic: 'arn:aws:sns:eu-west-1:111122223333:pinterest-dev-alarms',
      region: 'eu-west-1',
    });
    expect(listAt(tell, 'dependsOns').map((one) => valueAt(one, 'taskKey'))).toEqual(
      others.map((task) => valueAt(task, 'taskKey')),
    );
    expect(input(job, 'emailNotifications.onFailures')).toEqual(['data-team@example.com']);
  });

  it('is told by Airflow where Airflow starts it', async () => {
    const job = await batchOf('prod');
    expect(tellsOf(job)).toEqual([]);
    expect(job.inputs).not.toHaveProperty('emailNotifications');
  });

  it('tells with the service credential where there is one', async () => {
    const [tell] = tellsOf(await batchOf('prod', { paused: true }));
    expect(valueAt(tell, 'notebookTask.baseParameters.serviceCredential')).toBe('pinterest-prod-streams');
  });
});

describe('schedules', () => {
  it('the batch’s own is a cron of Quartz with seconds, on whole days in UTC', async () => {
    const job = one(await graphOf('dev'), 'databricks:index/job:Job', 'databricks-jobs-batch');
    const cron = String(input(job, 'schedule.quartzCronExpression'));
    expect(quartzProblems(cron)).toEqual([]);
    expect(input(job, 'schedule.timezoneId')).toBe('UTC');
  });

  it.each([
    ['0 0 1 * *', 'has 5 fields'],
    ['0 0 24 * * ?', 'hour 24'],
    ['0 0 1 * * *', 'one of day and weekday must be ?'],
    ['0 0 1 ? * ?', 'one of day and weekday must be ?'],
    ['0 61 1 * * ?', 'minute 61'],
  ])('a wrong one is found: %s', (cron, says) => {
    expect(quartzProblems(cron).join()).toContain(says);
  });
});
