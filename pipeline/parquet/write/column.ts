/** A column's rows as the pages of one Parquet column chunk. */

import type { ColumnMetaData, ParquetType } from 'hyparquet';
import type { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { ArrayColumn, type NumberColumn, StringColumn } from '../../columns/column.ts';
import { PlainByteArrays, type StoredColumn } from '../plain_byte_arrays.ts';
import { snappy } from '../snappy.ts';
import { type ListPage, type ListPages, listPages, rowsInPage } from './list_pages.ts';
import { numberStatistics, plainByteArrayStatistics, stringBounds } from './statistics.ts';
import {
  addBooleans,
  addDoubles,
  addHybrid,
  addIntegers,
  addRun,
  addSmallIntegers,
  addStrings,
  ByteBuffer,
  bitWidthOf,
} from './values.ts';

/** A page ends behind the text that reaches this. */
const textBytesInPage = 1 << 20;

/** What the writer of a column remembers from one row group to the next. */
export class ColumnWriter {
  /** Where a text's code stands among the codes of the row group, plus `base`. */
  private places = new Int32Array(0);
  private base = 1;

  constructor(
    private readonly column: StoredColumn,
    private readonly path: string[],
  ) {}

  /**
   * Writes the rows from one up to another as a column chunk.
   * @param flush is called behind each page, so that memory stays small
   */
  async write(out: ByteWriter, from: number, to: number, flush: () => Promise<void>) {
    const { type, encoding, statistics, dictionary, pages } = this.pagesOf(from, to);
    const start = out.offset;
    let uncompressed = 0;
    let slots = 0;
    let count = 0;
    let compressed: boolean | undefined;
    const write = (header: () => void, levels: readonly Uint8Array[], body: Uint8Array) => {
      const before = out.offset;
      header();
      uncompressed += out.offset - before;
      for (const bytes of [...levels, body]) {
        out.appendBytes(bytes);
      }
    };
    if (dictionary !== undefined) {
      compressed = isWorthCompressing(dictionary.values);
      const body = compressed ? snappy(dictionary.values) : dictionary.values;
      uncompressed += dictionary.values.length;
      const header = {
        type: 'DICTIONARY_PAGE',
        uncompressed_page_size: dictionary.values.length,
        compressed_page_size: body.length,
        dictionary_page_header: { num_values: dictionary.size, encoding: 'PLAIN' },
      } as const;
      write(() => writePageHeader(out, header), [], body);
      await flush();
    }
    const firstDataPage = out.offset;
    for (const page of pages) {
      compressed ??= isWorthCompressing(page.values);
      const body = compressed ? snappy(page.values) : page.values;
      const levels = page.repetition.length + page.definition.length;
      uncompressed += levels + page.values.length;
      const header = {
        type: 'DATA_PAGE_V2',
        uncompressed_page_size: levels + page.values.length,
        compressed_page_size: levels + body.length,
        data_page_header_v2: {
          num_values: page.slots,
          num_nulls: page.nulls,
          num_rows: page.rows,
          encoding,
          definition_levels_byte_length: page.definition.length,
          repetition_levels_byte_length: page.repetition.length,
          is_compressed: compressed,
        },
      } as const;
      write(() => writePageHeader(out, header), [page.repetition, page.definition], body);
      await flush();
      slots += page.slots;
      count += 1;
    }
    const metadata: ColumnMetaData = {
      type,
      encodings: dictionary === undefined ? [encoding] : ['PLAIN', encoding],
      path_in_schema: this.path,
      codec: compressed ? 'SNAPPY' : 'UNCOMPRESSED',
      num_values: BigInt(slots),
      total_uncompressed_size: BigInt(uncompressed),
      total_compressed_size: BigInt(out.offset - start),
      data_page_offset: BigInt(firstDataPage),
      ...(dictionary === undefined ? {} : { dictionary_page_offset: BigInt(start) }),
      encoding_stats: [
        ...(dictionary === undefined
          ? []
          : [{ page_type: 'DICTIONARY_PAGE', encoding: 'PLAIN', count: 1 } as const]),
        { page_type: 'DATA_PAGE_V2', encoding, count },
      ],
    };
    return { metadata, start, statistics };
  }

  private pagesOf(from: number, to: number): ListPages {
    const { column } = this;
    if (column instanceof StringColumn) {
      return this.textPages(column, from, to);
    }
    if (column instanceof PlainByteArrays) {
      return plainTextPages(column, from, to);
    }
    return column instanceof ArrayColumn ? listPages(column, from, to) : numberPages(column, from, to);
  }

  /** Texts as places in a dictionary of the row group, where that is much shorter than the texts. */
  private textPages(column: StringColumn, from: number, to: number): ListPages {
    const { dictionary, codes } = column;
    const { ends } = dictionary.stored;
    if (this.places.length < dictionary.size) {
      this.places = new Int32Array(dictionary.size);
      this.base = 1;
    }
    const { places, base } = this;
    const different = new Int32Array(Math.min(to - from, dictionary.size));
    const { count, nulls, bytes, differentBytes } = differentCodes(
      codes.subarray(from, to),
      ends,
      places,
      base,
      different,
    );
    this.base += count;
    const used = different.subarray(0, count);
    const statistics = { nulls, ...stringBounds(column, used) };
    const width = bitWidthOf(count - 1);
    const levels = (into: Uint8Array, start: number, end: number) => {
      for (let row = start; row < end; row += 1) into[row - start] = (codes[row] ?? -1) < 0 ? 0 : 1;
    };
    const rows = { from, to, levels, hasNulls: nulls > 0 };
    if (count === 0 || differentBytes + ((to - from - nulls) * width) / 8 > bytes * 0.6) {
      return {
        type: 'BYTE_ARRAY',
        encoding: 'PLAIN',
        statistics,
        pages: flatPages(
          { ...rows, end: textPageEnds(column) },
          laidOut((into, start, end) => addStrings(into, dictionary.stored, codes, start, end)),
        ),
      };
    }
    const texts = dictionaryValues;
    texts.length = 0;
    texts.reserve(differentBytes);
    addStrings(texts, dictionary.stored, used, 0, count);
    const page = new Int32Array(rowsInPage);
    return {
      type: 'BYTE_ARRAY',
      encoding: 'RLE_DICTIONARY',
      statistics,
      dictionary: { size: count, values: texts.used },
      pages: flatPages(
        rows,
        laidOut((into, start, end) => {
          const known = knownPlaces(codes.subarray(start, end), places, base, page);
          into.reserve(1);
          into.bytes[into.length++] = width;
          addHybrid(into, page, known, width);
        }),
      ),
    };
  }
}

/**
 * Finds the different codes of rows and gives each a place, from `base` on, where it has none as large.
 * @param ends of the texts by code
 */
function differentCodes(
  codes: Int32Array,
  ends: Uint32Array,
  places: Int32Array,
  base: number,
  different: Int32Array,
) {
  let count = 0;
  let nulls = 0;
  /** Of all rows' texts, and of the different ones, each behind its length. */
  let bytes = 0;
  let differentBytes = 0;
  for (let row = 0; row < codes.length; row += 1) {
    const code = codes[row] ?? -1;
    if (code < 0) {
      nulls += 1;
      continue;
    }
    const length = (ends[code] ?? 0) - (code === 0 ? 0 : (ends[code - 1] ?? 0)) + 4;
    bytes += length;
    if ((places[code] ?? 0) < base) {
      places[code] = base + count;
      different[count] = code;
      count += 1;
      differentBytes += length;
    }
  }
  return { count, nulls, bytes, differentBytes };
}

/** Writes the places of the rows that are not null. @returns how many are not */
function knownPlaces(codes: Int32Array, places: Int32Array, base: number, into: Int32Array): number {
  let known = 0;
  for (let row = 0; row < codes.length; row += 1) {
    const code = codes[row] ?? -1;
    if (code >= 0) {
      into[known] = (places[code] ?? 0) - base;
      known += 1;
    }
  }
  return known;
}

/** Texts that are laid out already. */
function plainTextPages(column: PlainByteArrays, from: number, to: number): ListPages {
  const statistics = plainByteArrayStatistics(column, from, to);
  const { bytes } = column;
  const levels = (into: Uint8Array, start: number, next: number) => {
    for (let row = start; row < next; row += 1) into[row - start] = column.isNull(row) ? 0 : 1;
  };
  const end = (start: number, atMost: number): number => {
    const first = column.endOf(start - 1);
    let row = start + 1;
    while (row < atMost && column.endOf(row - 1) - first < textBytesInPage) row += 1;
    return row;
  };
  return {
    type: 'BYTE_ARRAY',
    encoding: 'PLAIN',
    statistics,
    pages: flatPages({ from, to, levels, hasNulls: statistics.nulls > 0, end }, (start, next) =>
      bytes.subarray(column.endOf(start - 1), column.endOf(next - 1)),
    ),
  };
}

interface Rows {
  readonly from: number;
  readonly to: number;
  readonly hasNulls: boolean;
  /** Puts 0 where a row is null and 1 where it is not. */
  readonly levels: (into: Uint8Array, from: number, to: number) => void;
  /** Where a page that begins at a row ends, when not behind `rowsInPage`. */
  readonly end?: (start: number, atMost: number) => number;
}

/** Pages of a column that is no array. */
function* flatPages(
  { from, to, hasNulls, levels, end = (_, atMost) => atMost }: Rows,
  valuesOf: (from: number, to: number) => Uint8Array,
): Generator<ListPage> {
  const defined = new Uint8Array(hasNulls ? rowsInPage : 0);
  const definition = new ByteBuffer();
  for (let start = from; start < to; ) {
    const next = end(start, Math.min(start + rowsInPage, to));
    const rows = next - start;
    let nulls = 0;
    if (hasNulls) {
      levels(defined, start, next);
      for (let i = 0; i < rows; i += 1) nulls += 1 - (defined[i] ?? 0);
    }
    definition.length = 0;
    if (nulls === 0) addRun(definition, 1, rows, 1);
    else addHybrid(definition, defined, rows, 1);
    yield {
      rows,
      slots: rows,
      nulls,
      repetition: none,
      definition: definition.used,
      values: valuesOf(start, next),
    };
    start = next;
  }
}

/** Values that are laid out for each page, in the same bytes for all: a page is written before the next is asked for. */
function laidOut(add: (into: ByteBuffer, from: number, to: number) => void) {
  return (from: number, to: number): Uint8Array => {
    pageValues.length = 0;
    add(pageValues, from, to);
    return pageValues.used;
  };
}

const pageValues = new ByteBuffer();
const dictionaryValues = new ByteBuffer();

const none = new Uint8Array(0);

function textPageEnds({ dictionary, codes }: StringColumn) {
  const { ends } = dictionary.stored;
  return (start: number, atMost: number): number => {
    let row = start;
    for (let bytes = 0; row < atMost && bytes < textBytesInPage; row += 1) {
      const code = codes[row] ?? -1;
      bytes += code < 0 ? 0 : (ends[code] ?? 0) - (code === 0 ? 0 : (ends[code - 1] ?? 0)) + 4;
    }
    return row;
  };
}

function numberPages(column: NumberColumn, from: number, to: number): ListPages {
  const { values } = column;
  const statistics = numberStatistics(column, from, to);
  const levels = (into: Uint8Array, start: number, end: number) => {
    for (let row = start; row < end; row += 1)
      into[row - start] = Number.isNaN(values[row] ?? Number.NaN) ? 0 : 1;
  };
  const { type, add } = physical[column.type];
  return {
    type,
    encoding: 'PLAIN',
    statistics,
    pages: flatPages(
      { from, to, levels, hasNulls: statistics.nulls > 0 },
      laidOut((into, start, end) => add(into, values, start, end)),
    ),
  };
}

interface Physical {
  readonly type: ParquetType;
  readonly add: (into: ByteBuffer, values: Float64Array, from: number, to: number) => void;
}

const physical = {
  bigint: { type: 'INT64', add: (into, values, from, to) => addIntegers(into, values, from, to, 1) },
  int: { type: 'INT32', add: addSmallIntegers },
  double: { type: 'DOUBLE', add: addDoubles },
  boolean: { type: 'BOOLEAN', add: addBooleans },
  timestamp: { type: 'INT64', add: (into, values, from, to) => addIntegers(into, values, from, to, 1000) },
} satisfies Record<NumberColumn['type'], Physical>;

/** By its beginning: random letters would cost time here and at every reader, and save little. */
function isWorthCompressing(input: Uint8Array): boolean {
  const sample = input.subarray(0, 1 << 15);
  return snappy(sample).length < sample.length * 0.85;
}
