/**
 * Counts values that a cleaning rule makes null: the event has a value, the cleaned row has none. Counted on whole columns: nulls
 * of the cleaned column, less the rows whose raw fields have no value.
 *
 * Rows are below the lengths and fields below the width, so the `??` of a cell only satisfies the type.
 */
import { ArrayColumn, type Column, StringColumn } from '../columns/column.ts';
import { PlainByteArrays, type StoredColumn } from '../columns/plain_byte_arrays.ts';
import { compositionOf } from '../datasets/compositions.ts';
import type { RawSchema } from '../plan/dataset.ts';
import type { ExpressionNode } from '../plan/expression.ts';
import { columnsOf, expressionOf } from '../plan/walk.ts';
import { fieldOf } from './field_sources.ts';
import type { LineFields } from './line_scanner.ts';

/** Numbers of values by column and rule, such as `age = parse_age(age)`; only rules that made some null. */
export type Nulled = Readonly<Record<string, number>>;

export function plusNulled(a: Nulled, b: Nulled): Nulled {
  const all = Object.entries(b).map(([rule, values]) => [rule, (a[rule] ?? 0) + values]);
  return { ...a, ...Object.fromEntries(all) };
}

/** The rule of a column. */
interface Rule {
  readonly column: string;
  readonly text: string;
  readonly fields: readonly { readonly at: number; readonly isText: boolean }[];
  /** Rows since the last `take` in which every field is null. */
  without: number;
}

export class NulledCounter {
  private readonly rules: readonly Rule[];

  /** @param columns the columns that are decoded */
  constructor(raw: RawSchema, clean: Readonly<Record<string, ExpressionNode>>, columns: Iterable<string>) {
    this.rules = [...columns].flatMap((column) => {
      const expression = expressionOf(clean, column);
      const names = [...columnsOf(expression)];
      const fields = names.map((name) => ({ at: fieldOf({ name }, raw), isText: raw[name] === 'text' }));
      const text = `${column} = ${textOf(expression)}`;
      return expression.kind === 'call' ? [{ column, text, fields, without: 0 }] : [];
    });
  }

  /** Takes the block's rows. */
  add(block: LineFields): void {
    for (const rule of this.rules) {
      rule.without += rowsWithout(block, rule);
    }
  }

  /** The numbers since the last `take`. @param columns the cleaned columns of the rows since then */
  take(columns: Readonly<Record<string, StoredColumn>>): Nulled {
    const nulled: Record<string, number> = {};
    for (const rule of this.rules) {
      const column = columns[rule.column];
      const values = column === undefined ? 0 : nullsIn(column) - rule.without;
      if (values > 0) {
        nulled[rule.text] = values;
      }
      rule.without = 0;
    }
    return nulled;
  }
}

function rowsWithout({ starts, numbers, width, length }: LineFields, { fields }: Rule): number {
  let rows = 0;
  for (let cell = 0; cell < length * width; cell += width) {
    let isNull = 1;
    for (const { at, isText } of fields) {
      isNull &= (isText ? (starts[cell + at] ?? -1) < 0 : Number.isNaN(numbers[cell + at])) ? 1 : 0;
    }
    rows += isNull;
  }
  return rows;
}

function nullsIn(column: StoredColumn): number {
  if (column instanceof PlainByteArrays) {
    let nulls = 0;
    for (let row = 0; row < column.length; row += 1) {
      nulls += column.isNull(row) ? 1 : 0;
    }
    return nulls;
  }
  return nullsOfColumn(column);
}

function nullsOfColumn(column: Column): number {
  let nulls = 0;
  if (column instanceof StringColumn) {
    for (const code of column.codes) {
      nulls += code < 0 ? 1 : 0;
    }
  } else if (column instanceof ArrayColumn) {
    for (const end of column.stored.ends) {
      nulls += end < 0 ? 1 : 0;
    }
  } else {
    for (const value of column.values) {
      nulls += Number.isNaN(value) ? 1 : 0;
    }
  }
  return nulls;
}

function textOf(node: ExpressionNode): string {
  switch (node.kind) {
    case 'column':
      return node.name;
    case 'literal':
      return JSON.stringify(node.value);
    case 'call': {
      const { name, operands } = compositionOf(node) ?? { name: node.function, operands: node.arguments };
      return `${name}(${operands.map(textOf).join(', ')})`;
    }
  }
}
