import { expect, it } from 'vitest';
import { stateOf } from './state.ts';

it('a median is the middle value of a group, or the mean of the two middle ones, after each delta', () => {
  const median = stateOf('median', 'int');
  median.add([0, 5], [1, 7], [0, 1], [0, 3]);
  expect(median.values()).toEqual([3, 7]);
  median.add([0, 100], [1, 8]);
  expect(median.values()).toEqual([4, 7.5]);
  median.add([0, 100], [0, 100]);
  expect(median.values()).toEqual([52.5, 7.5]);
});

it('a median counts duplicates and passes over nulls', () => {
  const median = stateOf('median', 'double');
  median.add([0, 1], [0, 1], [0, 1], [0, 9], [0, null], [0, null]);
  expect(median.values()).toEqual([1]);
});

it('a median of nulls alone is null', () => {
  const median = stateOf('median', 'double');
  median.add([0, null]);
  expect(median.values()).toEqual([null]);
});
