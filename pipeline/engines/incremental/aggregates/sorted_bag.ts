import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import { interpolated } from '../../../plan/aggregates.ts';
import type { Change } from '../delta.ts';
import {
  type Chunk,
  chunkLength,
  emptyChunk,
  firstNotBelow,
  insertAt,
  removeAt,
  secondHalf,
} from './chunk.ts';
import { around, select, smallest } from './selection.ts';

// Indexes are within bounds: `??` only satisfies the type, and a check would slow the loops.

/**
 * Numbers whose exact percentiles can be asked for repeatedly while more come and some leave.
 *
 * The first question (all of a batch) costs a selection, linear in the number of values. The second (a live answer) sorts the
 * values into chunks: from then on a value costs a search and a move within one chunk, however many there are.
 */
export class SortedBag {
  /** Values that are not in a chunk yet, unordered. */
  private waiting = new Values();
  /** Values that are still in a chunk, or waiting, and have left. */
  private leaving = new Values();
  private chunks: Chunk[] = [];
  private inChunks = 0;
  /** The number of different values in chunks. */
  private different = 0;
  private asked = false;
  /** The chunk of the last question's value, and the number of values in those before it: the next answer is near. */
  private at = 0;
  private before = 0;

  change(value: number, by: Change): void {
    (by > 0 ? this.waiting : this.leaving).add(value);
  }

  /** The value that a fraction of the values lie below; null when there are none. */
  percentile(fraction: number): number | null {
    const total = this.waiting.length + this.inChunks - this.leaving.length;
    const position = (total - 1) * fraction;
    const [low, high] = [Math.floor(position), Math.ceil(position)];
    if (total === 0) {
      return null;
    }
    if (!this.asked && this.leaving.length === 0) {
      this.asked = true;
      const { near, before } = around(this.waiting.view, low, high);
      const first = select(near, low - before);
      return interpolated(position, first, high === low ? first : smallest(near.subarray(high - before)));
    }
    this.asked = true;
    this.sortWaiting();
    return interpolated(position, this.valueAt(low), this.valueAt(high));
  }

  /** The value at a rank. */
  private valueAt(rank: number): number {
    const totalOf = (at: number) => this.chunks[at]?.total ?? 0;
    while (rank < this.before) {
      this.at -= 1;
      this.before -= totalOf(this.at);
    }
    while (this.at < this.chunks.length && rank >= this.before + totalOf(this.at)) {
      this.before += totalOf(this.at);
      this.at += 1;
    }
    const { values = [], counts = [] } = this.chunks[this.at] ?? {};
    let i = 0;
    for (let end = this.before + (counts[0] ?? 0); end <= rank; end += counts[i] ?? 0) {
      i += 1;
    }
    return values[i] ?? Number.NaN;
  }

  private sortWaiting(): void {
    const waiting = this.waiting.view;
    if (waiting.length * 8 > this.inChunks) {
      this.rebuild(waiting.sort());
    } else {
      for (const value of waiting) {
        this.insert(value);
      }
    }
    this.inChunks += waiting.length - this.leaving.length;
    this.waiting.clear();
    for (const value of this.leaving.view) {
      this.remove(value);
    }
    this.leaving.clear();
    // Chunks are half full at first: by now, an eighth of them or less is in use.
    if (this.chunks.length > 1 && this.chunks.length * chunkLength > this.different * 16) {
      this.rebuild(new Float64Array(0));
    }
  }

  /** Replaces the chunks by half-full ones of their values and of sorted new ones. */
  private rebuild(sorted: Float64Array): void {
    const old = this.chunks;
    this.chunks = [];
    this.different = 0;
    this.at = 0;
    this.before = 0;
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
      this.different += 1;
    }
    last.total += count;
  }

  private insert(value: number): void {
    const { index, chunk, at, isThere } = this.find(value);
    this.before += index < this.at ? 1 : 0;
    chunk.total += 1;
    if (isThere) {
      chunk.counts[at] = (chunk.counts[at] ?? 0) + 1;
      return;
    }
    insertAt(chunk, at, value, 1);
    this.different += 1;
    if (chunk.length === chunkLength) {
      this.chunks.splice(index + 1, 0, secondHalf(chunk));
      this.at += index < this.at ? 1 : 0;
    }
  }

  /** Takes a value out. A chunk may become empty; it stays until there are many. @throws RangeError when it is not there */
  private remove(value: number): void {
    const { index, chunk, at, isThere } = this.find(value);
    if (!isThere) {
      throw new RangeError(`The number ${value} leaves and is not there: only what came can be taken back.`);
    }
    this.before -= index < this.at ? 1 : 0;
    chunk.total -= 1;
    chunk.counts[at] = (chunk.counts[at] ?? 0) - 1;
    if (chunk.counts[at] === 0) {
      removeAt(chunk, at);
      this.different -= 1;
    }
  }

  /** The last chunk that begins at or before a value, else the first one, and the value's place in it. */
  private find(value: number): { index: number; chunk: Chunk; at: number; isThere: boolean } {
    let index = 0;
    let high = this.chunks.length;
    while (high - index > 1) {
      const middle = (index + high) >> 1;
      if ((this.chunks[middle]?.values[0] ?? 0) <= value) {
        index = middle;
      } else {
        high = middle;
      }
    }
    const chunk = this.chunks[index] ?? emptyChunk();
    const at = firstNotBelow(chunk, value);
    return { index, chunk, at, isThere: at < chunk.length && chunk.values[at] === value };
  }
}

/** Numbers in the order in which they came. */
class Values {
  private numbers = new Float64Array(0);
  length = 0;

  add(value: number): void {
    this.numbers = ensureCapacity(this.numbers, this.length + 1);
    this.numbers[this.length] = value;
    this.length += 1;
  }

  /** A view that holds until the next one is added. */
  get view(): Float64Array {
    return this.numbers.subarray(0, this.length);
  }

  /** Also lets go of the memory, where it is more than that of a chunk. */
  clear(): void {
    this.numbers = this.length > chunkLength ? new Float64Array(0) : this.numbers;
    this.length = 0;
  }
}
