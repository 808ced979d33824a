import type { RawEvent } from '../event.ts';
import { purpose } from './purpose.ts';
import { pickFrom, type Random } from './random.ts';
import { daysOfYears, timeOn } from './time.ts';
import { countries } from './vocabulary.ts';

const postDays = daysOfYears(2017, 2023);

/** The place and time of a post. Few countries have most posts; the place is anywhere on the globe. */
export function geoEvent(random: Random, seed: number, index: number): RawEvent {
  random.start(seed, purpose.geo, index);
  return {
    ind: index,
    timestamp: timeOn(postDays, random),
    latitude: (random.below(1_800_001) - 900_000) / 10_000,
    longitude: (random.below(3_600_001) - 1_800_000) / 10_000,
    country: random.oneIn(400) ? null : pickFrom(countries, random.skewedBelow(countries.length)),
  };
}
