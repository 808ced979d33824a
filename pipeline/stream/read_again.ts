/** Reads the records of a micro-batch that was begun and not committed. */
import { LogError, type LogRecord } from '../log/log.ts';
import type { RetryingLog } from '../log/retrying.ts';
import { type BatchRange, recordFingerprint } from './batch_record.ts';

const limits = { maximumBytes: 1024 * 1024, waitMilliseconds: 250 };
/** Kinesis may answer a number of reads with nothing though there are records. */
const maximumEmptyReads = 20;

/** Reads exactly the records of a range. @throws LogError `expired` when the log no longer holds them */
export async function readAgain(
  log: RetryingLog,
  stream: string,
  range: BatchRange,
): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = [];
  let from = range.from;
  for (let empty = 0; records.length < range.records && empty < maximumEmptyReads; ) {
    const read = await log.readOn(stream, range.shard, from, limits);
    records.push(...read.records);
    from = read.next;
    empty = read.records.length === 0 ? empty + 1 : 0;
    if (read.closed) {
      break;
    }
  }
  const exact = records.slice(0, range.records);
  const last = exact.at(-1);
  const found = last && recordFingerprint(last);
  if (
    exact.length < range.records ||
    found?.position !== range.last.position ||
    found.digest !== range.last.digest
  ) {
    throw new LogError(
      'expired',
      `The records of ${stream}/${range.shard} from ${range.from} up to ${range.last.position}, which were read before and not ` +
        'committed, are no longer in the log as they were. Begin with another lake and other checkpoints, or name the log that held them.',
    );
  }
  return exact;
}
