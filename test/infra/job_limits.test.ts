/** Limits of each job: how long, how often at once, how often again, by whom, and whether at all. */
import { describe, expect, it } from 'vitest';
import { valueAt } from '../../infra/tools/policies/declared.ts';
import { graphOf, input, listAt, ofType, one } from './stacks.ts';

describe.each(['dev', 'mount', 'prod'])('every job of %s', (stack) => {
  const jobOf = async (name: string) =>
    one(await graphOf(stack), 'databricks:index/job:Job', `databricks-jobs-${name}`);

  it.each(['batch', 'maintenance', 'erase'])(
    '%s ends within six hours, runs once at a time, and its failure is told',
    async (name) => {
      const job = await jobOf(name);
      expect(job.inputs).toMatchObject({ timeoutSeconds: 6 * 3600, maxConcurrentRuns: 1 });
      // Airflow tells of the batch that it starts.
      if (stack !== 'prod' || name !== 'batch') {
        expect(job.inputs.emailNotifications).toEqual({
          onFailures: ['data-team@example.com'],
          noAlertForSkippedRuns: true,
        });
      }
    },
  );

  it('streaming runs once at a time, and for ever', async () => {
    const { inputs } = await jobOf('streaming');
    expect(inputs).toMatchObject({ maxConcurrentRuns: 1 });
    expect(inputs).not.toHaveProperty('timeoutSeconds');
  });

  it('of erasures waits for one that is at work, for its keys come once', async () => {
    expect(input(await jobOf('erase'), 'queue')).toEqual({ enabled: true });
  });

  it('tries again after a minute what may be done twice: naming a post twice would erase what has returned meanwhile', async () => {
    const retries: Record<string, unknown> = {};
    for (const name of ['batch', 'streaming', 'maintenance', 'erase']) {
      for (const task of listAt((await jobOf(name)).inputs, 'tasks')) {
        retries[`${name} ${valueAt(task, 'taskKey')}`] = valueAt(task, 'maxRetries');
        const wait = valueAt(task, 'maxRetries') === 0 ? undefined : 60_000;
        expect(valueAt(task, 'minRetryIntervalMillis')).toBe(wait);
      }
    }
    expect(retries).toEqual({
      ...(stack === 'mount' && { 'batch mount': 1, 'erase mount': 1 }),
      'batch batch': 2,
      'batch views': 1,
      // Airflow tells of the batch that it starts.
      ...(stack !== 'prod' && { 'batch tell': 0 }),
      'streaming streaming': 0,
      'maintenance maintenance': 1,
      'erase erase': 0,
      'erase batch': 2,
      'erase views': 1,
    });
  });

  it('of erasures lets nothing return, and names no post, unless somebody says so', async () => {
    const parameters = listAt((await jobOf('erase')).inputs, 'parameters');
    expect(parameters.map((of) => [valueAt(of, 'name'), valueAt(of, 'default')])).toEqual([
      ['keys', ''],
      ['reason', ''],
      ['letReturn', 'no'],
    ]);
  });

  it('is operated by the admins where there is such a group, and by Airflow the batch alone', async () => {
    const graph = await graphOf(stack);
    const lists = ofType(graph, 'databricks:index/permissions:Permissions').filter(
      ({ inputs }) => inputs.jobId !== undefined,
    );
    const groups = lists.map(({ name, inputs }) => [
      name.replace('databricks-operators-', ''),
      listAt(inputs, 'accessControls').map((control) =>
        valueAt(control, 'groupName') === undefined ? 'Airflow' : valueAt(control, 'groupName'),
      ),
    ]);
    expect(Object.fromEntries(groups)).toEqual(
      stack === 'prod'
        ? {
            batch: ['Airflow', 'pinterest-admins'],
            streaming: ['pinterest-admins'],
            maintenance: ['pinterest-admins'],
            erase: ['pinterest-admins'],
          }
        : {},
    );
  });
});

describe('a stack that is paused', () => {
  it.each(['dev', 'mount', 'prod'])('%s starts no job by itself', async (stack) => {
    const graph = await graphOf(stack, { paused: true });
    const waiting = ofType(graph, 'databricks:index/job:Job').map(({ name, inputs }) => [
      name.replace('databricks-jobs-', ''),
      valueAt(inputs, 'schedule.pauseStatus') ?? valueAt(inputs, 'continuous.pauseStatus'),
    ]);
    expect(Object.fromEntries(waiting)).toEqual({
      batch: 'PAUSED',
      streaming: 'PAUSED',
      maintenance: 'PAUSED',
      // It has no schedule, and is run by hand.
      erase: undefined,
    });
  });
});
