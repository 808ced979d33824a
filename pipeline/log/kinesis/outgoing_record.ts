/** Records in the form of PutRecords, in requests of the size that Kinesis takes. */

import { randomUUID } from 'node:crypto';
import type { PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';
import { LogError, type NewRecord } from '../log.ts';

const requestRecords = 500;
const requestBytes = 5 * 1024 * 1024;
/** The limit of a record's data and partition key together. */
const maximumRecordBytes = 1024 * 1024;

/** A record that is small enough, and the index of its result. */
export interface OutgoingRecord {
  readonly index: number;
  readonly entry: PutRecordsRequestEntry;
  readonly bytes: number;
}

/** @param hashKeys a key that leads to each shard, by the shard's id */
export function outgoingRecord(
  stream: string,
  { value, key, shard }: NewRecord,
  index: number,
  hashKeys: ReadonlyMap<string, string>,
): OutgoingRecord | LogError {
  const partitionKey = key ?? randomUUID();
  const keyLength = [...partitionKey].length;
  if (keyLength < 1 || keyLength > 256) {
    return new LogError(
      'refused',
      `A key of ${keyLength} characters is not a partition key of Kinesis: use 1 to 256.`,
    );
  }
  const bytes = value.length + Buffer.byteLength(partitionKey);
  if (bytes > maximumRecordBytes) {
    return new LogError(
      'too_large',
      `A record of ${bytes} bytes, key included, is more than the stream ${stream} takes: ${maximumRecordBytes}.`,
    );
  }
  const entry = { Data: value, PartitionKey: partitionKey };
  if (shard === undefined) {
    return { index, entry, bytes };
  }
  const hashKey = hashKeys.get(shard);
  if (hashKey === undefined) {
    return unknownShard(stream, shard, [...hashKeys.keys()]);
  }
  return { index, entry: { ...entry, ExplicitHashKey: hashKey }, bytes };
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

/** The error for a shard that a stream does not have, or not open for records. */
export function unknownShard(stream: string, shard: string, shards: readonly string[]): LogError {
  return new LogError(
    'unknown_shard',
    `The stream ${stream} has no shard ${shard} to be used so: it has ${shards.join(', ')}.`,
  );
}
