/** Adds the checksums of pages to a file of hyparquet-writer, which writes none. */

import { crc32 } from 'node:zlib';
import { parquetMetadata } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { checksumEntry, writeFooter } from '../checksums.ts';
import { pagesIn } from '../read/pages.ts';
import { checksumOf } from './column.ts';

const magic = new TextEncoder().encode('PAR1');

/** The same Parquet file with a checksum in the header of each page. */
export function withChecksums(file: ArrayBuffer): ByteWriter {
  const metadata = parquetMetadata(file);
  const out = new ByteWriter(file.byteLength + (file.byteLength >> 3));
  out.appendBytes(magic);
  for (const { columns } of metadata.row_groups) {
    for (const { meta_data: chunk } of columns) {
      if (chunk === undefined) {
        continue;
      }
      const before = Number(chunk.total_compressed_size);
      const from = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset);
      const start = out.offset;
      let hasData = false;
      let headers = 0;
      for (const { header, body } of pagesIn(new Uint8Array(file, from, before), chunk)) {
        if (header.type === 'DICTIONARY_PAGE') {
          chunk.dictionary_page_offset = BigInt(out.offset);
        } else if (!hasData) {
          chunk.data_page_offset = BigInt(out.offset);
          hasData = true;
        }
        const at = out.index;
        writePageHeader(out, { ...header, crc: checksumOf([body]) });
        headers = crc32(new Uint8Array(out.buffer, at, out.index - at), headers);
        out.appendBytes(body);
      }
      chunk.key_value_metadata = [checksumEntry(headers)];
      const size = out.offset - start;
      chunk.total_compressed_size = BigInt(size);
      chunk.total_uncompressed_size += BigInt(size - before);
    }
  }
  writeFooter(out, metadata);
  out.appendBytes(magic);
  return out;
}
