import { expect, it } from 'vitest';
import { Generic } from '../../../../pipeline/engines/incremental/aggregates/generic.ts';
import { stateOf } from './state.ts';

it('strings have their smallest and largest by code point, not by UTF-16 unit', () => {
  const [least, most] = [stateOf('min', 'text'), stateOf('max', 'text')];
  for (const state of [least, most]) {
    state.add([0, '🂡'], [1, null]);
    state.add([0, 'ﬀ'], [0, null]);
  }
  expect([least.values(), most.values()]).toEqual([
    ['ﬀ', null],
    ['🂡', null],
  ]);
  expect(most.state).toBeInstanceOf(Generic);
});

it('false is smaller than true', () => {
  const [least, most] = [stateOf('min', 'boolean'), stateOf('max', 'boolean')];
  for (const state of [least, most]) {
    state.add([0, true], [0, false], [1, null]);
  }
  expect([least.values(), most.values()]).toEqual([
    [false, null],
    [true, null],
  ]);
});
