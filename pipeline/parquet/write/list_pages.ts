/**
 * The pages of a column of arrays. Rows are below its length, so the `?? 0` of `ends` is never reached; checking it would slow
 * the loops over rows.
 */

import type { ArrayColumn } from '../../columns/column.ts';
import { type EncodedPage, type EncodedPages, rowsInPage } from './pages.ts';
import { addDoubles, addHybrid, ByteBuffer } from './values.ts';

/** Definition levels are 0 for a null array, 1 for an empty one and 3 for an element: no element is null. */
export function listPages(column: ArrayColumn, from: number, to: number): EncodedPages {
  const { ends } = column.stored;
  let nulls = 0;
  for (let row = from; row < to; row += 1) {
    nulls += (ends[row] ?? -1) < 0 ? 1 : 0;
  }
  return {
    type: 'DOUBLE',
    encoding: 'PLAIN',
    statistics: { nulls },
    pages: pagesOf(column, from, to),
  };
}

const elementsInPage = 1 << 17;

function* pagesOf(column: ArrayColumn, from: number, to: number): Generator<EncodedPage> {
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
    for (const buffer of [definition, repetition, values]) {
      buffer.length = 0;
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
