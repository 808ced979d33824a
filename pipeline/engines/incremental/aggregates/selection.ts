/** Selects values by their rank, without sorting them all. */

// Indexes are within bounds: `??` only satisfies the type, and a check would slow the loops.

/** For fewer values, moving them is cheaper than counting. */
const leastCounted = 1 << 13;
/** The number of values by their first sixteen bits, in the order of values. */
const counts = new Int32Array(1 << 16);
/** Index of the word of a float that holds its sign and exponent. */
const highWord = new Int32Array(new Float64Array([1]).buffer)[1] === 0 ? 0 : 1;

/** The values whose first sixteen bits lie between those of two ranks, inclusive, and the number of smaller values. */
export function around(
  values: Float64Array,
  low: number,
  high: number,
): { near: Float64Array; before: number } {
  if (values.length < leastCounted) {
    return { near: values, before: 0 };
  }
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  countFirstBits(words);
  let first = 0;
  let before = 0;
  for (; before + (counts[first] ?? 0) <= low; first += 1) {
    before += counts[first] ?? 0;
  }
  let last = first;
  let end = before + (counts[last] ?? 0);
  for (; end <= high; end += counts[last] ?? 0) {
    last += 1;
  }
  return { near: between(first, last, values, words, end - before), before };
}

function countFirstBits(words: Int32Array): void {
  counts.fill(0);
  for (let at = highWord; at < words.length; at += 2) {
    const bits = firstBits(words[at] ?? 0);
    counts[bits] = (counts[bits] ?? 0) + 1;
  }
}

/** The `length` values whose first sixteen bits lie between two numbers, inclusive. */
function between(
  first: number,
  last: number,
  values: Float64Array,
  words: Int32Array,
  length: number,
): Float64Array {
  const near = new Float64Array(length);
  for (let at = highWord, to = 0; to < length; at += 2) {
    const bits = firstBits(words[at] ?? 0);
    if (bits >= first && bits <= last) {
      near[to] = values[at >> 1] ?? 0;
      to += 1;
    }
  }
  return near;
}

/** The first sixteen bits of a float, changed so that they sort like the floats. */
function firstBits(word: number): number {
  return word < 0 ? ~word >>> 16 : (word >>> 16) | 0x8000;
}

/**
 * Moves values until the one of a rank is where sorting would put it, smaller ones before and larger ones after it
 * (C. A. R. Hoare, "Algorithm 65: Find", 1961), and returns it.
 */
export function select(values: Float64Array, rank: number): number {
  let from = 0;
  let to = values.length - 1;
  while (from < to) {
    const pivot = middleOfThree(values[from] ?? 0, values[(from + to) >> 1] ?? 0, values[to] ?? 0);
    let low = from;
    let high = to;
    while (low <= high) {
      while ((values[low] ?? 0) < pivot) {
        low += 1;
      }
      while ((values[high] ?? 0) > pivot) {
        high -= 1;
      }
      if (low <= high) {
        const value = values[low] ?? 0;
        values[low] = values[high] ?? 0;
        values[high] = value;
        low += 1;
        high -= 1;
      }
    }
    if (rank <= high) {
      to = high;
    } else if (rank >= low) {
      from = low;
    } else {
      break;
    }
  }
  return values[rank] ?? Number.NaN;
}

function middleOfThree(a: number, b: number, c: number): number {
  return a < b ? (b < c ? b : a < c ? c : a) : a < c ? a : b < c ? c : b;
}

export function smallest(values: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (const value of values) {
    if (value < least) {
      least = value;
    }
  }
  return least;
}
