/** Source of arrays of numbers, for code that makes a column and does not know how long it will live. */
export interface Allocator {
  /** Returns an array with arbitrary content: the caller writes every element. */
  ints(length: number): Int32Array;
  /** The same, of 64-bit floats. */
  floats(length: number): Float64Array;
}

/** Arrays that live as long as they are referenced. */
export const heapAllocator: Allocator = {
  ints: (length) => new Int32Array(length),
  floats: (length) => new Float64Array(length),
};
