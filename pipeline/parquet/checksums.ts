/**
 * Checksums of what the format has none for. Pages carry the format's own CRC, which covers neither their headers nor the
 * footer: one flipped bit there would lose a column or its nulls. So each column chunk has the CRC of the headers of its pages
 * in its metadata, and the footer its own, both as `key_value_metadata`, which other readers pass over.
 */

import { crc32 } from 'node:zlib';
import { type FileMetaData, type KeyValue, parquetMetadata } from 'hyparquet';
import type { ByteWriter } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';

const key = 'pinterest-pipeline.crc32';
const sumCharacters = 8;

/** A checksum as metadata. */
export function checksumEntry(sum: number): KeyValue {
  return { key, value: sum.toString(16).padStart(sumCharacters, '0') };
}

/** The checksum in metadata; undefined for a file of another writer, or of an earlier release. */
export function checksumIn(entries: readonly KeyValue[] | undefined): number | undefined {
  const value = entries?.find((entry) => entry.key === key)?.value;
  return value === undefined ? undefined : Number.parseInt(value, 16);
}

/** Writes a footer, without the mark at its end, that holds its own checksum. */
export function writeFooter(out: ByteWriter, metadata: FileMetaData): void {
  const start = out.index;
  writeMetadata(out, { ...metadata, key_value_metadata: [checksumEntry(0)] });
  const footer = Buffer.from(out.buffer, start, out.index - start - lengthBytes);
  footer.write(checksumEntry(crc32(footer)).value ?? '', sumIn(footer));
}

/** Parses the end of a file. @throws Error when it is not a Parquet file, or its footer is not as it was written */
export function readFooter(end: ArrayBuffer): FileMetaData {
  const to = end.byteLength - lengthBytes - markBytes;
  const length = new DataView(end).getUint32(to, true);
  if (length <= to) {
    checkFooter(Buffer.from(end.slice(to - length, to)));
  }
  return parquetMetadata(end, { geoparquet: false });
}

/** Checks the bytes before they are parsed: a damaged footer may parse without its checksum. */
function checkFooter(footer: Buffer): void {
  const at = sumIn(footer);
  if (at >= 0) {
    const sum = footer.toString('latin1', at, at + sumCharacters);
    footer.write(checksumEntry(0).value ?? '', at);
    if (checksumEntry(crc32(footer)).value !== sum) {
      throw new Error('its footer does not have the checksum that it was written with');
    }
  }
}

const lengthBytes = 4;
const markBytes = 4;

/** The position of a footer's own checksum, after those of the chunks: key, two bytes of Thrift, value. −1 for none. */
function sumIn(footer: Buffer): number {
  const at = footer.lastIndexOf(key);
  return at < 0 ? at : at + key.length + 2;
}
