/** Where landing files are written: a folder, or a bucket at `s3://bucket/prefix`. */

/** Landing files of one place. A file is there whole or not at all. */
export interface LandingStore {
  /** The paths of a partition's files, from the landing folder, in any order. */
  list(topic: string, partition: number): Promise<readonly string[]>;
  /** How many lines a file has. */
  countLines(path: string): Promise<number>;
  /** Writes a file that is not there yet. When it resolves, the file survives a power cut. */
  write(path: string, parts: readonly Uint8Array[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens the landing files at a folder's path or an S3 URL. @throws LandingError when it cannot be written to */
export async function openLandingStore(landing: string): Promise<LandingStore> {
  // The AWS client takes half a second to load: only who uses it waits for it.
  if (landing.startsWith('s3:')) return (await import('./s3.ts')).openS3Landing(landing);
  return (await import('./folder.ts')).openFolderLanding(landing);
}

/** Line ends in some bytes. */
export function lineEndsIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}
