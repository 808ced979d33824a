import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import { interpolated } from '../../../plan/aggregates.ts';

/** The largest number of different values in a chunk: moving them costs less than a microsecond. */
const chunkLength = 1024;

/** Some of the values, in order, each once, with its count. */
interface Chunk {
  values: Float64Array;
  counts: Float64Array;
  length: number;
  /** The sum of the counts. */
  total: number;
}

/**
 * Numbers whose exact percentiles can be asked for repeatedly while more are added.
 *
 * The first question (all of a batch) costs a selection, linear in the number of values. The second (a live answer) sorts the
 * values into chunks: from then on a value costs a search and a move within one chunk, however many there are.
 */
export class SortedBag {
  /** Values that are not in a chunk yet, unordered. */
  private waiting = new Float64Array(0);
  private waitingLength = 0;
  private chunks: Chunk[] = [];
  private inChunks = 0;
  private asked = false;

  add(value: number): void {
    this.waiting = ensureCapacity(this.waiting, this.waitingLength + 1);
    this.waiting[this.waitingLength] = value;
    this.waitingLength += 1;
  }

  /** The value that a fraction of the values lie below; null when there are none. */
  percentile(fraction: number): number | null {
    const total = this.waitingLength + this.inChunks;
    const position = (total - 1) * fraction;
    const [low, high] = [Math.floor(position), Math.ceil(position)];
    if (total === 0) {
      return null;
    }
    if (!this.asked) {
      this.asked = true;
      const { near, before } = around(this.waiting.subarray(0, total), low, high);
      const first = select(near, low - before);
      return interpolated(position, first, high === low ? first : smallest(near.subarray(high - before)));
    }
    this.sortWaiting();
    return interpolated(position, this.valueAt(low), this.valueAt(high));
  }

  /** The value at a rank. */
  private valueAt(rank: number): number {
    let before = 0;
    for (const chunk of this.chunks) {
      if (before + chunk.total > rank) {
        let i = 0;
        for (before += chunk.counts[0] ?? 0; before <= rank; before += chunk.counts[i] ?? 0) {
          i += 1;
        }
        return chunk.values[i] ?? Number.NaN;
      }
      before += chunk.total;
    }
    return Number.NaN;
  }

  private sortWaiting(): void {
    const waiting = this.waiting.subarray(0, this.waitingLength);
    if (waiting.length * 8 > this.inChunks) {
      this.rebuild(waiting.sort());
    } else {
      for (const value of waiting) {
        this.insert(value);
      }
    }
    this.inChunks += waiting.length;
    this.waitingLength = 0;
    if (waiting.length > chunkLength) {
      this.waiting = new Float64Array(0);
    }
  }

  /** Replaces the chunks by half-full ones of their values and of sorted new ones. */
  private rebuild(sorted: Float64Array): void {
    const old = this.chunks;
    this.chunks = [];
    let next = 0;
    const appendBelow = (limit: number) => {
      for (; next < sorted.length && (sorted[next] ?? 0) < limit; next += 1) {
        this.appendOrdered(sorted[next] ?? 0, 1);
      }
    };
    for (const { values, counts, length } of old) {
      for (let i = 0; i < length; i += 1) {
        appendBelow(values[i] ?? 0);
        this.appendOrdered(values[i] ?? 0, counts[i] ?? 0);
      }
    }
    appendBelow(Number.POSITIVE_INFINITY);
  }

  /** Adds a value that is at least as large as all others. */
  private appendOrdered(value: number, count: number): void {
    let last = this.chunks.at(-1);
    if (last !== undefined && last.values[last.length - 1] === value) {
      last.counts[last.length - 1] = (last.counts[last.length - 1] ?? 0) + count;
    } else {
      if (last === undefined || last.length >= chunkLength / 2) {
        last = emptyChunk();
        this.chunks.push(last);
      }
      insertAt(last, last.length, value, count);
    }
    last.total += count;
  }

  private insert(value: number): void {
    const index = this.chunkFor(value);
    const chunk = this.chunks[index] ?? emptyChunk();
    const at = firstNotBelow(chunk, value);
    chunk.total += 1;
    if (at < chunk.length && chunk.values[at] === value) {
      chunk.counts[at] = (chunk.counts[at] ?? 0) + 1;
      return;
    }
    insertAt(chunk, at, value, 1);
    if (chunk.length === chunkLength) {
      this.chunks.splice(index + 1, 0, secondHalf(chunk));
    }
  }

  /** The last chunk that begins at or before the value, else the first one. */
  private chunkFor(value: number): number {
    let low = 0;
    let high = this.chunks.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.chunks[middle]?.values[0] ?? 0) <= value) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

function emptyChunk(): Chunk {
  return { values: new Float64Array(4), counts: new Float64Array(4), length: 0, total: 0 };
}

/** Inserts a new value at an index and moves the following ones up. */
function insertAt(chunk: Chunk, at: number, value: number, count: number): void {
  chunk.values = ensureCapacity(chunk.values, chunk.length + 1);
  chunk.counts = ensureCapacity(chunk.counts, chunk.length + 1);
  chunk.values.copyWithin(at + 1, at, chunk.length);
  chunk.counts.copyWithin(at + 1, at, chunk.length);
  chunk.values[at] = value;
  chunk.counts[at] = count;
  chunk.length += 1;
}

function firstNotBelow({ values, length }: Chunk, value: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Splits a full chunk. @returns a chunk of the second half of its values */
function secondHalf(chunk: Chunk): Chunk {
  const half = chunkLength / 2;
  const counts = chunk.counts.slice(half, chunkLength);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const values = chunk.values.slice(half, chunkLength);
  chunk.length = half;
  chunk.total -= total;
  return { values, counts, length: values.length, total };
}

/** For fewer values, moving them is cheaper than counting. */
const leastCounted = 1 << 13;
/** The number of values by their first sixteen bits, in the order of values. */
const counts = new Int32Array(1 << 16);
/** Index of the word of a float that holds its sign and exponent. */
const highWord = new Int32Array(new Float64Array([1]).buffer)[1] === 0 ? 0 : 1;

/** The values whose first sixteen bits lie between those of two ranks, inclusive, and the number of smaller values. */
function around(values: Float64Array, low: number, high: number): { near: Float64Array; before: number } {
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
function select(values: Float64Array, rank: number): number {
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

function smallest(values: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (const value of values) {
    if (value < least) {
      least = value;
    }
  }
  return least;
}
