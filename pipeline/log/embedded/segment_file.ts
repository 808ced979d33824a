/** The file of a segment, as its writer uses it. */

import { constants, fstatSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** A segment's file; tests pass one that fails. */
export interface SegmentFile {
  write(buffer: Uint8Array, position: number): Promise<void>;
  datasync(): Promise<void>;
  truncate(size: number): Promise<void>;
  /** Tells whether its path still leads to it. */
  isInPlace(): boolean;
  close(): Promise<void>;
}

/** Opens the operating system's file of a segment; it is created if it does not exist. */
export async function openSegmentFile(path: string): Promise<SegmentFile> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT);
  return {
    write: (buffer, position) => writeWhole(file, buffer, position),
    datasync: () => file.datasync(),
    truncate: (size) => file.truncate(size),
    isInPlace: () => isInPlace(file.fd, path),
    close: () => file.close(),
  };
}

/** Tells whether a path still leads to the file that was opened at it. Synchronous: some microseconds. */
export function isInPlace(file: number, path: string): boolean {
  const [opened, found] = [
    fstatSync(file, { bigint: true }),
    statSync(path, { bigint: true, throwIfNoEntry: false }),
  ];
  return found !== undefined && found.ino === opened.ino && found.dev === opened.dev;
}

async function writeWhole(file: FileHandle, buffer: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < buffer.length) {
    const { bytesWritten } = await file.write(buffer, written, buffer.length - written, position + written);
    written += bytesWritten;
  }
}
