/** The actions of a Delta log (Delta protocol, "Actions"), as far as this reader and writer go. */

import * as z from 'zod';

/** A number: JSON parses to `number`, and INT64 of a checkpoint to `bigint`. */
const long = z.union([z.number(), z.bigint()]).transform(Number);
/** Optional fields are absent in JSON and null in a checkpoint. */
const stringMap = z.record(z.string(), z.string().nullable());

/** The location of the positions of a file's deleted rows. */
export const deletionVectorSchema = z.object({
  storageType: z.enum(['u', 'p', 'i']),
  pathOrInlineDv: z.string(),
  offset: long.nullish(),
  sizeInBytes: long,
  cardinality: long,
});

export const addSchema = z.object({
  /** Relative to the table, percent-encoded. */
  path: z.string(),
  partitionValues: stringMap.nullish(),
  size: long,
  modificationTime: long,
  dataChange: z.boolean(),
  stats: z.string().nullish(),
  deletionVector: deletionVectorSchema.nullish(),
});

export const removeSchema = z.object({
  path: z.string(),
  deletionTimestamp: long.nullish(),
  dataChange: z.boolean(),
  extendedFileMetadata: z.boolean().nullish(),
  partitionValues: stringMap.nullish(),
  size: long.nullish(),
  deletionVector: deletionVectorSchema.nullish(),
});

export const metadataSchema = z.object({
  id: z.string(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  format: z.object({ provider: z.string(), options: stringMap.nullish() }),
  schemaString: z.string(),
  partitionColumns: z.array(z.string()),
  configuration: stringMap.nullish(),
  createdTime: long.nullish(),
});

export const protocolSchema = z.object({
  minReaderVersion: long,
  minWriterVersion: long,
  readerFeatures: z.array(z.string()).nullish(),
  writerFeatures: z.array(z.string()).nullish(),
});

const transactionSchema = z.object({
  appId: z.string(),
  version: long,
  lastUpdated: long.nullish(),
});

/** One line of a log entry or one row of a checkpoint, which has one of these fields. Other actions are ignored. */
export const actionSchema = z.object({
  add: addSchema.nullish(),
  remove: removeSchema.nullish(),
  metaData: metadataSchema.nullish(),
  protocol: protocolSchema.nullish(),
  txn: transactionSchema.nullish(),
  commitInfo: z.record(z.string(), z.unknown()).nullish(),
});

export type Add = z.infer<typeof addSchema>;
export type DeletionVector = z.infer<typeof deletionVectorSchema>;
export type Remove = z.infer<typeof removeSchema>;
export type Metadata = z.infer<typeof metadataSchema>;
export type Protocol = z.infer<typeof protocolSchema>;
export type CommitInfo = Readonly<Record<string, unknown>>;
export type Action = z.infer<typeof actionSchema>;

/** A commit's own description; empty where it has none. */
export function commitInfoOf(actions: readonly Action[]): CommitInfo {
  return actions.find(({ commitInfo }) => commitInfo)?.commitInfo ?? {};
}
