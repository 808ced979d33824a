import { expect, it } from 'vitest';
import { Extreme } from '../../../../pipeline/engines/incremental/aggregates/extreme.ts';
import { stateOf } from './state.ts';

it('the smallest and the largest number of a group follow each delta', () => {
  const [least, most] = [stateOf('min', 'double'), stateOf('max', 'double')];
  for (const state of [least, most]) {
    state.add([0, 1.5], [1, -1], [0, -0.5]);
  }
  expect([least.values(), most.values()]).toEqual([
    [-0.5, -1],
    [1.5, -1],
  ]);
  for (const state of [least, most]) {
    state.add([0, -1], [1, 2]);
  }
  expect([least.values(), most.values()]).toEqual([
    [-1, -1],
    [1.5, 2],
  ]);
});

it('an extreme passes over nulls, and is null where there is nothing else', () => {
  const most = stateOf('max', 'timestamp');
  most.add([0, null], [1, null], [1, -5]);
  expect(most.values()).toEqual([null, -5]);
  most.add([0, -7], [1, null]);
  expect(most.values()).toEqual([-7, -5]);
});

it.each(['bigint', 'int', 'double', 'timestamp', 'date'] as const)(
  'numbers of type %s are compared in arrays',
  (type) => {
    expect(stateOf('max', type).state).toBeInstanceOf(Extreme);
  },
);
