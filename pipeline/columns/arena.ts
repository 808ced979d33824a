import type { Allocator } from './allocator.ts';

/** Enough for several columns of a delta. */
const blockBytes = 1 << 20;

/**
 * Memory for arrays that live as long as one delta, reused for the next: new arrays would have to be cleared, collected and
 * brought into the processor's cache each time. Code that keeps a value for longer copies it.
 */
export class Arena implements Allocator {
  private readonly blocks: ArrayBuffer[] = [];
  private block = 0;
  /** Bytes of the block that are in use. */
  private used = 0;

  /** @param leastLength shorter arrays are allocated on the heap, which is cheaper: single events come in deltas of one row */
  constructor(private readonly leastLength = 32) {}

  ints(length: number): Int32Array {
    if (length < this.leastLength) {
      return new Int32Array(length);
    }
    const block = this.blockFor(length * 4);
    return new Int32Array(block, this.used - aligned(length * 4), length);
  }

  floats(length: number): Float64Array {
    if (length < this.leastLength) {
      return new Float64Array(length);
    }
    const block = this.blockFor(length * 8);
    return new Float64Array(block, this.used - aligned(length * 8), length);
  }

  /** Ends the lifetime of all arrays so far: their memory is given out again. */
  reset(): void {
    this.block = 0;
    this.used = 0;
  }

  /** Takes bytes into use. @returns the block, whose last bytes in use they are */
  private blockFor(bytes: number): ArrayBuffer {
    const wanted = aligned(bytes);
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

/** Rounds up to a multiple of 8, at which a float must begin. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
