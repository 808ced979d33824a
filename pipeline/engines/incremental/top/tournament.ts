import { ensureCapacity } from '../../../columns/ensure_capacity.ts';

// Indexes are within bounds: `??` only satisfies the type, and a check would slow the loops.

/** Tells if one thing comes before another in an order that leaves no ties. */
export type ComesBefore = (a: number, b: number) => boolean;

/**
 * The first of a set of things whose order can change: each node of a binary tree is the first of the two below it, so a change
 * costs a comparison a level, and mostly one or two: it ends where neither node's first is affected.
 */
export class Tournament {
  /** The two below node i are 2i and 2i + 1; the second half are the places. −1 is none. */
  private nodes: Int32Array = new Int32Array(2).fill(-1);
  private placesTaken = 0;

  constructor(private readonly comesBefore: ComesBefore) {}

  /** The first of all, −1 when there is none. */
  get first(): number {
    return this.nodes[1] ?? -1;
  }

  /** A place for one more thing. */
  newPlace(): number {
    this.placesTaken += 1;
    if (this.placesTaken * 2 > this.nodes.length) {
      this.nodes = oneLevelMore(this.nodes);
    }
    return this.placesTaken - 1;
  }

  /**
   * Puts a thing in its place, takes it out, or moves it to where it is in the order by now. Several things may have moved before
   * the first of them is put in place.
   */
  change(place: number, thing: number, isIn: boolean): void {
    const { nodes } = this;
    let node = nodes.length / 2 + place;
    nodes[node] = isIn ? thing : -1;
    for (let before = thing, first = -1; node > 1 && !(first === before && first !== thing); node >>= 1) {
      before = nodes[node >> 1] ?? -1;
      first = this.firstOf(nodes[node & ~1] ?? -1, nodes[node | 1] ?? -1);
      nodes[node >> 1] = first;
    }
  }

  private firstOf(a: number, b: number): number {
    return a < 0 || (b >= 0 && this.comesBefore(b, a)) ? b : a;
  }
}

/** The tree as the left half of one with twice as many places. */
function oneLevelMore(nodes: Int32Array): Int32Array {
  const larger = new Int32Array(nodes.length * 2).fill(-1);
  larger[1] = nodes[1] ?? -1;
  for (let level = 1; level < nodes.length; level *= 2) {
    larger.set(nodes.subarray(level, level * 2), level * 2);
  }
  return larger;
}

/** The first of each of several sets of numbered things, in one order. */
export class Firsts {
  private readonly sets: Tournament[] = [];
  /** By thing: its place in its set + 1, 0 before it has one. */
  private places: Int32Array = new Int32Array(16);

  constructor(private readonly comesBefore: ComesBefore) {}

  /** Takes a thing into its set or out of it, or moves it within the order. */
  change(thing: number, set: number, isIn: boolean): void {
    while (this.sets.length <= set) {
      this.sets.push(new Tournament(this.comesBefore));
    }
    const tournament = this.sets[set];
    this.places = ensureCapacity(this.places, thing + 1);
    let place = this.places[thing] ?? 0;
    if (tournament !== undefined && place === 0) {
      place = tournament.newPlace() + 1;
      this.places[thing] = place;
    }
    tournament?.change(place - 1, thing, isIn);
  }

  /** The first thing of a set, −1 when it has none. */
  of(set: number): number {
    return this.sets[set]?.first ?? -1;
  }

  /** The first things of all sets that have one. */
  get all(): Int32Array {
    return Int32Array.from(this.sets, ({ first }) => first).filter((thing) => thing >= 0);
  }
}
