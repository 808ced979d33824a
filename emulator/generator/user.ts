import type { RawEvent } from '../event.ts';
import { purpose } from './purpose.ts';
import { pickFrom, type Random, WeightedChoice } from './random.ts';
import { daysOfYears, timeOn } from './time.ts';
import { firstNames, lastNames } from './vocabulary.ts';

const joiningDays = daysOfYears(2014, 2022);

/** First age, last age, weight. Every bound of an age group comes up often, and so do a few who are too young. */
const ages = new WeightedChoice<readonly [first: number, last: number]>([
  [[13, 17], 3],
  [[18, 24], 35],
  [[24, 25], 4],
  [[25, 35], 30],
  [[35, 36], 4],
  [[36, 50], 15],
  [[50, 51], 4],
  [[51, 80], 5],
]);

/** A new user for about every third post; the early ones post most. */
const postsPerUser = 3;

/** The person who made a post: the same person has the same name, age and joining date in all posts. */
export function userEvent(random: Random, seed: number, index: number): RawEvent {
  random.start(seed, purpose.post, index);
  const newest = Math.floor(index / postsPerUser);
  const number = random.oneIn(4) ? random.skewedBelow(newest + 1) : random.below(newest + 1);
  random.start(seed, purpose.user, number);
  const [first, last] = ages.pick(random);
  return {
    ind: index,
    first_name: random.oneIn(500) ? null : pickFrom(firstNames, random.next() >>> 8),
    last_name: random.oneIn(300) ? ' ' : pickFrom(lastNames, random.next() >>> 8),
    age: random.oneIn(300) ? null : first + random.below(last - first + 1),
    date_joined: timeOn(joiningDays, random),
  };
}
