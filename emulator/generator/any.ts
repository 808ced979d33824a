import type { Dataset, RawType } from '../../pipeline/plan/dataset.ts';
import type { RawEvent } from '../event.ts';
import { purpose } from './purpose.ts';
import type { Random } from './random.ts';

/** An event of any dataset: its key, and values of the right type. */
export function anyEvent(
  dataset: Pick<Dataset, 'name' | 'raw' | 'key'>,
  random: Random,
  seed: number,
  index: number,
): RawEvent {
  random.start(seed, purpose.other, index);
  return Object.fromEntries(
    Object.entries(dataset.raw).map(([field, type]) => [
      field,
      field === dataset.key ? index : anyValue(field, type, random),
    ]),
  );
}

function anyValue(field: string, type: RawType, random: Random): string | number {
  switch (type) {
    case 'bigint':
      return random.skewedBelow(100_000);
    case 'double':
      return random.below(2_000_000) / 1000 - 1000;
    case 'text':
      return `${field} ${random.skewedBelow(1000)}`;
  }
}
