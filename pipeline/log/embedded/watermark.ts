/**
 * The high watermark of a partition: the offset after the last record that is safe on disk. It is kept in a small file
 * so that other processes read no further, and so that a damaged segment is not mistaken for one that a kill cut off.
 * It is written after the segment was synced and before anyone is answered, and need not be synced itself: a power
 * cut can only leave an older one.
 */

import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { isInPlace } from './segment_file.ts';

const fileName = 'high_watermark';
const bytes = 12;

/** Writes the watermark of a partition's folder. Synchronous: two microseconds in the page cache. */
export class WatermarkWriter {
  private readonly path: string;
  private readonly file: number;
  private readonly buffer = Buffer.alloc(bytes);

  constructor(folder: string) {
    this.path = join(folder, fileName);
    this.file = openSync(this.path, constants.O_RDWR | constants.O_CREAT);
  }

  write(offset: number): void {
    this.buffer.writeBigUInt64LE(BigInt(offset), 0);
    this.buffer.writeUInt32LE(crc32(this.buffer.subarray(0, 8)), 8);
    writeSync(this.file, this.buffer, 0, bytes, 0);
  }

  /** Tells whether readers find what is written. */
  isInPlace(): boolean {
    return isInPlace(this.file, this.path);
  }

  close(): void {
    closeSync(this.file);
  }
}

/** Reads the watermark of a partition's folder, which another process may be writing. */
export class WatermarkReader {
  private readonly path: string;
  /** Kept open, because a folder that was deleted and created again has another file. Null until there is one. */
  private file: number | null = null;

  constructor(folder: string) {
    this.path = join(folder, fileName);
  }

  /** 0 when none was written, or a power cut left half of one. */
  read(): number {
    const file = this.open();
    const buffer = Buffer.alloc(bytes);
    if (file === null || readSync(file, buffer, 0, bytes, 0) < bytes) {
      return 0;
    }
    const whole = buffer.readUInt32LE(8) === crc32(buffer.subarray(0, 8));
    return whole ? Number(buffer.readBigUInt64LE(0)) : 0;
  }

  /** Tells whether the file that was read is no longer in its folder, or the folder no longer in its place. */
  wasDeleted(): boolean {
    return this.file !== null && !isInPlace(this.file, this.path);
  }

  close(): void {
    if (this.file !== null) {
      closeSync(this.file);
    }
    this.file = null;
  }

  private open(): number | null {
    try {
      this.file ??= openSync(this.path, 'r');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
        throw error;
      }
    }
    return this.file;
  }
}
