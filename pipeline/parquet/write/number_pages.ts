/** The pages of a column of numbers. */

import type { ParquetType } from 'hyparquet';
import type { NumberColumn } from '../../columns/column.ts';
import { millisecondsInDay } from '../../plan/timestamp.ts';
import { type EncodedPages, encodedValues, flatPages } from './pages.ts';
import { numberStatistics } from './statistics.ts';
import { addBooleans, addDoubles, addIntegers, addSmallIntegers, type ByteBuffer } from './values.ts';

export function numberPages(column: NumberColumn, from: number, to: number): EncodedPages {
  const { values } = column;
  const statistics = numberStatistics(column, from, to);
  const levels = (into: Uint8Array, start: number, end: number) => {
    for (let row = start; row < end; row += 1) {
      into[row - start] = Number.isNaN(column.valueAt(row)) ? 0 : 1;
    }
  };
  const { type, add } = physical[column.type];
  return {
    type,
    encoding: 'PLAIN',
    statistics,
    pages: flatPages(
      { from, to, levels, hasNulls: statistics.nulls > 0 },
      encodedValues((into, start, end) => add(into, values, start, end)),
    ),
  };
}

interface Physical {
  readonly type: ParquetType;
  readonly add: (into: ByteBuffer, values: Float64Array, from: number, to: number) => void;
}

const physical = {
  bigint: { type: 'INT64', add: (into, values, from, to) => addIntegers(into, values, from, to, 1) },
  int: { type: 'INT32', add: (into, values, from, to) => addSmallIntegers(into, values, from, to, 1) },
  double: { type: 'DOUBLE', add: addDoubles },
  boolean: { type: 'BOOLEAN', add: addBooleans },
  timestamp: { type: 'INT64', add: (into, values, from, to) => addIntegers(into, values, from, to, 1000) },
  date: {
    type: 'INT32',
    add: (into, values, from, to) => addSmallIntegers(into, values, from, to, millisecondsInDay),
  },
} satisfies Record<NumberColumn['type'], Physical>;
