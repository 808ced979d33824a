/** Puts together what was read of a stream's shards for one micro-batch. */
import { mostTraceparents } from '../log/log.ts';
import type { BatchRange, ShardPosition } from './batch_record.ts';
import type { ShardRecords } from './decode_batch.ts';
import type { Fragment } from './read_ahead.ts';
import type { RecordBlock } from './record_block.ts';

/** The records of one shard in a micro-batch. */
export interface Part extends ShardRecords, Pick<Fragment, 'from' | 'next' | 'closed'> {}

/** Joins the fragments of each shard, which follow one after the other. */
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

/** Counts the records of all parts. */
export function countIn(parts: readonly ShardRecords[]): number {
  return parts.reduce((sum, { blocks }) => sum + countOf(blocks), 0);
}

function countOf(blocks: readonly RecordBlock[]): number {
  return blocks.reduce((sum, { length }) => sum + length, 0);
}

/** Gives the range of a part; none when it has no records. */
export function rangeOf({ shard, from, next, blocks }: Part): readonly BatchRange[] {
  const [first, last] = [blocks[0]?.positionAt(0), blocks.at(-1)?.last];
  return first !== undefined && last
    ? [{ shard, from, first, to: next, records: countOf(blocks), last }]
    : [];
}

/** Gives the positions of the parts' shards after these records. */
export function positionsAfter(
  before: Readonly<Record<string, ShardPosition>>,
  parts: readonly Part[],
): Readonly<Record<string, ShardPosition>> {
  const positions = parts.map(({ shard, next, blocks, closed }) => {
    const previous = before[shard];
    const position = {
      next,
      first: previous?.first ?? blocks[0]?.positionAt(0) ?? null,
      last: blocks.at(-1)?.last ?? previous?.last ?? null,
      closed,
    };
    return [shard, position] as const;
  });
  return Object.fromEntries(positions);
}

/** Gives the spans that sent the records, `mostTraceparents` of them at most. */
export function traceparentsOf(parts: readonly ShardRecords[]): readonly string[] {
  const all = parts.flatMap(({ blocks }) => blocks.flatMap(({ traceparents }) => [...traceparents]));
  return [...new Set(all)].slice(0, mostTraceparents);
}

/** Gives the time when the log took the newest record, milliseconds since 1970. */
export function newestOf(parts: readonly ShardRecords[]): number {
  return Math.max(0, ...parts.flatMap(({ blocks }) => blocks.map(({ newest }) => newest)));
}
