/** All that a log holds. */
import type { EventLog, LogRecord } from '../../pipeline/log/log.ts';

/** The records of a shard that is written no more, from the first on. */
export async function recordsIn(log: EventLog, topic: string, shard: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  let position = await log.earliest(topic, shard);
  for (let isMore = true; isMore; ) {
    const read = await log.read(topic, shard, position, { maximumBytes: 1_000_000, waitMilliseconds: 0 });
    records.push(...read.records);
    position = read.next;
    isMore = read.recordsBehind !== 0;
  }
  return records;
}

/** The values of such a shard, as strings. */
export async function valuesIn(log: EventLog, topic: string, shard: string): Promise<string[]> {
  return (await recordsIn(log, topic, shard)).map(({ value }) => Buffer.from(value).toString());
}
