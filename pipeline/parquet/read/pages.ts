/**
 * Reads the pages that this project and most writers make straight into columns, without an object for each value. Pages of
 * other kinds are left to hyparquet.
 */

import { crc32 } from 'node:zlib';
import type { ColumnMetaData, PageHeader, SchemaTree } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { compressors } from 'hyparquet-compressors';
import type { Column } from '../../columns/column.ts';
import { checksumIn } from '../checksums.ts';
import { type ColumnBuilder, columnBuilder, type DecodedPage } from './column_builders.ts';
import { readHybrid, wordAt } from './values.ts';

/** Adds the rows of a column chunk to a column. */
export type ChunkReader = (chunk: Uint8Array<ArrayBuffer>) => void;

/** The reader of a column chunk into a column; undefined when hyparquet has to read it. */
export function chunkReader(meta: ColumnMetaData, tree: SchemaTree, column: Column): ChunkReader | undefined {
  const { codec, encodings } = meta;
  const builder = columnBuilder(tree, column);
  if (builder === undefined || !encodings.every((encoding) => readableEncodings.has(encoding))) {
    return undefined;
  }
  return (chunk) => {
    for (const { header, body } of pagesIn(chunk, meta)) {
      if (header.type === 'DICTIONARY_PAGE') {
        builder.dictionary(unpacked(body, header.uncompressed_page_size, codec), countOf(header));
      } else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
        builder.page(pageOf(header, body, codec, builder));
      }
    }
    builder.end?.();
  };
}

/** A page as it is in a file. */
export interface StoredPage {
  readonly header: PageHeader;
  /** Levels and values, compressed. */
  readonly body: Uint8Array;
}

/** The pages of a column chunk. @throws Error for one that is not as it was written, by its sizes or its checksum */
export function* pagesIn(
  chunk: Uint8Array<ArrayBuffer>,
  { codec, num_values, key_value_metadata }: ColumnMetaData,
): Generator<StoredPage> {
  const reader = { view: new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength), offset: 0 };
  let left = Number(num_values);
  let headers = 0;
  while (left > 0) {
    const at = reader.offset;
    const header = parquetHeader(reader);
    headers = crc32(chunk.subarray(at, reader.offset), headers);
    const body = bodyOf(header, chunk, reader.offset, codec);
    reader.offset += body.length;
    // Writers state it as a signed number.
    if (header.crc !== undefined && header.crc >>> 0 !== crc32(body)) {
      throw new Error(
        `the page at byte ${at} of its chunk does not have the checksum that it was written with`,
      );
    }
    if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
      const count = (header.data_page_header_v2 ?? header.data_page_header)?.num_values ?? 0;
      if (!(count >= 0 && count <= left)) {
        throw new Error(`a page has ${count} values where ${left} are left`);
      }
      left -= count;
    }
    yield { header, body };
  }
  if (headers !== (checksumIn(key_value_metadata) ?? headers)) {
    throw new Error('the headers of its pages do not have the checksum that they were written with');
  }
}

const readableEncodings: ReadonlySet<string> = new Set([
  'PLAIN',
  'RLE',
  'RLE_DICTIONARY',
  'PLAIN_DICTIONARY',
]);

/** The bytes that Snappy makes of one: at most 64 of three. A larger page is damaged. */
const largestExpansion = 32;

/** The bytes of a page. @throws Error when its header states impossible sizes */
function bodyOf(
  { compressed_page_size: packed, uncompressed_page_size: size }: PageHeader,
  chunk: Uint8Array<ArrayBuffer>,
  at: number,
  codec: ColumnMetaData['codec'],
): Uint8Array {
  const isPossible = packed >= 0 && size >= 0 && at + packed <= chunk.length;
  if (!isPossible || (codec === 'SNAPPY' && size > (packed + 1) * largestExpansion)) {
    throw new Error(`a page has the sizes ${packed} and ${size}, in ${chunk.length} bytes`);
  }
  return chunk.subarray(at, at + packed);
}

function countOf({ dictionary_page_header: header, uncompressed_page_size: size }: PageHeader): number {
  const count = header?.num_values ?? -1;
  // A string takes four bytes at least, and so does a number.
  if (!(count >= 0 && count * 4 <= size)) {
    throw new Error(`a dictionary of ${count} values has ${size} bytes`);
  }
  return count;
}

function unpacked(bytes: Uint8Array, size: number, codec: ColumnMetaData['codec']): Uint8Array {
  return decompressPage(bytes, size, codec, compressors);
}

function pageOf(
  header: PageHeader,
  body: Uint8Array,
  codec: ColumnMetaData['codec'],
  builder: ColumnBuilder,
): DecodedPage {
  const { data_page_header: first, data_page_header_v2: second } = header;
  if (second !== undefined) {
    const { repetition_levels_byte_length: repeated, definition_levels_byte_length: defined } = second;
    const levels = repeated + defined;
    const values = body.subarray(levels);
    const size = header.uncompressed_page_size - levels;
    return {
      slots: second.num_values,
      hasDictionary: second.encoding !== 'PLAIN',
      repetition: levelsOf(body.subarray(0, repeated), builder.maxRepetition, second.num_values),
      definition: levelsOf(body.subarray(repeated, levels), builder.maxDefinition, second.num_values),
      values: second.is_compressed === false ? values : unpacked(values, size, codec),
    };
  }
  if (first === undefined) {
    throw new Error('a data page has no header of its kind');
  }
  const bytes = unpacked(body, header.uncompressed_page_size, codec);
  let at = 0;
  // Levels of the first version of pages begin with their length.
  const levels = (largest: number) => {
    if (largest === 0) {
      return levelsOf(none, 0, first.num_values);
    }
    const length = wordAt(bytes, at);
    at += 4 + length;
    return levelsOf(bytes.subarray(at - length, at), largest, first.num_values);
  };
  const repetition = levels(builder.maxRepetition);
  const definition = levels(builder.maxDefinition);
  const hasDictionary = first.encoding !== 'PLAIN';
  return { slots: first.num_values, hasDictionary, repetition, definition, values: bytes.subarray(at) };
}

const none = new Uint8Array(0);

function levelsOf(bytes: Uint8Array, largest: number, count: number): Uint8Array {
  const levels = new Uint8Array(count);
  if (largest > 0) {
    readHybrid(bytes, 32 - Math.clz32(largest), levels);
  }
  return levels;
}
