import { ensureCapacity } from '../../../columns/ensure_capacity.ts';

// Indexes are within bounds: `??` only satisfies the type, and a check would slow the loops.

/** The largest number of different values in a chunk: moving them costs less than a microsecond. */
export const chunkLength = 1024;

/** Some of the values, in order, each once, with its count. */
export interface Chunk {
  values: Float64Array;
  counts: Float64Array;
  length: number;
  /** The sum of the counts. */
  total: number;
}

export function emptyChunk(): Chunk {
  return { values: new Float64Array(4), counts: new Float64Array(4), length: 0, total: 0 };
}

/** Inserts a new value at an index and moves the following ones up. */
export function insertAt(chunk: Chunk, at: number, value: number, count: number): void {
  chunk.values = ensureCapacity(chunk.values, chunk.length + 1);
  chunk.counts = ensureCapacity(chunk.counts, chunk.length + 1);
  chunk.values.copyWithin(at + 1, at, chunk.length);
  chunk.counts.copyWithin(at + 1, at, chunk.length);
  chunk.values[at] = value;
  chunk.counts[at] = count;
  chunk.length += 1;
}

/** Removes the value at an index and moves the following ones down. */
export function removeAt(chunk: Chunk, at: number): void {
  chunk.values.copyWithin(at, at + 1, chunk.length);
  chunk.counts.copyWithin(at, at + 1, chunk.length);
  chunk.length -= 1;
}

/** The index of the first value that is not below another. */
export function firstNotBelow({ values, length }: Chunk, value: number): number {
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
export function secondHalf(chunk: Chunk): Chunk {
  const half = chunkLength / 2;
  const counts = chunk.counts.slice(half, chunkLength);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const values = chunk.values.slice(half, chunkLength);
  chunk.length = half;
  chunk.total -= total;
  return { values, counts, length: values.length, total };
}
