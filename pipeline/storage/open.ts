/** Opens a folder or `s3://bucket/prefix`. */
import { StorageError } from './error.ts';
import type { ObjectStore, S3Location } from './object_store.ts';

const s3Url = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/+([^?#]*[^?#/]))?\/*$/;

/** Tells an S3 URL, also a wrong one, from a folder's path. */
export function isS3Url(location: string): boolean {
  return location.startsWith('s3:');
}

/** @throws StorageError when it is not an S3 URL */
export function parseS3Url(url: string): S3Location {
  const [, bucket, prefix = ''] = s3Url.exec(url) ?? [];
  if (bucket === undefined) {
    throw new StorageError(`Not an S3 URL: "${url}". Expected s3://bucket/prefix.`);
  }
  return { bucket, prefix };
}

/** The storage of a folder, which need not exist yet, or of an S3 URL. @throws StorageError when the URL is wrong */
export async function openObjectStore(location: string): Promise<ObjectStore> {
  // The AWS client takes half a second to load, so it is loaded only where it is used.
  return isS3Url(location)
    ? (await import('./s3.ts')).s3Store(parseS3Url(location))
    : (await import('./local.ts')).localStore(location);
}

/** A path below a folder or an S3 URL. */
export function tablePath(location: string, ...names: readonly string[]): string {
  return [location.replace(/\/+$/, ''), ...names].join('/');
}
