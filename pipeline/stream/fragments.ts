/** What was read of a stream's shards, put together for one micro-batch. */
import type { BatchRange, ShardPosition } from './batch_record.ts';
import type { ShardRecords } from './decode_batch.ts';
import type { RecordBlock } from './record_block.ts';
import type { Fragment } from './shard_reader.ts';

/** All that a micro-batch holds of one shard. */
export interface Part extends ShardRecords, Pick<Fragment, 'from' | 'next' | 'closed'> {}

/** One part for each shard; a shard's fragments lie one behind the other. */
export function joinFragments(fragments: readonly Fragment[]): readonly Part[] {
  const joined = new Map<string, Fragment[]>();
  for (const fragment of fragments) {
    joined.set(fragment.shard, [...(joined.get(fragment.shard) ?? []), fragment]);
  }
  return [...joined].flatMap(([shard, all]) => {
    const [first, last] = [all[0], all.at(-1)];
    const blocks = all.map(({ block }) => block).filter(({ length }) => length > 0);
    return first && last ? [{ shard, blocks, from: first.from, next: last.next, closed: last.closed }] : [];
  });
}

/** The number of records. */
export function countOf(blocks: readonly RecordBlock[]): number {
  return blocks.reduce((sum, { length }) => sum + length, 0);
}

/** The range of a part, none where it has no records. */
export function rangeOf({ shard, from, next, blocks }: Part): readonly BatchRange[] {
  const [first, last] = [blocks[0]?.positionAt(0), blocks.at(-1)?.last];
  return first !== undefined && last
    ? [{ shard, from, first, to: next, records: countOf(blocks), last }]
    : [];
}

/** Where the shards of the parts stand behind them. */
export function positionsAfter(
  before: Readonly<Record<string, ShardPosition>>,
  parts: readonly Part[],
): Readonly<Record<string, ShardPosition>> {
  const stands = parts.map(({ shard, next, blocks, closed }) => {
    const known = before[shard];
    const stand = {
      next,
      first: known?.first ?? blocks[0]?.positionAt(0) ?? null,
      last: blocks.at(-1)?.last ?? known?.last ?? null,
      closed,
    };
    return [shard, stand] as const;
  });
  return Object.fromEntries(stands);
}

/** When the newest record was taken by the log, milliseconds since 1970. */
export function newestOf(parts: readonly ShardRecords[]): number {
  return Math.max(0, ...parts.flatMap(({ blocks }) => blocks.map(({ newest }) => newest)));
}
