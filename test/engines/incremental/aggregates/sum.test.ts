import { expect, it } from 'vitest';
import { stateOf } from './state.ts';

it('a sum adds the values of each group over all deltas and passes over nulls', () => {
  const sum = stateOf('sum', 'int');
  sum.add([0, 1], [1, 10], [0, null]);
  sum.add();
  sum.add([0, -3], [1, 5]);
  expect(sum.values()).toEqual([-2, 15]);
});

it('a sum of nulls alone is null, and zero is a value', () => {
  const sum = stateOf('sum', 'int');
  sum.add([0, null], [1, 0]);
  expect(sum.values()).toEqual([null, 0]);
});

it('a sum is exact after it was beyond what a float holds, and null while it is', () => {
  const sum = stateOf('sum', 'bigint');
  const largest = 2 ** 53 - 1;
  sum.add([0, largest]);
  expect(sum.values()).toEqual([largest]);
  sum.add([0, largest], [0, 1]);
  expect(sum.values()).toEqual([null]);
  sum.add([0, -largest]);
  expect(sum.values()).toEqual([null]);
  sum.add([0, -2]);
  expect(sum.values()).toEqual([largest - 1]);
});
