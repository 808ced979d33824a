/** The dependencies of all work on a Delta table. */

import type { ObjectStore } from '../storage/object_store.ts';
import { openObjectStore } from '../storage/open.ts';

/** Options for opening a table. */
export interface DeltaOptions {
  /** Milliseconds since 1970; default: the machine's clock. */
  readonly clock?: () => number;
  /** Receives failures of what only makes reading faster; default: a warning of the process. */
  readonly warn?: (message: string) => void;
  /** The store of the table; default: the folder or S3 prefix that its path names. */
  readonly storage?: ObjectStore;
}

export interface DeltaEnvironment {
  readonly storage: ObjectStore;
  readonly clock: () => number;
  readonly warn: (message: string) => void;
}

/** @param table a folder or `s3://bucket/prefix` */
export async function environmentOf(table: string, options: DeltaOptions): Promise<DeltaEnvironment> {
  return {
    storage: options.storage ?? (await openObjectStore(table)),
    clock: options.clock ?? Date.now,
    warn: options.warn ?? ((message) => process.emitWarning(message, 'DeltaWarning')),
  };
}
