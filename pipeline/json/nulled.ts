/**
 * Counts values that a cleaning rule makes null: the event has a value, the cleaned row has none. Counted on whole columns: nulls
 * of the cleaned column, less the rows whose raw fields have no value.
 *
 * Rows are below the lengths and fields below the width, so the `??` of a cell only satisfies the type.
 */
import { ArrayColumn, StringColumn } from '../columns/column.ts';
import { PlainByteArrays, type StoredColumn } from '../columns/plain_byte_arrays.ts';
import { compositionOf } from '../datasets/compositions.ts';
import type { RawSchema } from '../plan/dataset.ts';
import type { ExpressionNode } from '../plan/expression.ts';
import { columnsOf, expressionOf } from '../plan/walk.ts';
import { fieldOf } from './field_sources.ts';
import type { LineFields } from './line_fields.ts';

/** Numbers of values by column and rule, such as `age = parse_age(age)`; only rules that made some null. */
export type Nulled = Readonly<Record<string, number>>;

export function plusNulled(a: Nulled, b: Nulled): Nulled {
  const all = Object.entries(b).map(([rule, values]) => [rule, (a[rule] ?? 0) + values]);
  return { ...a, ...Object.fromEntries(all) };
}

/** A raw field of a rule. */
interface Field {
  readonly at: number;
  readonly isText: boolean;
}

/** The rule of a column. */
interface Rule {
  readonly column: string;
  readonly text: string;
  readonly fields: readonly Field[];
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

/** The rows of a block in which every field of a rule is null. */
function rowsWithout({ starts, numbers, memory, width, length }: LineFields, { fields }: Rule): number {
  let most = length;
  for (const { at, isText } of fields) {
    const nulls = isText
      ? memory.countNullStrings(width, at, length)
      : memory.countNullNumbers(width, at, length);
    most = Math.min(most, nulls);
  }
  if (most === 0 || fields.length < 2) {
    return most;
  }
  let rows = 0;
  for (let cell = 0; cell < length * width; cell += width) {
    const areNull = fields.every(({ at, isText }) =>
      isText ? (starts[cell + at] ?? -1) < 0 : Number.isNaN(numbers[cell + at]),
    );
    rows += areNull ? 1 : 0;
  }
  return rows;
}

function nullsIn(column: StoredColumn): number {
  if (column instanceof PlainByteArrays) {
    return negatives(column.rowEnds);
  }
  if (column instanceof StringColumn) {
    return negatives(column.codes);
  }
  return column instanceof ArrayColumn ? negatives(column.stored.ends) : nans(column.values);
}

// One function for each kind of array: V8 compiles each once, where it would compile one for both kinds again and again.

function negatives(values: Int32Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i += 1) {
    count += (values[i] ?? 0) < 0 ? 1 : 0;
  }
  return count;
}

function nans(values: Float64Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i += 1) {
    count += Number.isNaN(values[i]) ? 1 : 0;
  }
  return count;
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
