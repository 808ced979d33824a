import { expect, it } from 'vitest';
import { at } from '../../pipeline/columns/at.ts';

it('an element is returned, also when it is zero', () => {
  expect(at(Int32Array.of(5, 0), 1)).toBe(0);
  expect(at(['a'], 0)).toBe('a');
});

it.each([2, -1, 0.5])('the index %d in an array of 2 throws an error that names both', (index) => {
  expect(() => at([1, 2], index)).toThrow(new RangeError(`There is no element ${index} in an array of 2.`));
});
