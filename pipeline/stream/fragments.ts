/** What was read of a stream's shards, put together for one micro-batch. */
import type { LogRecord } from '../log/log.ts';
import { type BatchRange, landmarkOf, type ShardStand } from './batch_record.ts';
import type { Fragment } from './stream_reader.ts';

/** All that a micro-batch holds of one shard. */
type Part = Omit<Fragment, 'bytes'>;

/** One part for each shard; a shard's fragments lie one behind the other. */
export function joinFragments(fragments: readonly Fragment[]): readonly Part[] {
  const joined = new Map<string, { first: Fragment; last: Fragment; records: LogRecord[] }>();
  for (const fragment of fragments) {
    const part = joined.get(fragment.shard) ?? { first: fragment, last: fragment, records: [] };
    joined.set(fragment.shard, part);
    part.last = fragment;
    for (const record of fragment.records) {
      part.records.push(record);
    }
  }
  return [...joined].map(([shard, { first, last, records }]) => ({
    shard,
    from: first.from,
    next: last.next,
    records,
    closed: last.closed,
  }));
}

/** The range of a part, none where it has no records. */
export function rangeOf({ shard, from, next, records }: Part): readonly BatchRange[] {
  const [first, last] = [records[0], records.at(-1)];
  return first && last
    ? [{ shard, from, first: first.position, to: next, records: records.length, last: landmarkOf(last) }]
    : [];
}

/** Where the shards of the parts stand behind them. */
export function standsAfter(
  before: Readonly<Record<string, ShardStand>>,
  parts: readonly Part[],
): Readonly<Record<string, ShardStand>> {
  const stands = parts.map(({ shard, next, records, closed }) => {
    const [first, last] = [records[0], records.at(-1)];
    const known = before[shard];
    const stand = {
      next,
      first: known?.first ?? first?.position ?? null,
      last: last ? landmarkOf(last) : (known?.last ?? null),
      closed,
    };
    return [shard, stand] as const;
  });
  return Object.fromEntries(stands);
}

/** When the newest record was taken by the log, milliseconds since 1970. */
export function newestOf(parts: readonly { readonly records: readonly LogRecord[] }[]): number {
  let newest = 0;
  for (const { records } of parts) {
    for (const { timestamp } of records) {
      newest = Math.max(newest, timestamp);
    }
  }
  return newest;
}
