/** Decides where a stream continues after a restart. */
import type { CommittedBatch, MicroBatch } from './batch_record.ts';

/** The plan by which a stream continues. */
export interface Resumption {
  /** The micro-batch that was begun and not committed, and is done again first. */
  readonly interrupted: MicroBatch | null;
  readonly nextBatch: number;
  /** The last micro-batch of this checkpoint in silver, −1 for none. */
  readonly silverBatch: number;
  /** Shards that must be read again from these records on. */
  readonly firsts: ReadonlyMap<string, string>;
  readonly notice?: string;
}

/**
 * Compares the checkpoint with the lake, which is the truth: a micro-batch that was written ahead is done again where it
 * continues what the lake holds; where the lake holds less, the stream is read again from there. No batch number is used
 * for other records.
 * @param silverBatch the last micro-batch of this checkpoint in silver, −1 for none
 * @param lastBatch the last one in any of the tables
 */
export function resume(
  ahead: MicroBatch | null,
  committed: CommittedBatch | null,
  silverBatch: number,
  lastBatch: number,
): Resumption {
  const nextBatch = Math.max(ahead?.batch ?? -1, lastBatch) + 1;
  const plain = { interrupted: null, nextBatch, silverBatch, firsts: new Map<string, string>() };
  if (ahead === null && committed !== null) {
    const notice = `The checkpoint of the stream ${committed.stream} is new: it goes on where the lake's commits say.`;
    return { ...plain, notice };
  }
  if (ahead === null || ahead.batch <= silverBatch) {
    return plain;
  }
  const continues = ahead.ranges.every(({ shard, from, first }) => {
    const position = committed?.shards[shard];
    return position === undefined ? ahead.shards[shard]?.first === first : position.next === from;
  });
  if (ahead.after === silverBatch && continues) {
    return { ...plain, interrupted: ahead };
  }
  const firsts = Object.entries(ahead.shards).flatMap(([shard, { first }]) =>
    first === null || committed?.shards[shard] !== undefined ? [] : [[shard, first] as const],
  );
  return {
    ...plain,
    firsts: new Map(firsts),
    notice:
      `The lake holds less of the stream ${ahead.stream} than its checkpoint says: it was deleted or restored to an earlier ` +
      'version. The missing part is read again.',
  };
}
