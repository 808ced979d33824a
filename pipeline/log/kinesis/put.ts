/**
 * PutRecords: records in requests that Kinesis takes, and those that it did not take sent again, later and later.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
 */

import { type KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';
import { type AppendResult, LogError } from '../log.ts';
import { kinesisError, nameOf } from './errors.ts';

const requestRecords = 500;
const requestBytes = 5 * 1024 * 1024;
/** A record's data and partition key together. */
export const maximumRecordBytes = 1024 * 1024;

/** How repeats are spaced; tests hand in a clock that does not wait. */
export interface RetrySettings {
  readonly attempts: number;
  readonly firstPauseMilliseconds: number;
  readonly longestPauseMilliseconds: number;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** From 0 up to before 1. */
  readonly random: () => number;
}

/** A record that is small enough, and where its result belongs. */
export interface OutgoingRecord {
  readonly index: number;
  readonly entry: PutRecordsRequestEntry;
  readonly bytes: number;
}

/** Cuts records into requests of at most 500 records and 5 MiB. */
export function requestsOf(records: readonly OutgoingRecord[]): OutgoingRecord[][] {
  const requests: OutgoingRecord[][] = [];
  let current: OutgoingRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    if (current.length === requestRecords || (current.length > 0 && bytes + record.bytes > requestBytes)) {
      requests.push(current);
      current = [];
      bytes = 0;
    }
    current.push(record);
    bytes += record.bytes;
  }
  return current.length > 0 ? [...requests, current] : requests;
}

/**
 * Sends one request's records to a stream, and again those that were not taken, and says how each ended. A record that
 * was taken is never sent again, unless the answer to its request was lost.
 */
export async function putRecords(
  client: KinesisClient,
  stream: string,
  records: readonly OutgoingRecord[],
  settings: RetrySettings,
): Promise<ReadonlyMap<number, AppendResult>> {
  const results = new Map<number, AppendResult>();
  let left = records;
  for (let attempt = 0; left.length > 0; attempt++) {
    if (attempt > 0) await settings.pause(pauseBefore(attempt, settings));
    const ended = await putOnce(client, stream, left);
    for (const [index, result] of ended) results.set(index, result);
    left = left.filter(({ index }) => isWorthRepeating(results.get(index)));
    if (attempt + 1 >= settings.attempts) break;
  }
  return results;
}

/** Exponential back-off with full jitter: anything up to a limit that doubles. */
export function pauseBefore(attempt: number, settings: RetrySettings): number {
  const limit = settings.firstPauseMilliseconds * 2 ** (attempt - 1);
  return settings.random() * Math.min(limit, settings.longestPauseMilliseconds);
}

async function putOnce(
  client: KinesisClient,
  stream: string,
  records: readonly OutgoingRecord[],
): Promise<[number, AppendResult][]> {
  const doing = `Putting records into the stream ${stream}`;
  try {
    const command = new PutRecordsCommand({ StreamName: stream, Records: records.map(({ entry }) => entry) });
    const { Records: answers = [] } = await client.send(command);
    return records.map(({ index }, place) => {
      const { ShardId, SequenceNumber, ErrorCode, ErrorMessage } = answers[place] ?? {};
      if (ShardId !== undefined && SequenceNumber !== undefined) {
        return [index, { shard: ShardId, position: SequenceNumber }];
      }
      const refused = Object.assign(new Error(ErrorMessage ?? 'Kinesis gave no reason'), {
        name: ErrorCode ?? 'InternalFailure',
      });
      return [index, { error: kinesisError(refused, doing) }];
    });
  } catch (error) {
    const failure = kinesisError(error, doing);
    // A request that Kinesis says is wrong will be wrong again; all else may pass.
    if (nameOf(error) === 'ResourceNotFoundException' || failure.code === 'refused') throw failure;
    return records.map(({ index }) => [index, { error: failure }]);
  }
}

function isWorthRepeating(result: AppendResult | undefined): boolean {
  if (result === undefined) return true;
  return 'error' in result && (result.error.code === 'throttled' || result.error.code === 'unavailable');
}

/** The error for a record that Kinesis does not take. */
export function tooLarge(stream: string, bytes: number): LogError {
  return new LogError(
    'too_large',
    `A record of ${bytes} bytes, key included, is more than the stream ${stream} takes: ${maximumRecordBytes}.`,
  );
}
