/** Where arrays of numbers come from, for those who make a column of another and do not know how long it will live. */
export interface Allocator {
  /** Numbers that may be anything: whoever asks for them writes all of them. */
  ints(length: number): Int32Array;
  floats(length: number): Float64Array;
}

/** Arrays that live as long as somebody has them. */
export const heapAllocator: Allocator = {
  ints: (length) => new Int32Array(length),
  floats: (length) => new Float64Array(length),
};
