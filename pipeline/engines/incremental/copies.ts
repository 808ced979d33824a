import { ensureCapacity } from '../../columns/ensure_capacity.ts';
import type { Indexes } from '../../columns/ids.ts';
import type { Change } from './delta.ts';

// Indexes are within bounds: `??` only satisfies the type, and a check would slow the loops.

/** The number of copies of each of some things, which are numbered from 0. */
export class Copies {
  private counts: Int32Array = new Int32Array(16);

  of(thing: number): number {
    return this.counts[thing] ?? 0;
  }

  /**
   * Adds or takes away a copy of each thing, perhaps several of one; −1 is none.
   * @param size the number of things so far
   * @returns the positions at which a thing got its first copy, or lost its last
   * @throws RangeError when there is no copy to take away
   */
  change(things: Indexes<number>, size: number, by: Change): Int32Array {
    this.counts = ensureCapacity(this.counts, size);
    const { counts } = this;
    const turned = new Int32Array(things.length);
    let length = 0;
    for (let at = 0; at < things.length; at += 1) {
      const thing = things[at] ?? -1;
      if (thing >= 0) {
        const before = counts[thing] ?? 0;
        const after = before + by;
        if (after < 0) {
          throw new RangeError(
            'A row leaves that is not there: only rows that came, and have not left since, can be taken back.',
          );
        }
        counts[thing] = after;
        turned[length] = at;
        length += before === 0 || after === 0 ? 1 : 0;
      }
    }
    return turned.subarray(0, length);
  }
}
