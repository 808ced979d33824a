/** Records that were read and wait for their micro-batch. */
import type { RecordBlock } from './record_block.ts';

/** Records of one shard that came with one read. */
export interface Fragment {
  readonly shard: string;
  /** Positions of the read and of the next one. */
  readonly from: string;
  readonly next: string;
  readonly block: RecordBlock;
  /** Time of the read, as `performance.now` counts. */
  readonly readAt: number;
  /** The shard has ended with these records. */
  readonly closed: boolean;
}

/** The fragments of all shards of a stream, the oldest first. */
export class ReadAhead {
  private fragments: Fragment[] = [];
  private size = 0;

  get bytes(): number {
    return this.size;
  }

  get isEmpty(): boolean {
    return this.fragments.length === 0;
  }

  /** The time at which the oldest of the records was read; undefined where there are none. */
  get oldestReadAt(): number | undefined {
    return this.fragments.find(({ block }) => block.length > 0)?.readAt;
  }

  /** Number of a shard's records. */
  recordsOf(shard: string): number {
    return this.fragments.reduce(
      (sum, fragment) => sum + (fragment.shard === shard ? fragment.block.length : 0),
      0,
    );
  }

  add(fragment: Fragment): void {
    this.fragments.push(fragment);
    this.size += fragment.block.bytes;
  }

  /** Takes the oldest fragments, as many as a size allows, and at least one. */
  take(maximumBytes: number): readonly Fragment[] {
    let bytes = 0;
    const firstLeft = this.fragments.findIndex((fragment, index) => {
      bytes += fragment.block.bytes;
      return index > 0 && bytes > maximumBytes;
    });
    const taken = this.fragments.splice(0, firstLeft < 0 ? this.fragments.length : firstLeft);
    this.size -= taken.reduce((sum, { block }) => sum + block.bytes, 0);
    return taken;
  }
}
