/**
 * A random source that is cheap to start anywhere: xoroshiro64** (Blackman and Vigna, "Scrambled Linear Pseudorandom
 * Number Generators"), its state mixed from a seed, a purpose and an index. So a post can be made from its index
 * alone, in any order and by any number of workers.
 */
export class Random {
  private low = 1;
  private high = 1;

  /** Starts the sequence of this seed, purpose and index; the same three, the same sequence. */
  start(seed: number, purpose: number, index: number): this {
    // Indices of posts may go beyond 32 bits.
    const upper = Math.floor(index / 4_294_967_296);
    this.low = mix(index ^ mix(mix(seed) + purpose));
    this.high = mix((upper + 0x9e3779b9) ^ mix(seed ^ this.low)) | 1;
    return this;
  }

  /** A whole number of 32 bits, 0 or more. */
  next(): number {
    const low = this.low;
    const result = Math.imul(rotate(Math.imul(low, 0x9e3779bb), 5), 5);
    const high = this.high ^ low;
    this.low = rotate(low, 26) ^ high ^ (high << 9);
    this.high = rotate(high, 13);
    return result >>> 0;
  }

  /** A whole number, 0 or more and less than `bound`, which is at most 2³². */
  below(bound: number): number {
    return Math.floor((this.next() / 4_294_967_296) * bound);
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.next() % times === 0;
  }

  /**
   * A whole number below `bound`, small ones far more often than large ones: a tenth of `bound` has as good a chance
   * as all of its next tenfold (Zipf's law).
   */
  skewedBelow(bound: number): number {
    return Math.min(bound - 1, Math.floor((bound + 1) ** (this.next() / 4_294_967_296)) - 1);
  }
}

/** A table to pick from by weight with one random number, exact to one in 4,096. */
export class WeightedChoice<T> {
  private readonly slots: readonly T[];

  /** @throws RangeError when there is nothing to choose from */
  constructor(choices: readonly (readonly [value: T, weight: number])[]) {
    const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
    let upTo = 0;
    this.slots = choices.flatMap(([value, weight]) => {
      const from = Math.round((upTo / total) * 4096);
      upTo += weight;
      return Array<T>(Math.round((upTo / total) * 4096) - from).fill(value);
    });
  }

  pick(random: Random): T {
    return pickFrom(this.slots, random.next() >>> 20);
  }
}

/**
 * The entry at a place of a list, counted round and round.
 * @throws RangeError when the list is empty
 */
export function pickFrom<T>(list: readonly T[], place: number): T {
  const entry = list[place % list.length];
  if (entry === undefined) {
    throw new RangeError('There is nothing to choose from: the list is empty.');
  }
  return entry;
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** The finalizer of MurmurHash3: every bit of the input changes half the bits of the output. */
function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
