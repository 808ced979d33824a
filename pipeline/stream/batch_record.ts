/**
 * What is known of a micro-batch: which records of which shards it holds, and where the stream stands after it. Written
 * to the checkpoint before it is committed, and with the totals into the commit itself (`userMetadata`).
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { LogRecord } from '../log/log.ts';

const countSchema = z.number().int().nonnegative();

/** A record as it is known again: a shard that was made anew holds another one at that position. */
const recordFingerprintSchema = z.object({ position: z.string(), digest: z.string() });
export type RecordFingerprint = z.infer<typeof recordFingerprintSchema>;

/** Records of one shard that lie one behind the other. */
const rangeSchema = z.object({
  shard: z.string(),
  /** The position that is handed to the log to read them. */
  from: z.string(),
  /** Of its first record. */
  first: z.string(),
  /** Where reading goes on behind them. */
  to: z.string(),
  records: countSchema,
  last: recordFingerprintSchema,
});
export type BatchRange = z.infer<typeof rangeSchema>;

/** How far a shard has been read. */
const shardPositionSchema = z.object({
  next: z.string(),
  /** Position of the first record that was ever read of it, and the last record; null where it had none yet. */
  first: z.string().nullable(),
  last: recordFingerprintSchema.nullable(),
  /** It was split or merged, and read to its end. */
  closed: z.boolean(),
});
export type ShardPosition = z.infer<typeof shardPositionSchema>;

const batchSchema = z.object({
  stream: z.string(),
  /** Of one checkpoint, numbers only grow, and none is used for another range. */
  batch: countSchema,
  /** The micro-batch of this checkpoint that silver held when it was begun, −1 for none. */
  after: z.number().int(),
  ranges: z.array(rangeSchema),
  /** Every shard that was met, as it stands after the batch. */
  shards: z.record(z.string(), shardPositionSchema),
});
export type MicroBatch = z.infer<typeof batchSchema>;

const totalsSchema = z.object({
  read: countSchema,
  kept: countSchema,
  repeated: countSchema,
  quarantined: z.object({ malformed_json: countSchema, missing_key: countSchema }),
});
/** Events of a stream up to a micro-batch: read = kept + repeated + those quarantined. */
export type Totals = z.infer<typeof totalsSchema>;

const committedSchema = batchSchema.extend({ totals: totalsSchema });
/** Where a stream stands, as a commit of silver says. */
export type CommittedBatch = z.infer<typeof committedSchema>;

export const noTotals: Totals = {
  read: 0,
  kept: 0,
  repeated: 0,
  quarantined: { malformed_json: 0, missing_key: 0 },
};

export const checkpointSchema = z.object({ appId: z.string(), ahead: batchSchema.nullable() });

/** The micro-batch of a stream that a commit's text tells of; undefined when it tells of something else. */
export function committedBatchOf(text: unknown, stream: string): CommittedBatch | undefined {
  if (typeof text !== 'string') {
    return undefined;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Other writers say what they like there.
    return undefined;
  }
  const { data } = committedSchema.safeParse(value);
  return data?.stream === stream ? data : undefined;
}

export function recordFingerprint({ position, value }: LogRecord): RecordFingerprint {
  return { position, digest: createHash('sha256').update(value).digest('hex').slice(0, 16) };
}

export function plus(a: Totals, b: Totals): Totals {
  return {
    read: a.read + b.read,
    kept: a.kept + b.kept,
    repeated: a.repeated + b.repeated,
    quarantined: {
      malformed_json: a.quarantined.malformed_json + b.quarantined.malformed_json,
      missing_key: a.quarantined.missing_key + b.quarantined.missing_key,
    },
  };
}
