/**
 * Reads the pages that this project and most writers make straight into columns: a text goes from the page's bytes to its
 * code, a number to its place, without an object a value. What is not known here is left to hyparquet.
 */

import type { ColumnMetaData, PageHeader, SchemaTree } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { compressors } from 'hyparquet-compressors';
import { ArrayColumn, type Column, NumberColumn, TextColumn } from '../table/column.ts';

/** Adds the rows of a column chunk to a column. */
export type ChunkReader = (chunk: Uint8Array<ArrayBuffer>) => void;

/** The reader of a column's chunk into a column; undefined when it has to be read in another way. */
export function chunkReader(
  { codec, encodings, num_values }: ColumnMetaData,
  tree: SchemaTree,
  column: Column,
): ChunkReader | undefined {
  const sink = sinkOf(tree, column);
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

/** A data page, decompressed. */
interface Page {
  /** Values and nulls. */
  readonly slots: number;
  readonly hasDictionary: boolean;
  readonly definition: Uint8Array;
  readonly repetition: Uint8Array;
  readonly values: Uint8Array;
}

/** Where the values of a column go. */
interface Sink {
  readonly maxDefinition: number;
  readonly maxRepetition: number;
  dictionary(values: Uint8Array, count: number): void;
  page(page: Page): void;
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

function pageOf(header: PageHeader, body: Uint8Array, codec: ColumnMetaData['codec'], sink: Sink): Page {
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

/** The hybrid of runs and packed bits (Parquet's RLE encoding). */
function readHybrid(bytes: Uint8Array, width: number, into: Uint8Array | Int32Array): void {
  let at = 0;
  const mask = 2 ** width - 1;
  for (let filled = 0; filled < into.length; ) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) {
        throw new Error(`a page ends behind ${filled} of ${into.length} values`);
      }
      header |= (byte & 127) << shift;
      if (byte < 128) {
        break;
      }
    }
    if ((header & 1) === 0) {
      let value = 0;
      for (let shift = 0; shift < width; shift += 8) {
        value |= (bytes[at++] ?? 0) << shift;
      }
      const end = Math.min(into.length, filled + (header >>> 1));
      into.fill(value, filled, end);
      filled = end;
    } else {
      const count = (header >>> 1) * 8;
      const end = Math.min(into.length, filled + count);
      const next = at + (count / 8) * width;
      let held = 0;
      let bits = 0;
      for (; filled < end; filled += 1) {
        // At most 24 bits wide, so that what is held stays within 32.
        for (; bits < width; bits += 8) {
          held |= (bytes[at++] ?? 0) << bits;
        }
        into[filled] = held & mask;
        held >>>= width;
        bits -= width;
      }
      at = next;
    }
  }
}

/** The places of values in a dictionary of a size. */
function readPlaces(bytes: Uint8Array, size: number, into: Int32Array): void {
  const width = bytes[0] ?? 0;
  if (width > 24) {
    throw new Error(`a page has places of ${width} bits`);
  }
  readHybrid(bytes.subarray(1), width, into);
  for (const place of into) {
    if (place >= size) {
      throw new Error(`a page has the place ${place} in a dictionary of ${size}`);
    }
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)) >>>
    0
  );
}

function sinkOf(tree: SchemaTree, column: Column): Sink | undefined {
  const {
    type,
    logical_type: logical,
    converted_type: converted,
    repetition_type: repetition,
  } = tree.element;
  if (column instanceof ArrayColumn) {
    return isListOfDoubles(tree) ? arraySink(column) : undefined;
  }
  const maxDefinition = repetition === 'REQUIRED' ? 0 : 1;
  if (tree.children.length > 0 || repetition === 'REPEATED') {
    return undefined;
  }
  if (column instanceof TextColumn) {
    return type === 'BYTE_ARRAY' && (converted === 'UTF8' || logical?.type === 'STRING')
      ? textSink(column, maxDefinition)
      : undefined;
  }
  const isPlain = converted === undefined && logical === undefined;
  const isMicros =
    converted === 'TIMESTAMP_MICROS' || (logical?.type === 'TIMESTAMP' && logical.unit === 'MICROS');
  switch (column.type) {
    case 'bigint':
      return type === 'INT64' && isPlain ? numberSink(column, maxDefinition, 8, integerAt) : undefined;
    case 'int':
      return type === 'INT32' && isPlain ? numberSink(column, maxDefinition, 4, smallAt) : undefined;
    case 'double':
      return type === 'DOUBLE' && isPlain ? numberSink(column, maxDefinition, 8, doubleAt) : undefined;
    case 'timestamp':
      return type === 'INT64' && isMicros ? numberSink(column, maxDefinition, 8, millisecondsAt) : undefined;
    default:
      return undefined;
  }
}

/** An optional list of optional elements, as the Parquet specification lays it out. */
function isListOfDoubles({ element, children: [list] }: SchemaTree): boolean {
  const item = list?.children[0];
  return (
    element.converted_type === 'LIST' &&
    element.repetition_type === 'OPTIONAL' &&
    list?.element.repetition_type === 'REPEATED' &&
    list.children.length === 1 &&
    item?.element.repetition_type === 'OPTIONAL' &&
    item.element.type === 'DOUBLE'
  );
}

