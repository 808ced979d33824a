/** Hashes of bytes and numbers, and the comparison that makes a match exact. */

// Indexes are within bounds: `??` only satisfies the type, and a check would slow the loops.

/**
 * A hash of bytes, eight at a time: in two lanes, on which a processor works in parallel. The last words may overlap those
 * before them, which spares the branches that an odd end would need.
 */
export function hashBytes(view: DataView, start: number, end: number): number {
  const length = end - start;
  if (length < 4) {
    let short = length;
    for (let at = start; at < end; at += 1) {
      short = (short << 8) | view.getUint8(at);
    }
    return mix32(short);
  }
  let even = length;
  let odd = 0;
  for (let at = start; at + 8 < end; at += 8) {
    even = Math.imul(even ^ view.getInt32(at, true), 0x85ebca6b);
    odd = Math.imul(odd ^ view.getInt32(at + 4, true), 0xc2b2ae35);
    even ^= even >>> 15;
    odd ^= odd >>> 13;
  }
  even = Math.imul(even ^ view.getInt32(length < 8 ? start : end - 8, true), 0x85ebca6b);
  odd ^= view.getInt32(end - 4, true);
  return mix32(even ^ Math.imul(odd, 0x9e3779b1));
}

/** Compares `length` bytes of two views. */
export function areEqual(
  a: DataView,
  startOfA: number,
  b: DataView,
  startOfB: number,
  length: number,
): boolean {
  if (length < 4) {
    for (let i = 0; i < length; i += 1) {
      if (a.getUint8(startOfA + i) !== b.getUint8(startOfB + i)) {
        return false;
      }
    }
    return true;
  }
  let i = 0;
  for (; i + 8 < length; i += 8) {
    if (
      a.getInt32(startOfA + i, true) !== b.getInt32(startOfB + i, true) ||
      a.getInt32(startOfA + i + 4, true) !== b.getInt32(startOfB + i + 4, true)
    ) {
      return false;
    }
  }
  // The last four to eight bytes, as two words that may overlap.
  const last = length - 4;
  const before = length < 8 ? 0 : length - 8;
  return (
    a.getInt32(startOfA + last, true) === b.getInt32(startOfB + last, true) &&
    a.getInt32(startOfA + before, true) === b.getInt32(startOfB + before, true)
  );
}

/** Spreads a 32-bit number over all its bits (the finaliser of MurmurHash3). */
export function mix32(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

/** The 64 bits of a number folded into 32. Fractions differ in few of them: mix the result before its low bits are used. */
export function foldBits(value: number): number {
  float[0] = value;
  return (words[0] ?? 0) ^ Math.imul(words[1] ?? 0, 0x9e3779b1);
}
