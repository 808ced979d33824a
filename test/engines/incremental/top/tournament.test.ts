import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Firsts } from '../../../../pipeline/engines/incremental/top/tournament.ts';

const sets = 3;

/** Things that come, leave or move at once: each with the set that it is always in, and what orders it. */
const changes = fc.array(
  fc.array(fc.record({ thing: fc.nat({ max: 40 }), key: fc.nat({ max: 20 }), isIn: fc.nat({ max: 2 }) }), {
    minLength: 1,
    maxLength: 6,
  }),
  { maxLength: 60, size: 'max' },
);

it('the first of each set is the least of those in it, whatever comes, leaves and moves at once', () => {
  fc.assert(
    fc.property(changes, (steps) => {
      const keys = new Map<number, number>();
      const left = new Set<number>();
      const rank = (thing: number) => (keys.get(thing) ?? 0) * 1000 + thing;
      const firsts = new Firsts((a, b) => rank(a) < rank(b));
      for (const step of steps) {
        for (const { thing, key, isIn } of step) {
          keys.set(thing, key);
          if (isIn > 0) {
            left.add(thing);
          } else {
            left.delete(thing);
          }
        }
        for (const thing of new Set(step.map((change) => change.thing))) {
          firsts.change(thing, thing % sets, left.has(thing));
        }
        const expected = [0, 1, 2].map((set) => {
          const things = [...left].filter((thing) => thing % sets === set);
          return things.sort((a, b) => rank(a) - rank(b))[0] ?? -1;
        });
        expect([0, 1, 2].map((set) => firsts.of(set))).toEqual(expected);
        expect([...firsts.all]).toEqual(expected.filter((thing) => thing >= 0));
      }
    }),
    { numRuns: 300 },
  );
});
