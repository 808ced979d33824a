/** The landing files of one sink: a folder that it locks, or an S3 prefix, where a conditional put detects a second sink. */
import { join } from 'node:path';
import { makeFolders } from '../storage/durable_files.ts';
import { lockForWriting } from '../storage/lock.ts';
import type { ObjectStore } from '../storage/object_store.ts';
import { isS3Url, openObjectStore } from '../storage/open.ts';
import { LandingError } from './reader.ts';

export interface LandingStore extends ObjectStore {
  /** Lets another sink write here. */
  close(): void;
}

/** Opens landing files for one sink: a folder, which is made, or `s3://bucket/prefix`. @throws LandingError */
export async function openLandingStore(landing: string): Promise<LandingStore> {
  try {
    const store = await openObjectStore(landing);
    const lock = isS3Url(landing) ? undefined : await lockFolder(landing);
    await store.list('topics');
    return { ...store, close: () => lock?.release() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LandingError(`Landing files cannot be written to ${landing}: ${reason}`, { cause: error });
  }
}

async function lockFolder(folder: string) {
  await makeFolders(join(folder, 'topics'));
  return lockForWriting({ folder, fileName: '.sink.lock', what: 'landing folder' });
}
