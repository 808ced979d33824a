/** The pages of a Parquet column, and those of a column of arrays. */

import type { Encoding, ParquetType } from 'hyparquet';
import type { ArrayColumn } from '../../columns/column.ts';
import type { ColumnStatistics } from './statistics.ts';
import { addDoubles, addHybrid, ByteBuffer } from './values.ts';

export const rowsInPage = 1 << 15;

/** One data page, before it is compressed. The bytes hold until the next one is asked for. */
export interface ListPage {
  readonly rows: number;
  /** Values and nulls. */
  readonly slots: number;
  readonly nulls: number;
  readonly repetition: Uint8Array;
  readonly definition: Uint8Array;
  readonly values: Uint8Array;
}

export interface ListPages {
  readonly type: ParquetType;
  readonly encoding: Encoding;
  readonly statistics: ColumnStatistics;
  readonly dictionary?: { readonly size: number; readonly values: Uint8Array };
  readonly pages: Iterable<ListPage>;
}

/** Of a null array the definition level is 0, of an empty one 1, of an element 3: no element is null. */
export function listPages(column: ArrayColumn, from: number, to: number): ListPages {
  const { ends } = column.stored;
  let nulls = 0;
  for (let row = from; row < to; row += 1) {
    nulls += (ends[row] ?? -1) < 0 ? 1 : 0;
  }
  return {
    type: 'DOUBLE',
    encoding: 'PLAIN',
    statistics: { nulls },
    pages: pagesOfArrays(column, from, to),
  };
}

const elementsInPage = 1 << 17;

function* pagesOfArrays(column: ArrayColumn, from: number, to: number): Generator<ListPage> {
  const { elements, ends, begin } = column.stored;
  const endOf = (row: number) => {
    const end = row < 0 ? begin : (ends[row] ?? 0);
    return end < 0 ? -1 - end : end;
  };
  const definition = new ByteBuffer();
  const repetition = new ByteBuffer();
  const values = new ByteBuffer();
  for (let start = from; start < to; ) {
    const first = endOf(start - 1);
    let next = start + 1;
    while (next < to && next - start < rowsInPage && endOf(next) - first < elementsInPage) {
      next += 1;
    }
    const atMost = next - start + endOf(next - 1) - first;
    const defined = new Uint8Array(atMost);
    const repeated = new Uint8Array(atMost);
    let slots = 0;
    let nulls = 0;
    let at = first;
    for (let row = start; row < next; row += 1) {
      const end = endOf(row);
      if (end === at) {
        defined[slots++] = (ends[row] ?? 0) < 0 ? 0 : 1;
        nulls += 1;
      }
      for (let element = at; element < end; element += 1) {
        defined[slots] = 3;
        repeated[slots++] = element === at ? 0 : 1;
      }
      at = end;
    }
    for (const scratch of [definition, repetition, values]) {
      scratch.length = 0;
    }
    addHybrid(definition, defined, slots, 2);
    addHybrid(repetition, repeated, slots, 1);
    addDoubles(values, elements, first, at);
    yield {
      rows: next - start,
      slots,
      nulls,
      repetition: repetition.used,
      definition: definition.used,
      values: values.used,
    };
    start = next;
  }
}
