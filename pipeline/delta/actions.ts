/** The actions of a Delta log (Delta protocol, "Actions"), as far as reader version 1 and writer version 2 go. */

import * as z from 'zod';

/** A number as JSON gives it or a checkpoint does. */
const count = z.union([z.number(), z.bigint()]).transform(Number);
/** Optional things are left out of JSON and are null in a checkpoint. */
const texts = z.record(z.string(), z.string().nullable());

export const addSchema = z.object({
  /** Relative to the table, percent-encoded. */
  path: z.string(),
  partitionValues: texts.nullish(),
  size: count,
  modificationTime: count,
  dataChange: z.boolean(),
  stats: z.string().nullish(),
  deletionVector: z.unknown().optional(),
});

export const removeSchema = z.object({
  path: z.string(),
  deletionTimestamp: count.nullish(),
  dataChange: z.boolean(),
  extendedFileMetadata: z.boolean().nullish(),
  partitionValues: texts.nullish(),
  size: count.nullish(),
});

export const metadataSchema = z.object({
  id: z.string(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  format: z.object({ provider: z.string(), options: texts.nullish() }),
  schemaString: z.string(),
  partitionColumns: z.array(z.string()),
  configuration: texts.nullish(),
  createdTime: count.nullish(),
});

export const protocolSchema = z.object({
  minReaderVersion: count,
  minWriterVersion: count,
  readerFeatures: z.array(z.string()).nullish(),
  writerFeatures: z.array(z.string()).nullish(),
});

export const transactionSchema = z.object({
  appId: z.string(),
  version: count,
  lastUpdated: count.nullish(),
});

/** One line of a log entry, or one row of a checkpoint: one of these is there. Others are passed over. */
export const actionSchema = z.object({
  add: addSchema.nullish(),
  remove: removeSchema.nullish(),
  metaData: metadataSchema.nullish(),
  protocol: protocolSchema.nullish(),
  txn: transactionSchema.nullish(),
  commitInfo: z.record(z.string(), z.unknown()).nullish(),
});

export type Add = z.infer<typeof addSchema>;
export type Remove = z.infer<typeof removeSchema>;
export type Metadata = z.infer<typeof metadataSchema>;
export type Protocol = z.infer<typeof protocolSchema>;
export type CommitInfo = Readonly<Record<string, unknown>>;
export type Action = z.infer<typeof actionSchema>;
