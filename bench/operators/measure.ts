/**
 * The cost of one more event to those who keep answers up to date, and of one that is taken back, by the number of existing
 * events. Each event is a delta of its own. The answer is asked at the end of each run, and is part of its time.
 */
import { now, type OperatorMeasure } from '../results.ts';
import { type Contestant, expected, type KeptAnswer, type OperatorName, valueAt } from './workload.ts';

/** Single events in one run; the time of one is too short to be measured by itself. */
const eventsPerRun = 1000;
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
  const kept = contestant.open(operator, size, size + 2 * eventsPerRun * (runs + 1));
  const present = new Set(Array.from({ length: size }, (_, ind) => ind));
  let came = size;
  let left = 0;
  const come = () => {
    const { events, microseconds } = measureRun(kept, 'add', (i) => came + i);
    for (let i = 0; i < events; i += 1) {
      present.add(came + i);
    }
    came += events;
    return microseconds;
  };
  const leave = () => {
    const indOf = (i: number) => ((left + i) * stride) % size;
    const { events, microseconds } = measureRun(kept, 'remove', indOf);
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
  kept.answer();
  // The first run of each warms the compiler up; the first that leaves also makes the states that can give rows back.
  const coming = Array.from({ length: runs + 1 }, come).slice(1);
  verify();
  const both = Array.from({ length: runs + 1 }, () => [leave(), come()]).slice(1);
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

/** Takes events until there were enough. @returns their number, and the processor's time for one */
function measureRun<Event>(
  kept: KeptAnswer<Event>,
  change: 'add' | 'remove',
  indOf: (i: number) => number,
): { readonly events: number; readonly microseconds: number } {
  const prepared = Array.from({ length: eventsPerRun }, (_, i) => kept.eventOf(indOf(i)));
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
