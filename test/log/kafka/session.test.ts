import { expect, it } from 'vitest';
import { settledRange } from '../../../pipeline/log/kafka/session.ts';

const heads = (...given: readonly bigint[]) => {
  let asked = 0;
  return async () => {
    const high = given[Math.min(asked, given.length - 1)] ?? 0n;
    asked += 1;
    return { low: 0n, high };
  };
};

it('settledRange asks again for a head before what was read, as a broker gives it right after a kill', async () => {
  expect(await settledRange(heads(930n, 930n, 960n), 950n)).toEqual({ low: 0n, high: 960n });
});

it('settledRange accepts a head that stays before what was read: records are lost', async () => {
  expect(await settledRange(heads(930n), 950n, 20)).toEqual({ low: 0n, high: 930n });
});
