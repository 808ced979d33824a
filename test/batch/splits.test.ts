import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitsOf } from '../../pipeline/batch/splits.ts';

const file = (size: number, i: number) => ({
  path: `topics/pin/partition=0/${i}.json`,
  topic: 'pin',
  size,
  modified: 0,
});

describe('tasks', () => {
  it('cover every file from its first byte to its end, without gaps', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(500), { maxLength: 20 }),
        fc.integer({ min: 1, max: 300 }),
        (sizes, bytes) => {
          const files = sizes.map(file);
          const parts = splitsOf(files, bytes).flat();
          for (const { path, size } of files) {
            const mine = parts.filter((part) => part.path === path);
            expect(mine.map(({ from }) => from)).toEqual([0, ...mine.slice(0, -1).map(({ to }) => to)]);
            expect(mine.at(-1)?.to).toBe(Number.POSITIVE_INFINITY);
            expect(mine.reduce((sum, part) => sum + part.size, 0)).toBe(size);
          }
        },
      ),
    );
  });

  it('are about as large as is asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500), { maxLength: 20 }), (sizes) => {
        for (const task of splitsOf(sizes.map(file), 100)) {
          expect(task.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(125);
        }
      }),
    );
  });
});
