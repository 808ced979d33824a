import { expect, it } from 'vitest';
import { stateOf } from './state.ts';

it('a count is the number of rows of each group over all deltas', () => {
  const count = stateOf('count');
  count.add([0], [1], [0]);
  expect(count.values()).toEqual([2, 1]);
  count.add();
  count.add([2], [0]);
  expect(count.values()).toEqual([3, 1, 1]);
});

it('a count keeps its groups when there are more of them than before by far', () => {
  const count = stateOf('count');
  count.add([0]);
  count.add([999], [0]);
  expect([count.state.value(0), count.state.value(500), count.state.value(999)]).toEqual([2, 0, 1]);
});
