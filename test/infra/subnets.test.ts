import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocateSubnets } from '../../infra/network/subnets.ts';

const zonesOf = (count: number) => Array.from({ length: count }, (_, index) => `eu-west-1${'abcd'[index]}`);
const blocks = fc.tuple(
  fc.integer({ min: 0, max: 255 }),
  fc.integer({ min: 0, max: 255 }),
  fc.integer({ min: 0, max: 4 }),
);

/** The first and last address of a block, as numbers. */
function rangeOf(cidr: string): readonly [number, number] {
  const [address = '', size = ''] = cidr.split('/');
  const first = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return [first, first + 2 ** (32 - Number(size)) - 1];
}

describe('subnets', () => {
  it('are a /19 and a /24 a zone', () => {
    expect(allocateSubnets('10.40.0.0/16', zonesOf(2))).toEqual([
      { zone: 'eu-west-1a', privateBlock: '10.40.0.0/19', publicBlock: '10.40.240.0/24' },
      { zone: 'eu-west-1b', privateBlock: '10.40.32.0/19', publicBlock: '10.40.241.0/24' },
    ]);
  });

  it('lie in the VPC, begin where their size allows, and never overlap', () => {
    fc.assert(
      fc.property(blocks, ([first, second, count]) => {
        const vpc = rangeOf(`${first}.${second}.0.0/16`);
        const made = allocateSubnets(`${first}.${second}.0.0/16`, zonesOf(count));
        const ranges = made.flatMap(({ privateBlock, publicBlock }) => [
          rangeOf(privateBlock),
          rangeOf(publicBlock),
        ]);
        for (const [start, end] of ranges) {
          expect(start).toBeGreaterThanOrEqual(vpc[0]);
          expect(end).toBeLessThanOrEqual(vpc[1]);
          expect(start % (end - start + 1)).toBe(0);
        }
        const inOrder = ranges.toSorted(([a], [b]) => a - b);
        for (const [index, [start]] of inOrder.entries()) {
          expect(start).toBeGreaterThan(inOrder[index - 1]?.[1] ?? -1);
        }
      }),
    );
  });

  it('stay where they are when a zone is added at the end', () => {
    const two = allocateSubnets('10.40.0.0/16', zonesOf(2));
    expect(allocateSubnets('10.40.0.0/16', zonesOf(3)).slice(0, 2)).toEqual(two);
  });

  it.each([
    ['10.40.0.0/20', zonesOf(2), 'must be a /16'],
    ['10.999.0.0/16', zonesOf(2), 'must be a /16'],
    ['10.40.0.0/16', ['eu-west-1a', 'eu-west-1a'], 'each once'],
    ['10.40.0.0/16', [...zonesOf(4), 'eu-west-1e'], 'up to 4 zones'],
  ])('refuses %s in %j', (cidr, zones, says) => {
    expect(() => allocateSubnets(cidr, zones)).toThrow(says);
  });
});
