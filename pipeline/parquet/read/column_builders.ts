/**
 * Appends the values of Parquet pages to columns.
 *
 * `readOffsets` checks each offset against its dictionary, and slots are below the page's count, so the `??` of indexed reads
 * are never reached.
 */

import type { SchemaTree } from 'hyparquet';
import { ArrayColumn, type Column, NumberColumn, StringColumn } from '../../columns/column.ts';
import { ensureCapacity } from '../../columns/ensure_capacity.ts';
import {
  doubleAt,
  integerAt,
  midnightAt,
  millisecondsAt,
  presentIn,
  readOffsets,
  smallAt,
  spread,
  wordAt,
} from './values.ts';

/** A data page, decompressed. */
export interface DecodedPage {
  /** Values and nulls. */
  readonly slots: number;
  readonly hasDictionary: boolean;
  readonly definition: Uint8Array;
  readonly repetition: Uint8Array;
  readonly values: Uint8Array;
}

/** Appends the pages of a column chunk to a column. */
export interface ColumnBuilder {
  readonly maxDefinition: number;
  readonly maxRepetition: number;
  dictionary(values: Uint8Array, count: number): void;
  page(page: DecodedPage): void;
  /** Called after the last page of the chunk. */
  end?(): void;
}

/** The builder for a column; undefined when its Parquet type is left to hyparquet. */
export function columnBuilder(tree: SchemaTree, column: Column): ColumnBuilder | undefined {
  const {
    type,
    logical_type: logical,
    converted_type: converted,
    repetition_type: repetition,
  } = tree.element;
  if (column instanceof ArrayColumn) {
    return isListOfDoubles(tree) ? arrayBuilder(column) : undefined;
  }
  const maxDefinition = repetition === 'REQUIRED' ? 0 : 1;
  if (tree.children.length > 0 || repetition === 'REPEATED') {
    return undefined;
  }
  if (column instanceof StringColumn) {
    return type === 'BYTE_ARRAY' && (converted === 'UTF8' || logical?.type === 'STRING')
      ? stringBuilder(column, maxDefinition)
      : undefined;
  }
  const isPlain = converted === undefined && logical === undefined;
  const isMicros =
    converted === 'TIMESTAMP_MICROS' || (logical?.type === 'TIMESTAMP' && logical.unit === 'MICROS');
  switch (column.type) {
    case 'bigint':
      return type === 'INT64' && isPlain ? numberBuilder(column, maxDefinition, 8, integerAt) : undefined;
    case 'int':
      return type === 'INT32' && isPlain ? numberBuilder(column, maxDefinition, 4, smallAt) : undefined;
    case 'double':
      return type === 'DOUBLE' && isPlain ? numberBuilder(column, maxDefinition, 8, doubleAt) : undefined;
    case 'date':
      return type === 'INT32' && (converted === 'DATE' || logical?.type === 'DATE')
        ? numberBuilder(column, maxDefinition, 4, midnightAt)
        : undefined;
    case 'timestamp':
      return type === 'INT64' && isMicros
        ? numberBuilder(column, maxDefinition, 8, millisecondsAt)
        : undefined;
    default:
      return undefined;
  }
}

/** True for an optional list of optional elements, in the three levels of the Parquet specification. */
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

function stringBuilder(column: StringColumn, maxDefinition: number): ColumnBuilder {
  const { dictionary } = column;
  let pageCodes = new Int32Array(0);
  const codesIn = (bytes: Uint8Array, codes: Int32Array) => {
    let at = 0;
    for (let i = 0; i < codes.length; i += 1) {
      const end = at + 4 + wordAt(bytes, at);
      if (end > bytes.length) {
        throw new Error(`a page ends within a string, after ${i} of ${codes.length}`);
      }
      codes[i] = dictionary.internBytes(bytes, at + 4, end);
      at = end;
    }
  };
  return {
    maxDefinition,
    maxRepetition: 0,
    dictionary: (values, count) => {
      pageCodes = new Int32Array(count);
      codesIn(values, pageCodes);
    },
    page: ({ slots, definition, values, hasDictionary }) => {
      const present = new Int32Array(presentIn(definition, maxDefinition));
      if (hasDictionary) {
        readOffsets(values, pageCodes.length, present);
        for (let i = 0; i < present.length; i += 1) {
          present[i] = pageCodes[present[i] ?? 0] ?? -1;
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

function numberBuilder(
  column: NumberColumn,
  maxDefinition: number,
  size: number,
  numberAt: NumberAt,
): ColumnBuilder {
  let pageNumbers = new Float64Array(0);
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
      pageNumbers = new Float64Array(count);
      numbersIn(values, pageNumbers);
    },
    page: ({ slots, definition, values, hasDictionary }) => {
      const present = new Float64Array(presentIn(definition, maxDefinition));
      if (hasDictionary) {
        const offsets = new Int32Array(present.length);
        readOffsets(values, pageNumbers.length, offsets);
        for (let i = 0; i < present.length; i += 1) {
          present[i] = pageNumbers[offsets[i] ?? 0] ?? Number.NaN;
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

/** Collects a whole chunk: pages of the first version may begin within an array. */
function arrayBuilder(column: ArrayColumn): ColumnBuilder {
  let pageNumbers = new Float64Array(0);
  const pagesOfElements: Float64Array[] = [];
  let ends = new Int32Array(0);
  let rows = 0;
  let end = 0;
  const doublesIn = (bytes: Uint8Array, count: number) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Float64Array.from({ length: count }, (_, i) => doubleAt(view, i * 8));
  };
  return {
    maxDefinition: 3,
    maxRepetition: 1,
    dictionary: (values, count) => {
      pageNumbers = doublesIn(values, count);
    },
    page: ({ slots, definition, repetition, values, hasDictionary }) => {
      const count = presentIn(definition, 3);
      if (hasDictionary) {
        const offsets = new Int32Array(count);
        readOffsets(values, pageNumbers.length, offsets);
        pagesOfElements.push(Float64Array.from(offsets, (offset) => pageNumbers[offset] ?? Number.NaN));
      } else {
        pagesOfElements.push(doublesIn(values, count));
      }
      if (rows === 0 && slots > 0 && repetition[0] !== 0) {
        throw new Error('its first page begins within an array');
      }
      ends = ensureCapacity(ends, rows + slots);
      for (let slot = 0; slot < slots; slot += 1) {
        const level = definition[slot] ?? 0;
        if (level === 2) {
          throw new Error('an array holds null, which a column cannot hold');
        }
        end += level === 3 ? 1 : 0;
        if (repetition[slot] === 0) {
          rows += 1;
        }
        ends[rows - 1] = level === 0 ? -1 - end : end;
      }
    },
    end: () => {
      const [first = new Float64Array(0), ...others] = pagesOfElements;
      const elements = others.length === 0 ? first : concatenated(pagesOfElements, end);
      column.addStored(elements, ends.subarray(0, rows));
    },
  };
}

function concatenated(parts: readonly Float64Array[], length: number): Float64Array {
  const all = new Float64Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
