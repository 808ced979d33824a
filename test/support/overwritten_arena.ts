import { Arena } from '../../pipeline/columns/arena.ts';

/** Memory that is overwritten when it is given out and when the delta ends: an operator that keeps it is found out. */
export class OverwrittenArena extends Arena {
  private readonly arrays: (Int32Array | Float64Array)[] = [];

  constructor() {
    super(0);
  }

  override ints(length: number): Int32Array {
    const ints = super.ints(length).fill(0x5eed);
    this.arrays.push(ints);
    return ints;
  }

  override floats(length: number): Float64Array {
    const floats = super.floats(length).fill(0.5);
    this.arrays.push(floats);
    return floats;
  }

  override reset(): void {
    for (const array of this.arrays.splice(0)) {
      array.fill(0x5eed);
    }
    super.reset();
  }
}
