import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HashIndex } from '../../pipeline/columns/hash_index.ts';

it('every key has one id, whether hashes collide or not', () => {
  // Keys with the same remainder have the same hash; neighbouring hashes probe each other's slots.
  const keys = fc.array(fc.nat(3000), { maxLength: 2000, size: 'max' });
  fc.assert(
    fc.property(keys, fc.constantFrom(1, 7, 600, 3001), (wanted, hashes) => {
      const index = new HashIndex();
      const keyOf: number[] = [];
      const idOf = new Map<number, number>();
      for (const key of wanted) {
        const hash = (key % hashes) - 3;
        let id = index.first(hash);
        while (id >= 0 && keyOf[id] !== key) {
          id = index.next(hash);
        }
        expect(id).toBe(idOf.get(key) ?? -1);
        if (id < 0) {
          idOf.set(key, keyOf.length);
          index.insert(keyOf.length, hash);
          keyOf.push(key);
        }
      }
      expect(index.size).toBe(idOf.size);
    }),
    { numRuns: 30 },
  );
});

it('ids that are added without a search are found like the others', () => {
  const index = new HashIndex();
  index.reserve(1000);
  for (let id = 0; id < 1000; id += 1) {
    index.add(id, id % 10);
  }
  const found: number[] = [];
  for (let id = index.first(3); id >= 0; id = index.next(3)) {
    found.push(id);
  }
  expect(found).toEqual(Array.from({ length: 100 }, (_, i) => i * 10 + 3));
});
