/** Open addressing, two numbers a slot: code + 1, or 0 where free, and the hash, beside it so that one look at memory gives both. */
export type HashSlots = Int32Array<ArrayBuffer>;

/** Puts a code that is not there yet into the first free slot for its hash. */
export function insertId(slots: HashSlots, code: number, hash: number): void {
  const last = slots.length - 2;
  let slot = (hash << 1) & last;
  while (slots[slot] !== 0) {
    slot = (slot + 2) & last;
  }
  slots[slot] = code + 1;
  slots[slot + 1] = hash;
}

/** The same codes in twice as many slots. */
export function rehashed(old: HashSlots): HashSlots {
  const slots = new Int32Array(old.length * 2);
  for (let from = 0; from < old.length; from += 2) {
    const taken = old[from] ?? 0;
    if (taken !== 0) insertId(slots, taken - 1, old[from + 1] ?? 0);
  }
  return slots;
}
