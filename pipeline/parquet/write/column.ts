/** Writes a column's rows as Parquet column chunks. */

import { crc32 } from 'node:zlib';
import type { ColumnMetaData, PageHeader } from 'hyparquet';
import type { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { ArrayColumn, StringColumn } from '../../columns/column.ts';
import { PlainByteArrays, type StoredColumn } from '../../columns/plain_byte_arrays.ts';
import { checksumEntry } from '../checksums.ts';
import { snappy } from '../snappy.ts';
import { listPages } from './list_pages.ts';
import { numberPages } from './number_pages.ts';
import type { EncodedPage, EncodedPages } from './pages.ts';
import { plainByteArrayPages, StringPages } from './string_pages.ts';

/** Writes one column, a row group at a time. */
export class ColumnWriter {
  private readonly pagesOf: (from: number, to: number) => EncodedPages;

  constructor(
    column: StoredColumn,
    private readonly path: string[],
  ) {
    this.pagesOf = encoderOf(column);
  }

  /**
   * Writes the rows from one up to another as a column chunk.
   * @param flush is called after each page, so that memory stays small
   */
  async write(out: ByteWriter, from: number, to: number, flush: () => Promise<void>) {
    const { type, encoding, statistics, dictionary, pages } = this.pagesOf(from, to);
    const chunk = new ChunkWriter(out);
    const start = out.offset;
    if (dictionary !== undefined) {
      chunk.writeDictionary(dictionary.values, dictionary.size);
      await flush();
    }
    const firstDataPage = out.offset;
    for (const page of pages) {
      chunk.writePage(page, encoding);
      await flush();
    }
    const hasDictionary = dictionary !== undefined;
    const metadata: ColumnMetaData = {
      type,
      encodings: hasDictionary ? ['PLAIN', encoding] : [encoding],
      path_in_schema: this.path,
      codec: chunk.isCompressed ? 'SNAPPY' : 'UNCOMPRESSED',
      num_values: BigInt(chunk.slots),
      total_uncompressed_size: BigInt(chunk.uncompressedBytes),
      total_compressed_size: BigInt(out.offset - start),
      data_page_offset: BigInt(firstDataPage),
      key_value_metadata: [checksumEntry(chunk.headers)],
      ...(hasDictionary ? { dictionary_page_offset: BigInt(start) } : {}),
      encoding_stats: [
        ...(hasDictionary ? [{ page_type: 'DICTIONARY_PAGE', encoding: 'PLAIN', count: 1 } as const] : []),
        { page_type: 'DATA_PAGE_V2', encoding, count: chunk.pages },
      ],
    };
    return { metadata, start, statistics };
  }
}

function encoderOf(column: StoredColumn): (from: number, to: number) => EncodedPages {
  if (column instanceof StringColumn) {
    const pages = new StringPages(column);
    return (from, to) => pages.of(from, to);
  }
  if (column instanceof PlainByteArrays) {
    return (from, to) => plainByteArrayPages(column, from, to);
  }
  if (column instanceof ArrayColumn) {
    return (from, to) => listPages(column, from, to);
  }
  return (from, to) => numberPages(column, from, to);
}

/** Writes the pages of one column chunk, all compressed or none, and counts them. */
class ChunkWriter {
  pages = 0;
  /** Values and nulls of the data pages. */
  slots = 0;
  uncompressedBytes = 0;
  /** The checksum of the headers of all pages. */
  headers = 0;
  private compresses: boolean | undefined;

  constructor(private readonly out: ByteWriter) {}

  get isCompressed(): boolean {
    return this.compresses === true;
  }

  writeDictionary(values: Uint8Array, size: number): void {
    const body = this.compressed(values);
    this.write(
      {
        type: 'DICTIONARY_PAGE',
        uncompressed_page_size: values.length,
        compressed_page_size: body.length,
        dictionary_page_header: { num_values: size, encoding: 'PLAIN' },
      },
      [body],
    );
  }

  writePage(
    { values, repetition, definition, ...page }: EncodedPage,
    encoding: EncodedPages['encoding'],
  ): void {
    const body = this.compressed(values);
    const levels = repetition.length + definition.length;
    this.write(
      {
        type: 'DATA_PAGE_V2',
        uncompressed_page_size: levels + values.length,
        compressed_page_size: levels + body.length,
        data_page_header_v2: {
          num_values: page.slots,
          num_nulls: page.nulls,
          num_rows: page.rows,
          encoding,
          definition_levels_byte_length: definition.length,
          repetition_levels_byte_length: repetition.length,
          is_compressed: this.isCompressed,
        },
      },
      [repetition, definition, body],
    );
    this.slots += page.slots;
    this.pages += 1;
  }

  private write(header: PageHeader, parts: readonly Uint8Array[]): void {
    const before = this.out.offset;
    const at = this.out.index;
    writePageHeader(this.out, { ...header, crc: checksumOf(parts) });
    this.headers = crc32(new Uint8Array(this.out.buffer, at, this.out.index - at), this.headers);
    this.uncompressedBytes += this.out.offset - before + header.uncompressed_page_size;
    for (const bytes of parts) {
      this.out.appendBytes(bytes);
    }
  }

  /** Compresses values when the first ones were worth it. */
  private compressed(values: Uint8Array): Uint8Array {
    this.compresses ??= isWorthCompressing(values);
    return this.compresses ? snappy(values) : values;
  }
}

/** The checksum of a page, a signed number as the format has it. */
export function checksumOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, bytes) => crc32(bytes, sum), 0) | 0;
}

/** Decides by the first bytes: compressing random letters would cost time here and in every reader, and save little. */
function isWorthCompressing(input: Uint8Array): boolean {
  const sample = input.subarray(0, 1 << 15);
  return snappy(sample).length < sample.length * 0.85;
}
