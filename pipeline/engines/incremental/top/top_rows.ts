import { type Column, NumberColumn, StringColumn } from '../../../columns/column.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import { KeyGroupIds } from '../../../columns/group_ids/keys.ts';
import { type ColumnarTable, columnarTable } from '../../../columns/table.ts';
import { compareValues } from '../../../plan/order.ts';
import type { RelationNode, SortKey } from '../../../plan/relation.ts';
import { columnType } from '../../../plan/types.ts';
import { type Delta, FilteredDelta } from '../delta.ts';
import type { Operator } from '../operators/rows.ts';
import { StoredRows } from '../stored_rows.ts';

type TopNode = Extract<RelationNode, { kind: 'top' }>;
type AggregateOfPlan = Extract<RelationNode, { kind: 'aggregate' }>;

/**
 * The column whose largest value says which group comes first, where the groups have no other aggregate: then the first of
 * the groups is the first of the rows, and no group need be made. Undefined where the plan is another.
 */
export function largestFirst({ by, order }: TopNode, aggregate: AggregateOfPlan): string | undefined {
  const [only, ...others] = Object.entries(aggregate.aggregates);
  const [first] = order;
  if (only === undefined || others.length > 0 || !by.every((name) => aggregate.by.includes(name))) {
    return undefined;
  }
  const [name, { function: called, arguments: columns }] = only;
  const [column = ''] = columns;
  const isNumber = called === 'max' && columnType(aggregate.input.schema, column) in numbers;
  return isNumber && first?.column === name && first.descending ? column : undefined;
}

const numbers = { bigint: true, int: true, double: true, timestamp: true };

/** Of each part the row with the largest number, of equal ones the first in an order; a null is less than all. */
export class TopRows {
  private readonly parts = new KeyGroupIds();
  private partCount = 0;
  /** By part: the largest number, −∞ where only nulls came. */
  private largest: Float64Array = new Float64Array(16);
  /** Rows that were first when they came; by part, which of them is still. */
  private readonly firsts: StoredRows;
  private firstOf: Int32Array = new Int32Array(16);
  /** By column of the result, the column of the rows. */
  private readonly columns: ReadonlyMap<string, string>;
  private readonly ties: readonly SortKey[];

  /** @param number the column of numbers, `largestFirst` of the plan */
  constructor(
    input: Operator,
    private readonly node: TopNode,
    aggregate: AggregateOfPlan,
    number: string,
  ) {
    this.columns = new Map(
      Object.keys(node.schema).map((name) => [name, aggregate.by.includes(name) ? name : number]),
    );
    this.ties = node.order.slice(1);
    this.firsts = new StoredRows(input.schema);
    this.firsts.retain(this.columns.values());
    input.need(this.columns.values());
    input.onDelta((delta) => this.take(delta, delta.column(number)));
  }

  get table(): ColumnarTable {
    const rows = this.firstOf.subarray(0, this.partCount);
    const columns = [...this.columns].map(([name, source]) => [
      name,
      this.firsts.column(source).gather(rows),
    ]);
    return columnarTable(this.node.schema, Object.fromEntries(columns));
  }

  private take(delta: Delta, values: Column): void {
    if (!(values instanceof NumberColumn)) {
      throw new TypeError(`A column of ${values.type} has no largest number.`);
    }
    const numbersOfRows = values.values;
    const parts = this.partsOf(delta);
    const { largest } = this;
    /** By part, the row of this delta that is first, where it is one of these. */
    const firstHere = new Map<number, number>();
    for (let row = 0; row < parts.length; row += 1) {
      const part = parts[row] ?? 0;
      const value = numbersOfRows[row] ?? Number.NaN;
      const number = Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
      const most = largest[part] ?? Number.NEGATIVE_INFINITY;
      if (
        part < this.partCount &&
        (number < most || (number === most && !this.wins(delta, row, part, firstHere)))
      ) {
        continue;
      }
      largest[part] = number;
      firstHere.set(part, row);
      this.partCount = Math.max(this.partCount, part + 1);
    }
    const rows = Int32Array.from(firstHere.values());
    const stored = this.firsts.append(new FilteredDelta(delta, rows));
    for (const [i, part] of [...firstHere.keys()].entries()) {
      this.firstOf[part] = stored + i;
    }
  }

  private partsOf(delta: Delta): Int32Array {
    const { by } = this.node;
    const parts =
      by.length === 0
        ? new Int32Array(delta.length)
        : this.parts.intern(
            by.map((name) => delta.column(name)),
            delta.scratch,
          );
    const count = Math.max(1, this.parts.size);
    this.largest = ensureCapacity(this.largest, count);
    this.firstOf = ensureCapacity(this.firstOf, count);
    return parts;
  }

  /** Whether a row comes before the first one of its part, whose number is the same. */
  private wins(delta: Delta, row: number, part: number, firstHere: ReadonlyMap<number, number>): boolean {
    const here = firstHere.get(part);
    for (const { column, descending } of this.ties) {
      const mine = delta.column(column);
      const other = here === undefined ? this.firsts.column(column) : mine;
      const otherRow = here ?? this.firstOf[part] ?? 0;
      const result = compareCells(mine, row, other, otherRow, descending);
      if (result !== 0) return result < 0;
    }
    return false;
  }
}

/** Texts of one dictionary are most often told apart, or the same, by their codes. */
function compareCells(a: Column, rowOfA: number, b: Column, rowOfB: number, descending: boolean): number {
  const isSame =
    a instanceof StringColumn &&
    b instanceof StringColumn &&
    a.dictionary === b.dictionary &&
    a.codeAt(rowOfA) === b.codeAt(rowOfB);
  return isSame ? 0 : compareValues(a.at(rowOfA), b.at(rowOfB), descending);
}