function textSink(column: TextColumn, maxDefinition: number): Sink {
  const { dictionary } = column;
  let known = new Int32Array(0);
  const codesIn = (bytes: Uint8Array, codes: Int32Array) => {
    let at = 0;
    for (let i = 0; i < codes.length; i += 1) {
      const end = at + 4 + wordAt(bytes, at);
      if (end > bytes.length) {
        throw new Error(`a page ends within a text, behind ${i} of ${codes.length}`);
      }
      codes[i] = dictionary.codeOfBytes(bytes, at + 4, end);
      at = end;
    }
  };
  return {
    maxDefinition,
    maxRepetition: 0,
    dictionary: (values, count) => {
      known = new Int32Array(count);
      codesIn(values, known);
    },
    page: ({ slots, definition, values, hasDictionary }) => {
      const present = new Int32Array(presentIn(definition, maxDefinition));
      if (hasDictionary) {
        readPlaces(values, known.length, present);
        for (let i = 0; i < present.length; i += 1) {
          present[i] = known[present[i] ?? 0] ?? -1;
        }
      } else {
        codesIn(values, present);
      }
      if (present.length === slots) {
        column.addCodes(present);
        return;
      }
      const codes = new Int32Array(slots).fill(-1);
      spread(present, codes, definition);
      column.addCodes(codes);
    },
  };
}

type NumberAt = (view: DataView, at: number) => number;

function numberSink(column: NumberColumn, maxDefinition: number, size: number, numberAt: NumberAt): Sink {
  let known = new Float64Array(0);
  const numbersIn = (bytes: Uint8Array, numbers: Float64Array) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < numbers.length; i += 1) {
      numbers[i] = numberAt(view, i * size);
    }
  };
  return {
    maxDefinition,
    maxRepetition: 0,
    dictionary: (values, count) => {
      known = new Float64Array(count);
      numbersIn(values, known);
    },
    page: ({ slots, definition, values, hasDictionary }) => {
      const present = new Float64Array(presentIn(definition, maxDefinition));
      if (hasDictionary) {
        const places = new Int32Array(present.length);
        readPlaces(values, known.length, places);
        for (let i = 0; i < present.length; i += 1) {
          present[i] = known[places[i] ?? 0] ?? Number.NaN;
        }
      } else {
        numbersIn(values, present);
      }
      if (present.length === slots) {
        column.addAll(new NumberColumn(column.type, present));
        return;
      }
      const numbers = new Float64Array(slots).fill(Number.NaN);
      spread(present, numbers, definition);
      column.addAll(new NumberColumn(column.type, numbers));
    },
  };
}

function arraySink(column: ArrayColumn): Sink {
  let known = new Float64Array(0);
  const doublesIn = (bytes: Uint8Array, count: number) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Float64Array.from({ length: count }, (_, i) => doubleAt(view, i * 8));
  };
  return {
    maxDefinition: 3,
    maxRepetition: 1,
    dictionary: (values, count) => {
      known = doublesIn(values, count);
    },
    page: ({ slots, definition, repetition, values, hasDictionary }) => {
      const count = presentIn(definition, 3);
      let elements: Float64Array;
      if (hasDictionary) {
        const places = new Int32Array(count);
        readPlaces(values, known.length, places);
        elements = Float64Array.from(places, (place) => known[place] ?? Number.NaN);
      } else {
        elements = doublesIn(values, count);
      }
      const ends = new Int32Array(slots);
      let rows = 0;
      let end = 0;
      for (let slot = 0; slot < slots; slot += 1) {
        const level = definition[slot] ?? 0;
        if (level === 2) {
          throw new Error('an array holds null; only known doubles can be held');
        }
        end += level === 3 ? 1 : 0;
        if (repetition[slot] === 0) {
          rows += 1;
        }
        ends[rows - 1] = level === 0 ? -1 - end : end;
      }
      if (rows > 0 && repetition[0] !== 0) {
        throw new Error('a page begins within an array');
      }
      column.addStored(elements, ends.subarray(0, rows));
    },
  };
}

/** How many values a page has. */
function presentIn(definition: Uint8Array, largest: number): number {
  if (largest === 0) {
    return definition.length;
  }
  let count = 0;
  for (let slot = 0; slot < definition.length; slot += 1) {
    count += definition[slot] === largest ? 1 : 0;
  }
  return count;
}

/** Puts the values of a page where it has no null. */
function spread(present: Int32Array | Float64Array, into: Int32Array | Float64Array, definition: Uint8Array) {
  let next = 0;
  for (let slot = 0; slot < into.length; slot += 1) {
    if (definition[slot] === 1) {
      into[slot] = present[next++] ?? Number.NaN;
    }
  }
}

function integerAt(view: DataView, at: number): number {
  const value = view.getInt32(at + 4, true) * 4294967296 + view.getUint32(at, true);
  if (!Number.isSafeInteger(value)) {
    throw new Error(`it holds ${view.getBigInt64(at, true)}, which a bigint cannot hold exactly`);
  }
  return value;
}

function smallAt(view: DataView, at: number): number {
  return view.getInt32(at, true);
}

/** NaN is no value of a plan, and −0 would be a second zero. */
function doubleAt(view: DataView, at: number): number {
  const value = view.getFloat64(at, true) + 0;
  if (Number.isNaN(value)) {
    throw new Error('it holds NaN, which is no known double');
  }
  return value;
}

/** Microseconds, which are beyond 2⁵³ from the year 2255 on, as milliseconds: 2³² is 4294967 times a thousand and 296. */
function millisecondsAt(view: DataView, at: number): number {
  const high = view.getInt32(at + 4, true);
  const rest = high * 296 + view.getUint32(at, true);
  const whole = Math.floor(rest / 1000);
  return high * 4294967 + whole + (rest - whole * 1000) / 1000;
}
