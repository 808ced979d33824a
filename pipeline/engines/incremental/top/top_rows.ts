import { type Column, NumberColumn, StringColumn } from '../../../columns/column.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import { KeyGroupIds } from '../../../columns/group_ids/keys.ts';
import type { GroupId, Indexes, RowIndex } from '../../../columns/ids.ts';
import { type ColumnarTable, columnarTable } from '../../../columns/table.ts';
import { compareValues } from '../../../plan/order.ts';
import type { SortKey } from '../../../plan/relation.ts';
import { columnType } from '../../../plan/types.ts';
import { type Delta, FilteredDelta } from '../delta.ts';
import type { AggregateRelation } from '../operators/aggregate.ts';
import type { Operator } from '../operators/operator.ts';
import { StoredRows } from '../stored_rows.ts';
import type { TopRelation } from './top_groups.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/**
 * The column whose largest value decides which group comes first, where the groups have no other aggregate: then the first of
 * the groups is the first of the rows, and no group is made. Undefined for other plans.
 */
export function largestFirst({ by, order }: TopRelation, aggregate: AggregateRelation): string | undefined {
  const [only, ...others] = Object.entries(aggregate.aggregates);
  const [first] = order;
  if (only === undefined || others.length > 0 || !by.every((name) => aggregate.by.includes(name))) {
    return undefined;
  }
  const [name, { function: called, arguments: columns }] = only;
  const [column = ''] = columns;
  const isNumber = called === 'max' && columnType(aggregate.input.schema, column) in numberTypes;
  return isNumber && first?.column === name && first.descending ? column : undefined;
}

const numberTypes = { bigint: true, int: true, double: true, timestamp: true };

/** By column of the top, the column of the rows that it is. @param number `largestFirst` of the plan */
export function columnsOfRows(
  { schema }: TopRelation,
  { by }: AggregateRelation,
  number: string,
): ReadonlyMap<string, string> {
  return new Map(Object.keys(schema).map((name) => [name, by.includes(name) ? name : number]));
}

/**
 * The row of each group with the largest number, of equal ones the first in an order; a null is less than all. Rows only come.
 */
export class TopRows {
  private readonly groupIds = new KeyGroupIds();
  private groupCount = 0;
  /** By group: the largest number, −∞ where only nulls came. */
  private largest: Float64Array = new Float64Array(16);
  /** Rows that were first when they came; by group, the one of them that still is. */
  private readonly firsts: StoredRows;
  private firstOf: Indexes<RowIndex> = new Int32Array(16);
  /** By column of the result, the column of the rows. */
  private readonly columns: ReadonlyMap<string, string>;
  private readonly tieBreakers: readonly SortKey[];

  /** @param number the column of numbers, `largestFirst` of the plan */
  constructor(
    input: Operator,
    private readonly node: TopRelation,
    aggregate: AggregateRelation,
    number: string,
  ) {
    this.columns = columnsOfRows(node, aggregate, number);
    this.tieBreakers = node.order.slice(1);
    this.firsts = new StoredRows(input.schema);
    this.firsts.retain(this.columns.values());
    input.require(this.columns.values());
    input.onDelta((delta) => this.take(delta, delta.column(number)));
  }

  get table(): ColumnarTable {
    const rows = this.firstOf.subarray(0, this.groupCount);
    const columns = [...this.columns].map(([name, source]) => [
      name,
      this.firsts.column(source).gather(rows),
    ]);
    return columnarTable(this.node.schema, Object.fromEntries(columns));
  }

  private take(delta: Delta, column: Column): void {
    if (!(column instanceof NumberColumn)) {
      throw new TypeError(`A column of ${column.type} has no largest number.`);
    }
    const { values } = column;
    const groups = this.groupsOf(delta);
    const { largest } = this;
    /** By group, the row of this delta that is first, where it is one of these. */
    const firstHere = new Map<GroupId, RowIndex>();
    for (let row = 0; row < groups.length; row += 1) {
      const group = groups[row] ?? 0;
      const value = values[row] ?? Number.NaN;
      const number = Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
      const most = largest[group] ?? Number.NEGATIVE_INFINITY;
      if (
        group < this.groupCount &&
        (number < most || (number === most && !this.winsTie(delta, row, group, firstHere)))
      ) {
        continue;
      }
      largest[group] = number;
      firstHere.set(group, row);
      this.groupCount = Math.max(this.groupCount, group + 1);
    }
    const stored = this.firsts.append(new FilteredDelta(delta, Int32Array.from(firstHere.values())));
    for (const [i, group] of [...firstHere.keys()].entries()) {
      this.firstOf[group] = stored + i;
    }
  }

  private groupsOf(delta: Delta): Indexes<GroupId> {
    const columns = this.node.by.map((name) => delta.column(name));
    const groups =
      columns.length === 0 ? new Int32Array(delta.length) : this.groupIds.intern(columns, delta.memory);
    const count = Math.max(1, this.groupIds.size);
    this.largest = ensureCapacity(this.largest, count);
    this.firstOf = ensureCapacity(this.firstOf, count);
    return groups;
  }

  /** Tells if a row comes before the first one of its group, whose number is the same. */
  private winsTie(
    delta: Delta,
    row: RowIndex,
    group: GroupId,
    firstHere: ReadonlyMap<GroupId, RowIndex>,
  ): boolean {
    const here = firstHere.get(group);
    for (const { column, descending } of this.tieBreakers) {
      const own = delta.column(column);
      const other = here === undefined ? this.firsts.column(column) : own;
      const otherRow = here ?? this.firstOf[group] ?? 0;
      const result = compareCells(own, row, other, otherRow, descending);
      if (result !== 0) {
        return result < 0;
      }
    }
    return false;
  }
}

/** Compares two cells; equal codes of one dictionary spare the comparison of strings. */
export function compareCells(
  a: Column,
  rowOfA: RowIndex,
  b: Column,
  rowOfB: RowIndex,
  descending: boolean,
): number {
  const isSame =
    a instanceof StringColumn &&
    b instanceof StringColumn &&
    a.dictionary === b.dictionary &&
    a.codeAt(rowOfA) === b.codeAt(rowOfB);
  return isSame ? 0 : compareValues(a.at(rowOfA), b.at(rowOfB), descending);
}
