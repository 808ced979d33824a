/**
 * The cost of one more event to those who keep answers up to date, and of one that is taken back, by the number of existing
 * events. Each event is a delta of its own. The answer is asked at the end of each run, and is part of its time.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { now, type OperatorMeasure } from '../results.ts';
import { type Contestant, expected, type KeptAnswer, type OperatorName, valueAt } from './workload.ts';

/** Single events in one run at most; the time of one is too short to be measured by itself. */
const mostPerRun = 1000;
/** Runs that nobody counts: the compiler takes some thousands of events. */
const warmUps = 5;
/** A run ends early after so many milliseconds: some compute a group anew for each event. */
const longestRun = 500;
/** Prime: the events that are taken back lie all over those that exist. */
const stride = 7919;

/**
 * Measures an operator at a size: first as events only come, then as existing ones are taken back while others come.
 * @throws Error when an answer is wrong
 */
export function measureOperator<Event>(
  contestant: Contestant<Event>,
  operator: OperatorName,
  size: number,
  runs: number,
): OperatorMeasure[] {
  // All that exist may leave.
  const eventsPerRun = Math.min(mostPerRun, Math.floor(size / (runs + warmUps)));
  const kept = contestant.open(operator, size, size + 2 * eventsPerRun * (runs + warmUps));
  const present = new Set(Array.from({ length: size }, (_, ind) => ind));
  let came = size;
  let left = 0;
  let slow = false;
  const measured = (change: 'add' | 'remove', indOf: (i: number) => number) => {
    const run = measureRun(
      kept,
      change,
      Array.from({ length: eventsPerRun }, (_, i) => indOf(i)),
    );
    slow ||= run.events < eventsPerRun;
    return run;
  };
  const come = () => {
    const { events, microseconds } = measured('add', (i) => came + i);
    for (let i = 0; i < events; i += 1) {
      present.add(came + i);
    }
    came += events;
    return microseconds;
  };
  const leave = () => {
    const indOf = (i: number) => ((left + i) * stride) % size;
    const { events, microseconds } = measured('remove', indOf);
    for (let i = 0; i < events; i += 1) {
      present.delete(indOf(i));
    }
    left += events;
    return microseconds;
  };
  const verify = () => {
    const right = expected[operator](Float64Array.from(present, valueAt).sort());
    const answer = kept.answer();
    if (answer !== right) {
      throw new Error(`${contestant.name} gives ${answer} for ${operator}; it must be ${right}.`);
    }
  };
  /** What runs took, after some that nobody counts; one, where a run does not get through its events. */
  const counted = <Of>(run: () => Of): Of[] => {
    for (let warm = 0; warm < (slow ? 1 : warmUps); warm += 1) {
      run();
    }
    return Array.from({ length: runs }, run);
  };
  kept.answer();
  const coming = counted(come);
  verify();
  // The first event that leaves also makes the states that can give rows back.
  const both = counted(() => [leave(), come()]);
  verify();
  const measureOf = (change: OperatorMeasure['change'], microseconds: number[]): OperatorMeasure => ({
    ...now(),
    contestant: contestant.name,
    operator,
    events: size,
    change,
    microseconds,
  });
  return [
    measureOf('comes', coming),
    measureOf(
      'leaves',
      both.map(([leaving = Number.NaN]) => leaving),
    ),
    measureOf(
      'comes after some left',
      both.map(([, returning = Number.NaN]) => returning),
    ),
  ];
}

setFlagsFromString('--expose-gc');
const collect: (options: { readonly type: 'minor' }) => void = runInNewContext('gc');

/** Takes events until there were enough. @returns their number, and the processor's time for one */
function measureRun<Event>(
  kept: KeptAnswer<Event>,
  change: 'add' | 'remove',
  inds: readonly number[],
): { readonly events: number; readonly microseconds: number } {
  const prepared = inds.map((ind) => kept.eventOf(ind));
  // The second makes them old: collecting what a run leaves does not touch the events.
  collect({ type: 'minor' });
  collect({ type: 'minor' });
  const deadline = performance.now() + longestRun;
  const start = process.cpuUsage();
  let events = 0;
  for (const event of prepared) {
    kept[change](event);
    events += 1;
    if (events % 10 === 0 && performance.now() > deadline) {
      break;
    }
  }
  kept.answer();
  const { user, system } = process.cpuUsage(start);
  return { events, microseconds: (user + system) / events };
}
