/**
 * The record of a micro-batch: the ranges of its records, and the position of each shard after it. Written
 * to the checkpoint before it is committed, and with the totals into the commit itself (`userMetadata`).
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { plusNulled } from '../json/nulled.ts';
import type { LogRecord } from '../log/log.ts';

const countSchema = z.number().int().nonnegative();

/** Identifies a record: a shard that was created again holds another one at the same position. */
const recordFingerprintSchema = z.object({ position: z.string(), digest: z.string() });
export type RecordFingerprint = z.infer<typeof recordFingerprintSchema>;

/** Successive records of one shard. */
const rangeSchema = z.object({
  shard: z.string(),
  /** The position that is handed to the log to read them. */
  from: z.string(),
  /** The position of its first record. */
  first: z.string(),
  /** The position at which reading continues after them. */
  to: z.string(),
  records: countSchema,
  last: recordFingerprintSchema,
});
export type BatchRange = z.infer<typeof rangeSchema>;

/** The position up to which a shard has been read. */
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
  /** The numbers of one checkpoint only grow, and none is used for another range. */
  batch: countSchema,
  /** The micro-batch of this checkpoint that silver held when it was begun, −1 for none. */
  after: z.number().int(),
  ranges: z.array(rangeSchema),
  /** Position of every shard that was ever read, after the batch. */
  shards: z.record(z.string(), shardPositionSchema),
});
export type MicroBatch = z.infer<typeof batchSchema>;

const totalsSchema = z.object({
  read: countSchema,
  kept: countSchema,
  repeated: countSchema,
  quarantined: z.object({ malformed_json: countSchema, missing_key: countSchema }),
  // These are missing in commits of earlier releases.
  nulled: z.record(z.string(), countSchema).default({}),
  erased: countSchema.default(0),
});
/** Events of a stream up to a micro-batch: read = kept + repeated + those quarantined + those of erased posts. */
export type Totals = z.infer<typeof totalsSchema>;

const committedSchema = batchSchema.extend({ totals: totalsSchema });
/** A micro-batch as a commit of silver records it, with the stream's totals. */
export type CommittedBatch = z.infer<typeof committedSchema>;

export const noTotals: Totals = {
  read: 0,
  kept: 0,
  repeated: 0,
  quarantined: { malformed_json: 0, missing_key: 0 },
  nulled: {},
  erased: 0,
};

export const checkpointSchema = z.object({ appId: z.string(), ahead: batchSchema.nullable() });

/** Parses the `userMetadata` of a commit; undefined when it does not tell of a micro-batch of the stream. */
export function committedBatchOf(userMetadata: unknown, stream: string): CommittedBatch | undefined {
  if (typeof userMetadata !== 'string') {
    return undefined;
  }
  let value: unknown;
  try {
    value = JSON.parse(userMetadata);
  } catch {
    // Other writers put there what they like.
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
    nulled: plusNulled(a.nulled, b.nulled),
    erased: a.erased + b.erased,
  };
}
