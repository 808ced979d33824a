/**
 * The layout of a record in a segment file, little endian:
 *
 *     length u32 | crc32 u32 | offset u48 | timestamp u48 | key length i32 (-1: none) | key | value
 *
 * The length counts what follows the CRC, and the CRC covers it, so a record that was cut off or damaged is never
 * taken for one that was written.
 *
 * A traced record has the highest bit of its offset set, and between key and value
 *
 *     length u8 | traceparent, ASCII
 *
 * A reader from before traces finds another offset there, and refuses the record.
 */

import { crc32 } from 'node:zlib';
import type { LogRecord } from '../log.ts';

const prefixBytes = 8;
const offsetAt = prefixBytes;
const timestampAt = offsetAt + 6;
const keyLengthAt = timestampAt + 6;

/** Added to the offset of a traced record. */
const traced = 2 ** 47;

/** Bytes of a record before its key and value. */
export const recordHeaderBytes = keyLengthAt + 4;

/** A record that waits to be written. */
export interface PendingRecord {
  readonly key: Buffer | null;
  readonly value: Uint8Array;
  readonly traceparent?: string | undefined;
}

/** A whole record of a file. */
export interface StoredRecord {
  readonly offset: number;
  /** Bytes that it takes in the file. */
  readonly bytes: number;
  readonly record: LogRecord;
}

/** Bytes that a record will take in the file. */
export function storedBytes({ key, value, traceparent }: PendingRecord): number {
  const traceBytes = traceparent === undefined ? 0 : 1 + traceparent.length;
  return recordHeaderBytes + (key?.length ?? 0) + traceBytes + value.length;
}

/** Encodes records one after the other, with the offsets from `firstOffset` on. */
export function encodeRecords(
  records: readonly PendingRecord[],
  firstOffset: number,
  timestamp: number,
): Buffer {
  const buffer = Buffer.allocUnsafe(records.reduce((sum, record) => sum + storedBytes(record), 0));
  let at = 0;
  let offset = firstOffset;
  for (const record of records) {
    const { key, value, traceparent } = record;
    const end = at + storedBytes(record);
    buffer.writeUInt32LE(end - at - prefixBytes, at);
    buffer.writeUIntLE(traceparent === undefined ? offset : offset + traced, at + offsetAt, 6);
    buffer.writeUIntLE(timestamp, at + timestampAt, 6);
    buffer.writeInt32LE(key?.length ?? -1, at + keyLengthAt);
    if (key) {
      buffer.set(key, at + recordHeaderBytes);
    }
    if (traceparent !== undefined) {
      const traceAt = buffer.writeUInt8(traceparent.length, at + recordHeaderBytes + (key?.length ?? 0));
      buffer.write(traceparent, traceAt, 'latin1');
    }
    buffer.set(value, end - value.length);
    buffer.writeUInt32LE(crc32(buffer.subarray(at + prefixBytes, end)), at + 4);
    at = end;
    offset += 1;
  }
  return buffer;
}

/** Bytes of the record that begins at a byte of a buffer; null when its length is not in the buffer. */
export function storedBytesAt(buffer: Buffer, at: number): number | null {
  return at + 4 > buffer.length ? null : buffer.readUInt32LE(at) + prefixBytes;
}

/**
 * Decodes the record that begins at a byte of a buffer, its value a view of the buffer; null when it is not whole, is
 * damaged, or has another offset.
 */
export function decodeRecord(buffer: Buffer, at: number, offset: number): StoredRecord | null {
  const bytes = storedBytesAt(buffer, at);
  if (bytes === null || bytes < recordHeaderBytes || at + bytes > buffer.length) {
    return null;
  }
  const end = at + bytes;
  if (buffer.readUInt32LE(at + 4) !== crc32(buffer.subarray(at + prefixBytes, end))) {
    return null;
  }
  const storedOffset = readUInt48(buffer, at + offsetAt);
  if (storedOffset !== offset && storedOffset !== offset + traced) {
    return null;
  }
  const keyLength = buffer.readInt32LE(at + keyLengthAt);
  const keyEnd = at + recordHeaderBytes + Math.max(keyLength, 0);
  const traceEnd = storedOffset === offset ? keyEnd : keyEnd + 1 + buffer.readUInt8(keyEnd);
  const record = {
    position: String(offset),
    value: buffer.subarray(traceEnd, end),
    key: keyLength < 0 ? null : buffer.toString('utf8', at + recordHeaderBytes, keyEnd),
    timestamp: readUInt48(buffer, at + timestampAt),
  };
  if (traceEnd === keyEnd) {
    return { offset, bytes, record };
  }
  return {
    offset,
    bytes,
    record: { ...record, traceparent: buffer.toString('latin1', keyEnd + 1, traceEnd) },
  };
}

function readUInt48(buffer: Buffer, at: number): number {
  return buffer.readUInt16LE(at + 4) * 2 ** 32 + buffer.readUInt32LE(at);
}
