/**
 * Functions of the plan as loops over columns, where calling the plan's own form for each row would dominate the run time.
 * Numbers, times and booleans are 64-bit floats, null is NaN. A test holds each against the plan's own form.
 */
import type { FunctionName } from '../../plan/functions.ts';
import { utcYear } from '../../plan/timestamp.ts';
import { type ColumnType, isArrayType } from '../../plan/types.ts';
import type { Allocator } from '../allocator.ts';
import { ArrayColumn, type Column, NumberColumn, StringColumn } from '../column.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

export interface Kernel {
  /** Tells if the loop is for arguments of these types. */
  readonly takes: (types: readonly ColumnType[]) => boolean;
  readonly evaluate: (memory: Allocator, ...columns: readonly Column[]) => Column;
}

const isNumber = (type: ColumnType) => type !== 'text' && !isArrayType(type);

function unary(type: NumberColumn['type'], of: (value: number) => number): Kernel {
  return {
    takes: ([argument]) => argument !== undefined && isNumber(argument),
    evaluate: (memory, column) => {
      const values = numbers(column);
      const result = memory.floats(values.length);
      for (let row = 0; row < result.length; row += 1) {
        result[row] = of(values[row] ?? Number.NaN);
      }
      return new NumberColumn(type, result);
    },
  };
}

/** A condition of two numbers; `of` gives 1, 0 or NaN. */
function binary(of: (a: number, b: number) => number): Kernel {
  return {
    takes: (types) => types.length === 2 && types.every(isNumber),
    evaluate: (memory, first, second) => {
      const a = numbers(first);
      const b = numbers(second);
      const result = memory.floats(a.length);
      for (let row = 0; row < result.length; row += 1) {
        result[row] = of(a[row] ?? Number.NaN, b[row] ?? Number.NaN);
      }
      return new NumberColumn('boolean', result);
    },
  };
}

function comparison(holds: (a: number, b: number) => boolean): Kernel {
  return binary((a, b) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : holds(a, b) ? 1 : 0));
}

export const kernels: Readonly<Partial<Record<FunctionName, Kernel>>> = {
  year: unary('int', (time) => (Number.isNaN(time) ? time : utcYear(time))),

  is_not_null: {
    takes: () => true,
    evaluate: (memory, column) => new NumberColumn('boolean', notNull(column, memory)),
  },

  not: unary('boolean', (condition) => 1 - condition),
  and: binary((a, b) => (a === 0 || b === 0 ? 0 : a * b)),
  or: binary((a, b) => (a === 1 || b === 1 ? 1 : a + b)),

  equals: comparison((a, b) => a === b),
  at_least: comparison((a, b) => a >= b),
  at_most: comparison((a, b) => a <= b),
};

function numbers(column: Column | undefined): Float64Array {
  if (!(column instanceof NumberColumn)) {
    throw new TypeError(`A loop over numbers cannot take a column of ${column?.type}.`);
  }
  return column.values;
}

/** 1 for each row whose value is not null, else 0. */
function notNull(column: Column | undefined, memory: Allocator): Float64Array {
  const result = memory.floats(column?.length ?? 0);
  if (column instanceof StringColumn) {
    const { codes } = column;
    for (let row = 0; row < result.length; row += 1) {
      result[row] = (codes[row] ?? -1) < 0 ? 0 : 1;
    }
  } else if (column instanceof ArrayColumn) {
    for (let row = 0; row < result.length; row += 1) {
      result[row] = column.elementsAt(row) === undefined ? 0 : 1;
    }
  } else {
    const values = numbers(column);
    for (let row = 0; row < result.length; row += 1) {
      result[row] = Number.isNaN(values[row]) ? 0 : 1;
    }
  }
  return result;
}
