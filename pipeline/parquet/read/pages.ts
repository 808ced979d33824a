/**
 * Reads the pages that this project and most writers make straight into columns: a text goes from the page's bytes to its
 * code, a number to its place, without an object a value. What is not known here is left to hyparquet.
 */

import type { ColumnMetaData, PageHeader, SchemaTree } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { compressors } from 'hyparquet-compressors';
import type { Column } from '../../columns/column.ts';
import { type ColumnBuilder, columnBuilder, type Page } from './column_builders.ts';
import { readHybrid, wordAt } from './values.ts';

/** Adds the rows of a column chunk to a column. */
export type ChunkReader = (chunk: Uint8Array<ArrayBuffer>) => void;

/** The reader of a column's chunk into a column; undefined when it has to be read in another way. */
export function chunkReader(
  { codec, encodings, num_values }: ColumnMetaData,
  tree: SchemaTree,
  column: Column,
): ChunkReader | undefined {
  const sink = columnBuilder(tree, column);
  if (sink === undefined || !encodings.every((encoding) => knownEncodings.has(encoding))) {
    return undefined;
  }
  return (chunk) => {
    const reader = { view: new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength), offset: 0 };
    let left = Number(num_values);
    while (left > 0) {
      const header = parquetHeader(reader);
      const body = bodyOf(header, chunk, reader.offset, codec);
      reader.offset += body.length;
      if (header.type === 'DICTIONARY_PAGE') {
        sink.dictionary(unpacked(body, header.uncompressed_page_size, codec), countOf(header));
      } else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
        const count = (header.data_page_header_v2 ?? header.data_page_header)?.num_values ?? 0;
        if (!(count >= 0 && count <= left)) {
          throw new Error(`a page of ${count} values stands where ${left} are left`);
        }
        sink.page(pageOf(header, body, codec, sink));
        left -= count;
      }
    }
  };
}

const knownEncodings: ReadonlySet<string> = new Set(['PLAIN', 'RLE', 'RLE_DICTIONARY', 'PLAIN_DICTIONARY']);

/** Snappy makes at most 64 bytes of three: more than this is no page of it. */
const largestExpansion = 32;

/** The bytes of a page. @throws Error when its header states what cannot be */
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
  const count = header?.num_values ?? 0;
  // Each text takes four bytes at least, each number too.
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
  sink: ColumnBuilder,
): Page {
  const { data_page_header: first, data_page_header_v2: second } = header;
  if (second !== undefined) {
    const { repetition_levels_byte_length: repeated, definition_levels_byte_length: defined } = second;
    const levels = repeated + defined;
    const values = body.subarray(levels);
    const size = header.uncompressed_page_size - levels;
    return {
      slots: second.num_values,
      hasDictionary: second.encoding !== 'PLAIN',
      repetition: levelsOf(body.subarray(0, repeated), sink.maxRepetition, second.num_values),
      definition: levelsOf(body.subarray(repeated, levels), sink.maxDefinition, second.num_values),
      values: second.is_compressed === false ? values : unpacked(values, size, codec),
    };
  }
  if (first === undefined) {
    throw new Error('a data page has no header of its kind');
  }
  const bytes = unpacked(body, header.uncompressed_page_size, codec);
  let at = 0;
  // In pages of the first version the bytes of levels are told before them.
  const levels = (largest: number) => {
    if (largest === 0) {
      return levelsOf(none, 0, first.num_values);
    }
    const length = wordAt(bytes, at);
    at += 4 + length;
    return levelsOf(bytes.subarray(at - length, at), largest, first.num_values);
  };
  const repetition = levels(sink.maxRepetition);
  const definition = levels(sink.maxDefinition);
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
