/** What every work on a Delta table needs. */

import type { ObjectStore } from '../storage/object_store.ts';
import { openObjectStore } from '../storage/open.ts';

/** What a table is opened with. */
export interface DeltaOptions {
  /** Milliseconds since 1970; default: the machine's clock. */
  readonly clock?: () => number;
  /** Told what went wrong with what is only there to make reading faster; default: a warning of the process. */
  readonly warn?: (message: string) => void;
  /** Where the table lies; default: the folder, or the place on S3, that its path names. */
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
