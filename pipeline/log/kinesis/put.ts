/**
 * PutRecords: sends records, and those again that Kinesis did not take, later and later.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
 */

import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { Backoff, type RetryPolicy } from '../../retry.ts';
import type { AppendResult } from '../log.ts';
import { kinesisError, nameOf } from './errors.ts';
import type { OutgoingRecord } from './outgoing_record.ts';

export const putPolicy: RetryPolicy = {
  attempts: 10,
  firstPauseMilliseconds: 100,
  longestPauseMilliseconds: 5000,
  random: Math.random,
};

/**
 * Sends one request's records to a stream until each was taken or cannot be, and gives a result for each. A record that
 * was taken is never sent again, unless the answer to its request was lost.
 * @param closing aborted when the log is closed: no request is sent after that
 */
export async function putRecords(
  client: KinesisClient,
  stream: string,
  records: readonly OutgoingRecord[],
  policy: RetryPolicy,
  closing: AbortSignal,
): Promise<ReadonlyMap<number, AppendResult>> {
  const results = new Map<number, AppendResult>();
  let remaining = records;
  for (const backoff = new Backoff(policy, closing); ; await backoff.pause()) {
    for (const [index, result] of await putOnce(client, stream, remaining)) {
      results.set(index, result);
    }
    remaining = remaining.filter(({ index }) => isWorthRetrying(results.get(index)));
    if (remaining.length === 0 || backoff.isLast) {
      return results;
    }
  }
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
    return records.map(({ index }, order) => {
      const { ShardId, SequenceNumber, ErrorCode, ErrorMessage } = answers[order] ?? {};
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
    // A request that Kinesis calls wrong will be wrong again; everything else may pass.
    if (nameOf(error) === 'ResourceNotFoundException' || failure.code === 'refused') {
      throw failure;
    }
    return records.map(({ index }) => [index, { error: failure }]);
  }
}

function isWorthRetrying(result: AppendResult | undefined): boolean {
  if (result === undefined) {
    return true;
  }
  return 'error' in result && (result.error.code === 'throttled' || result.error.code === 'unavailable');
}
