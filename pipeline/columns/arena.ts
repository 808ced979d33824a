import type { Allocator } from './memory.ts';

/** Enough for several columns of a delta. */
const blockBytes = 1 << 20;

/**
 * Memory for what is made of one delta and forgotten with it, used again for the next: new arrays would have to be cleared,
 * collected and brought into the processor's cache each time. Whoever keeps a value for longer copies it.
 */
export class Arena implements Allocator {
  private readonly blocks: ArrayBuffer[] = [];
  private block = 0;
  /** Bytes of the block that are in use. */
  private used = 0;

  /** @param leastLength shorter arrays are made anew, which is cheaper: single events come in deltas of one row */
  constructor(private readonly leastLength = 32) {}

  ints(length: number): Int32Array {
    if (length < this.leastLength) {
      return new Int32Array(length);
    }
    const block = this.room(length * 4);
    return new Int32Array(block, this.used - bytesFor(length * 4), length);
  }

  floats(length: number): Float64Array {
    if (length < this.leastLength) {
      return new Float64Array(length);
    }
    const block = this.room(length * 8);
    return new Float64Array(block, this.used - bytesFor(length * 8), length);
  }

  /** The delta is forgotten: what was given is given again. */
  reset(): void {
    this.block = 0;
    this.used = 0;
  }

  /** Takes bytes into use: the last ones in use of the block given. */
  private room(bytes: number): ArrayBuffer {
    const wanted = bytesFor(bytes);
    let block = this.blocks[this.block];
    while (block !== undefined && this.used + wanted > block.byteLength) {
      this.block += 1;
      this.used = 0;
      block = this.blocks[this.block];
    }
    if (block === undefined) {
      block = new ArrayBuffer(Math.max(blockBytes, wanted));
      this.blocks.push(block);
    }
    this.used += wanted;
    return block;
  }
}

/** So that floats begin where they must. */
function bytesFor(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
