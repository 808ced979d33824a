/**
 * The hash table of strings, tuples, numbers and rows: finds ids by a 32-bit hash. It keeps no keys; the caller compares each
 * candidate in full:
 *
 *     let id = index.first(hash);
 *     while (id >= 0 && !isEqual(id)) id = index.next(hash);
 *     if (id < 0) index.insert(newId, hash);
 *
 * Open addressing with linear probing. A slot is two numbers side by side, so that one access to memory brings both: id + 1,
 * or 0 where the slot is free, and the hash. Half of the slots stay free, so that searches are short.
 */

// Indexes are within bounds: `??` only satisfies the type, and a check would slow the loops.
export class HashIndex {
  /** The number of ids. */
  size = 0;
  private slots = new Int32Array(1 << 9);
  /** The slot at which the last search ended. */
  private slot = 0;

  /** The first id with a hash, −1 where there is none. */
  first(hash: number): number {
    return this.search(hash, (hash << 1) & (this.slots.length - 2));
  }

  /** The next id with the hash of the search under way, −1 where there is none. */
  next(hash: number): number {
    return this.search(hash, (this.slot + 2) & (this.slots.length - 2));
  }

  /** Adds an id with the hash of the search that has just ended with −1. */
  insert(id: number, hash: number): void {
    this.slots[this.slot] = id + 1;
    this.slots[this.slot + 1] = hash;
    this.size += 1;
    this.reserve(this.size);
  }

  /** Adds an id without a search before: of a key that differs from all others. */
  add(id: number, hash: number): void {
    this.slot = freeSlot(this.slots, hash);
    this.insert(id, hash);
  }

  /** Makes room for ids. @param size their number in all */
  reserve(size: number): void {
    if (size * 4 > this.slots.length) {
      let { length } = this.slots;
      while (size * 4 > length) {
        length *= 2;
      }
      this.slots = rehashed(this.slots, length);
    }
  }

  private search(hash: number, from: number): number {
    const { slots } = this;
    const last = slots.length - 2;
    let slot = from;
    let taken = slots[slot] ?? 0;
    while (taken !== 0 && slots[slot + 1] !== hash) {
      slot = (slot + 2) & last;
      taken = slots[slot] ?? 0;
    }
    this.slot = slot;
    return taken - 1;
  }
}

function freeSlot(slots: Int32Array, hash: number): number {
  const last = slots.length - 2;
  let slot = (hash << 1) & last;
  while (slots[slot] !== 0) {
    slot = (slot + 2) & last;
  }
  return slot;
}

/** The same ids in more slots. @param length a power of two */
function rehashed(old: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const slots = new Int32Array(length);
  for (let from = 0; from < old.length; from += 2) {
    const taken = old[from] ?? 0;
    if (taken !== 0) {
      const hash = old[from + 1] ?? 0;
      const slot = freeSlot(slots, hash);
      slots[slot] = taken;
      slots[slot + 1] = hash;
    }
  }
  return slots;
}
