import { expect, it } from 'vitest';
import { stateOf } from './state.ts';

it('a distinct count takes a value of a group once, within a delta and across deltas', () => {
  const distinct = stateOf('count_distinct', 'text');
  distinct.add([0, 'a'], [0, 'a'], [1, 'a'], [0, 'b']);
  expect(distinct.values()).toEqual([2, 1]);
  distinct.add([0, 'b'], [1, 'b'], [1, 'c']);
  expect(distinct.values()).toEqual([2, 3]);
});

it('a distinct count passes over rows where any argument is null', () => {
  const distinct = stateOf('count_distinct', 'text', 'double');
  distinct.add([0, 'a', 1], [0, 'a', null], [0, null, 1], [0, null, null], [0, 'a', 2]);
  expect(distinct.values()).toEqual([2]);
});

it('a distinct count of nulls alone is zero', () => {
  const distinct = stateOf('count_distinct', 'int');
  distinct.add([0, null], [0, null]);
  expect(distinct.values()).toEqual([0]);
});
