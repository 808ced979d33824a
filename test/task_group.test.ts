import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { sleep } from '../pipeline/retry.ts';
import { TaskGroup } from '../pipeline/task_group.ts';

/** A task that notes its start, and its end once the signal is aborted. */
function untilAborted(group: TaskGroup, name: string, events: string[]) {
  return async (): Promise<void> => {
    events.push(`${name} starts`);
    await sleep(60_000, group.signal);
    await turn();
    events.push(`${name} ends`);
  };
}

it('a group is joined when its last task has ended', async () => {
  const group = new TaskGroup();
  const events: string[] = [];
  group.spawn(async () => void events.push('one'));
  group.spawn(async () => {
    await turn();
    events.push('other');
  });
  await group.join();
  expect(events).toEqual(['one', 'other']);
  expect(group.size).toBe(0);
  expect(group.signal.aborted).toBe(false);
});

it('a group without tasks is joined at once', async () => {
  await expect(new TaskGroup().join()).resolves.toBeUndefined();
});

it('the first failure aborts the other tasks, and join throws it after they have ended', async () => {
  const group = new TaskGroup();
  const events: string[] = [];
  group.spawn(untilAborted(group, 'waiting task', events));
  group.spawn(async () => {
    await turn();
    throw new Error('first');
  });
  await expect(group.join()).rejects.toThrow('first');
  expect(events).toEqual(['waiting task starts', 'waiting task ends']);
  expect(group.size).toBe(0);
});

it('a later failure does not replace the first one', async () => {
  const group = new TaskGroup();
  group.spawn(async () => {
    await sleep(60_000, group.signal);
    throw new Error('second');
  });
  group.spawn(async () => {
    throw new Error('first');
  });
  await expect(group.join()).rejects.toThrow('first');
  expect(group.throwFailure.bind(group)).toThrow('first');
});

it('a task that throws undefined has failed, too', async () => {
  const group = new TaskGroup();
  group.spawn(() => Promise.reject(undefined));
  await expect(group.join()).rejects.toBeUndefined();
  expect(group.hasFailed).toBe(true);
});

it('a task that throws before its first await fails the group, not its caller', async () => {
  const group = new TaskGroup();
  group.spawn(() => {
    throw new Error('at once');
  });
  await expect(group.join()).rejects.toThrow('at once');
});

it('abort ends all tasks without a failure, and join waits for each of them', async () => {
  const group = new TaskGroup();
  const events: string[] = [];
  group.spawn(untilAborted(group, 'one', events));
  group.spawn(untilAborted(group, 'other', events));
  await turn();
  group.abort();
  await group.join();
  expect(events).toEqual(['one starts', 'other starts', 'one ends', 'other ends']);
  expect(group.hasFailed).toBe(false);
});

it('the outer signal ends the group, but a group does not end others of its outer signal', async () => {
  const outer = new AbortController();
  const [failing, other] = [new TaskGroup(outer.signal), new TaskGroup(outer.signal)];
  const events: string[] = [];
  other.spawn(untilAborted(other, 'other', events));
  failing.fail(new Error('failed'));
  await expect(failing.join()).rejects.toThrow('failed');
  expect(other.signal.aborted).toBe(false);
  outer.abort();
  await other.join();
  expect(events).toEqual(['other starts', 'other ends']);
});

it('a group whose outer signal is aborted already begins aborted', () => {
  expect(new TaskGroup(AbortSignal.abort()).signal.aborted).toBe(true);
});

it('join waits for tasks that other tasks start, also while they end', async () => {
  const group = new TaskGroup();
  const events: string[] = [];
  group.spawn(async () => {
    await sleep(60_000, group.signal);
    group.spawn(async () => {
      await turn();
      events.push('late task ends');
    });
  });
  await turn();
  group.abort();
  await group.join();
  expect(events).toEqual(['late task ends']);
  expect(group.size).toBe(0);
});

it('a failure that nobody joins is no unhandled rejection', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const group = new TaskGroup();
  group.spawn(() => Promise.reject(new Error('unheard')));
  group.spawn(() => Promise.reject(new Error('unheard, too')));
  await turn();
  await turn();
  expect(unhandled).toEqual([]);
  expect(group.size).toBe(0);
});
