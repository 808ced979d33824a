interface Growable<A> {
  readonly length: number;
  set(other: A): void;
}

/** The same array where `length` values fit into it, else one at least twice as long that begins with the same values. */
export function ensureCapacity<A extends Growable<A>>(array: A, length: number): A {
  if (length <= array.length) {
    return array;
  }
  const Constructor = array.constructor as new (length: number) => A;
  const larger = new Constructor(Math.max(length, array.length * 2));
  larger.set(array);
  return larger;
}
